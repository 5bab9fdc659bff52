"""What the end of a lifespan step means: go on, or raise. The same for both clients."""

from __future__ import annotations

from ..._drivers.calls.app_call import AppCall
from ..._drivers.turning.sync_driver import SyncDriver
from ..._protocol.lifespan_exchange import LifespanExchange
from ..._protocol.steps import stop_lifespan
from ...errors import LifespanFailed
from ..options import GRACE


def check_startup(exchange: LifespanExchange, mode: str) -> bool:
    """Whether the app has a lifespan; raises if it has one that did not start.

    Args:
        exchange: after `start_lifespan`.
        mode: `"auto"` lets an app go without lifespan, `"on"` does not.
    """
    if exchange.failure is not None:
        raise _failed("startup", exchange.failure, exchange.exception)
    if exchange.startup_answered:
        return True
    # lifespan.rst, Scope: an app that does not know the lifespan says so by raising; servers go on without it.
    if mode == "auto" and not exchange.touched:
        return False
    if exchange.exception is not None:
        raise exchange.exception
    raise LifespanFailed("startup", 'the app returned without answering "lifespan.startup"')


def check_shutdown(exchange: LifespanExchange) -> BaseException | None:
    """What leaving the client has to raise, if anything."""
    if exchange.failure is not None:
        return _failed("shutdown", exchange.failure, exchange.exception)
    return exchange.exception


def stop(driver: SyncDriver, call: AppCall[LifespanExchange]) -> None:
    """Shut the app of the sync client down, and raise what leaving the client has to raise."""
    __tracebackhide__ = True
    driver.run(stop_lifespan(call.exchange, GRACE), call)
    failure = check_shutdown(call.exchange)
    if failure is not None:
        raise failure


def _failed(phase: str, message: str, cause: BaseException | None) -> BaseException:
    """`LifespanFailed`, chained to what the app raised, and an instance of its class too.

    Starlette's router sends `startup.failed` and then lets the exception go on; suites expect that exception.
    """
    plain = LifespanFailed(phase, message)
    failed: BaseException = plain
    if cause is None:
        return failed
    if isinstance(cause, Exception):
        try:
            both = type(f"LifespanFailed[{type(cause).__name__}]", (LifespanFailed, type(cause)), {})
            twin: BaseException = both.__new__(both, *cause.args)
            twin.__dict__.update(cause.__dict__)
            twin.__dict__.update(plain.__dict__)
            twin.args = plain.args
            failed = twin
        except TypeError:
            pass  # a class that cannot be inherited from, or wants other arguments: the chain has to do
    failed.__cause__ = cause
    return failed
