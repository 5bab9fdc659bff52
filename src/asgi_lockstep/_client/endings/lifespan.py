"""What the end of a lifespan step means: go on, or raise. The same for both clients."""

from __future__ import annotations

from ..._drivers.calls.app_call import FATAL, AppCall
from ..._drivers.turning.sync_driver import SyncDriver
from ..._protocol.lifespan_exchange import LifespanExchange
from ..._protocol.steps import stop_lifespan
from ..._protocol.varied_exchanges import explained
from ...errors import LifespanFailed
from ..options import GRACE, ExchangeOptions


def check_startup(exchange: LifespanExchange, mode: str, options: ExchangeOptions, raises_refusals: bool) -> bool:
    """Whether the app has a lifespan; raises if it has one that did not start, if possible what the app has raised.

    Args:
        exchange: after `start_lifespan`.
        mode: `"auto"` lets an app go without lifespan, `"on"` does not.
        options: whether exceptions of the app are raised, and what the first request that fails says of the lifespan.
        raises_refusals: whether what an app raises that goes without is raised all the same.
    """
    __tracebackhide__ = True
    if exchange.startup_answered and not exchange.startup_failed:
        options.lifespan.entered()
        return True
    refusal = exchange.exception
    if mode == "auto" and _goes_without(exchange, options) and not (raises_refusals and refusal is not None):
        options.lifespan.entered(refusal)
        return False
    # Frameworks send `startup.failed` with a traceback, and then let the exception go on, which says more.
    if exchange.exception is not None:
        raise exchange.exception
    if exchange.failure is not None:
        raise explained(LifespanFailed("startup", exchange.failure), exchange)
    raise explained(LifespanFailed("startup", 'the app returned without answering "lifespan.startup"'), exchange)


def _goes_without(exchange: LifespanExchange, options: ExchangeOptions) -> bool:
    """Whether a server goes on without the lifespan of the app.

    lifespan.rst, Scope: an app that does not know the lifespan says so by raising. Servers take whatever it raises for
    that, also when it has begun; in a test such an app has a mistake, unless its exceptions are not to be raised.
    """
    if not exchange.touched:
        return True
    fatal = isinstance(exchange.exception, FATAL)
    return not (options.raise_server_exceptions or exchange.startup_failed or fatal)


def check_shutdown(exchange: LifespanExchange, options: ExchangeOptions) -> BaseException | None:
    """What leaving the client has to raise, if anything: what the app itself has raised, if it has.

    Nothing where exceptions of the app are not to be raised: servers log them, and end as they would have.
    """
    if not options.raise_server_exceptions and not isinstance(exchange.exception, FATAL):
        return None
    if exchange.exception is None and exchange.failure is not None:
        return explained(LifespanFailed("shutdown", exchange.failure), exchange)
    return exchange.exception


def stop(driver: SyncDriver, call: AppCall[LifespanExchange], options: ExchangeOptions) -> None:
    """Shut the app of the sync client down, and raise what leaving the client has to raise."""
    __tracebackhide__ = True
    driver.run(stop_lifespan(call.exchange, GRACE), call)
    failure = check_shutdown(call.exchange, options)
    if failure is not None:
        raise failure
