"""What the end of a lifespan step means: go on, or raise. The same for both clients."""

from __future__ import annotations

from ..._drivers.calls.app_call import AppCall
from ..._drivers.turning.sync_driver import SyncDriver
from ..._protocol.lifespan_exchange import LifespanExchange
from ..._protocol.steps import stop_lifespan
from ..._protocol.varied_exchanges import explained
from ...errors import LifespanFailed
from ..lifespan_record import LifespanRecord
from ..options import GRACE


def check_startup(exchange: LifespanExchange, mode: str, record: LifespanRecord, raises_refusals: bool) -> bool:
    """Whether the app has a lifespan; raises if it has one that did not start, if possible what the app has raised.

    Args:
        exchange: after `start_lifespan`.
        mode: `"auto"` lets an app go without lifespan, `"on"` does not.
        record: what the first request that fails says of it.
        raises_refusals: whether what an app raises that goes without is raised all the same.
    """
    __tracebackhide__ = True
    if exchange.startup_answered and not exchange.startup_failed:
        record.entered()
        return True
    # lifespan.rst, Scope: an app that does not know the lifespan says so by raising; servers go on without it.
    refusal = None if exchange.touched else exchange.exception
    if mode == "auto" and not exchange.touched and not (raises_refusals and refusal is not None):
        record.entered(refusal)
        return False
    # Frameworks send `startup.failed` with a traceback, and then let the exception go on, which says more.
    if exchange.exception is not None:
        raise exchange.exception
    if exchange.failure is not None:
        raise explained(LifespanFailed("startup", exchange.failure), exchange)
    unanswered = LifespanFailed("startup", 'the app returned without answering "lifespan.startup"')
    raise explained(unanswered, exchange)


def check_shutdown(exchange: LifespanExchange) -> BaseException | None:
    """What leaving the client has to raise, if anything: what the app itself has raised, if it has."""
    if exchange.exception is None and exchange.failure is not None:
        return explained(LifespanFailed("shutdown", exchange.failure), exchange)
    return exchange.exception


def stop(driver: SyncDriver, call: AppCall[LifespanExchange]) -> None:
    """Shut the app of the sync client down, and raise what leaving the client has to raise."""
    __tracebackhide__ = True
    driver.run(stop_lifespan(call.exchange, GRACE), call)
    failure = check_shutdown(call.exchange)
    if failure is not None:
        raise failure
