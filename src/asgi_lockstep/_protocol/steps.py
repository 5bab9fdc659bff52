"""What a client does, as generators of steps.

A step says what has to happen before the client can go on; whoever runs the generator makes it happen: a driver that
turns an event loop on this thread, or one that awaits on the loop that runs already. So each decision is written
once, for the sync and the async client, for asyncio and trio. Nothing here waits.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from ..errors import TimedOut
from .exchange import Exchange
from .http_exchange import HTTPExchange
from .lifespan_exchange import LifespanExchange
from .websocket_exchange import SERVICE_RESTART, WebSocketExchange

T = TypeVar("T")


class Move:
    """The app must move until `until()` holds and no task of it is ready to run.

    Args:
        until: asked whenever the app has come to rest.
        waits_for: what the client waits for, to be read after "the test waits for".
        patience: None to wait as long as anything can still happen. A number of seconds to go on, whether `until()`
            holds or not, as soon as the app rests and nothing outside of it is at work, at most after that time.
    """

    __slots__ = ("patience", "until", "waits_for")

    def __init__(self, until: Callable[[], bool], waits_for: str, patience: float | None = None) -> None:
        self.until = until
        self.waits_for = waits_for
        self.patience = patience


class Pull:
    """The next piece of the request body is needed; the answer is that piece, or None at its end."""


PULL = Pull()
Steps = Generator[Move | Pull, bytes | None, T]


def always() -> bool:
    """A condition that holds at every rest."""
    return True


#: The app goes on until it rests.
SETTLE = Move(always, "the app to come to rest")


def move(until: Callable[[], bool], waits_for: str) -> Steps[None]:
    """Run until `until()` holds and the app rests.

    Args:
        until, waits_for: see `Move`.
    """
    yield Move(until, waits_for)


def resumed(steps: Steps[T]) -> Steps[T]:
    """What is left of steps that begin a call, and of which the first one, in which the app comes to rest, is done."""
    next(steps)
    return (yield from steps)


def act(change: Callable[[], T]) -> Steps[T]:
    """Make a change to an exchange, and run until the app rests; returns what the change has returned."""
    result = change()
    yield SETTLE
    return result


def request(exchange: HTTPExchange, grace: float | None) -> Steps[None]:
    """Run until the response has started; where the whole body is collected, until the app has ended.

    As all that begin a call: first the app comes to rest. Where the goal is reached by then, nothing has to move.

    Args:
        grace: if the client goes away meanwhile, as in `leave()`.
    """

    def goal() -> bool:
        return exchange.done or exchange.disconnected if exchange.collect else exchange.answered

    request = exchange.request
    waits_for = f"the app to finish {request}" if exchange.collect else f"the response to {request} to start"
    try:
        yield SETTLE
        if not goal():
            yield from _feeding(exchange, goal, waits_for)
        if exchange.disconnected:
            yield from _end(exchange, grace)
    except (GeneratorExit, TimedOut):
        raise  # the app goes on as it is
    except BaseException:
        yield from abort(exchange, grace)
        raise


def started(exchange: HTTPExchange) -> Steps[None]:
    """Run until the response has started; the request body comes from elsewhere."""
    yield Move(lambda: exchange.answered, f"the response to {exchange.request} to start")


def read_chunk(exchange: HTTPExchange) -> Steps[bytes | None]:
    """The next piece of the response body, or None after the last one, when the app has ended."""
    while True:
        if not exchange.has_chunk and not exchange.done:
            yield from _feeding(
                exchange,
                lambda: exchange.has_chunk or exchange.done or exchange.disconnected,
                f"the next piece of the response to {exchange.request}",
            )
        if not exchange.has_chunk:
            return None
        chunk = exchange.take_chunk()
        if not exchange.ended:
            yield SETTLE  # so that the app has reached its next send() when the test goes on
        if chunk:
            return chunk


def leave(exchange: HTTPExchange, grace: float | None) -> Steps[None]:
    """The client goes away: a complete response waits for the work behind it, any other sees a disconnect.

    Args:
        grace: how long the app may take to end by itself after that, in seconds; None to cancel it before it is told.
            The same in all the steps below.
    """
    if exchange.ended:
        return
    exchange.drop_empty_chunks()
    if exchange.done:
        return
    if exchange.complete:
        yield Move(lambda: exchange.ended, f"the work behind {exchange.request} to end")
        return
    _cancel_at_once(exchange, grace)
    exchange.disconnect()
    yield from _end(exchange, grace)


def abort(exchange: HTTPExchange, grace: float | None) -> Steps[None]:
    """The client is closed: the app is ended, whether its response is complete or not."""
    _cancel_at_once(exchange, grace)
    exchange.disconnect()
    yield from _end(exchange, grace)


def let_go(exchange: Exchange, grace: float | None) -> Steps[None]:
    """The client is left while the exchange is open: servers end each of their connections before they shut down."""
    if isinstance(exchange, WebSocketExchange):
        yield from leave_websocket(exchange, SERVICE_RESTART, "", grace)
    elif isinstance(exchange, HTTPExchange):
        yield from abort(exchange, grace)


def open_websocket(exchange: WebSocketExchange, grace: float | None) -> Steps[None]:
    """Run until the handshake is answered, or the app has ended without an answer; an accept is taken."""
    try:
        yield SETTLE
        if not (exchange.answered or exchange.ended):
            yield Move(
                lambda: exchange.answered or exchange.ended, f"the app to answer the handshake of {exchange.request}"
            )
        if exchange.accept is not None:
            exchange.take()
        elif exchange.refused:
            yield from _end(exchange, grace)  # there will be no session, whose block would see to that
    except GeneratorExit:
        raise
    except BaseException:
        yield from leave_websocket(exchange, 1006, "", grace)
        raise


def next_message(exchange: WebSocketExchange) -> Steps[bool]:
    """Run until a message of the app waits for the client; False if none can come any more."""
    if not exchange.to_client:
        if exchange.disconnected:
            yield SETTLE
        else:
            yield Move(
                lambda: bool(exchange.to_client) or exchange.ended or exchange.close_code is not None,
                f"a message from {exchange.request}",
            )
    return bool(exchange.to_client)


def leave_websocket(exchange: WebSocketExchange, code: int, reason: str, grace: float | None) -> Steps[None]:
    """The client closes; the app may finish its clean-up."""
    _cancel_at_once(exchange, grace)
    exchange.disconnect(code, reason)
    yield from _end(exchange, grace)


def start_lifespan(exchange: LifespanExchange, grace: float | None) -> Steps[None]:
    """Run until the app has answered `lifespan.startup`, or ended without an answer."""
    try:
        yield SETTLE
        if not (exchange.startup_answered or exchange.ended):
            yield Move(lambda: exchange.startup_answered or exchange.ended, "the lifespan startup of the app")
        if exchange.startup_failed:
            yield from _end(exchange, grace)
    except GeneratorExit:
        raise
    except BaseException:
        yield from _end(exchange, grace)
        raise


def stop_lifespan(exchange: LifespanExchange, grace: float | None) -> Steps[None]:
    """Shut the app down, and see it end."""
    try:
        if not exchange.ended and not exchange.shutdown_answered:
            exchange.stop()
            yield Move(lambda: exchange.shutdown_answered or exchange.ended, "the lifespan shutdown of the app")
    except GeneratorExit:
        raise
    except BaseException:
        yield from _end(exchange, grace)
        raise
    # Servers end here: what still runs is cancelled, and has its grace to clean up.
    if not exchange.ended:
        yield SETTLE
    if not exchange.ended:
        exchange.end_app(had_grace=False)
        yield _ended(exchange, _AFTER_CANCELLING if grace is None else grace)


def _feeding(exchange: HTTPExchange, goal: Callable[[], bool], waits_for: str) -> Steps[None]:
    """Move to `goal`, handing over pieces of the request body as the app asks for them."""
    while True:
        yield Move(lambda: goal() or exchange.wants_body, waits_for)
        if not exchange.wants_body or goal():
            return
        exchange.feed((yield PULL))


def _end(exchange: Exchange, grace: float | None) -> Steps[None]:
    """See the app end: by itself under the grace, or else cancelled; without a grace, cancelled at once."""
    if not exchange.ended and grace is not None:
        yield _ended(exchange, grace)
    if not exchange.ended:
        exchange.end_app(had_grace=grace is not None)
        yield _ended(exchange, _AFTER_CANCELLING if grace is None else grace)


def _cancel_at_once(exchange: Exchange, grace: float | None) -> None:
    """Without a grace the app is cancelled before it can be told anything."""
    if grace is None and not exchange.ended:
        exchange.end_app(had_grace=False)


def _ended(exchange: Exchange, patience: float) -> Move:
    return Move(lambda: exchange.ended, f"{exchange.request} to end", patience)


#: How long the clean-up of an app that was cancelled at once may take, in seconds.
_AFTER_CANCELLING = 1.0
