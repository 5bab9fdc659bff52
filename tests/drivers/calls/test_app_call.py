"""One call of the app: what it receives, what it may send, and what became of it."""

from __future__ import annotations

import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, suppress
from contextvars import ContextVar, copy_context
from typing import Any, Final

import anyio
import pytest
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.calls.app_call import AppCall, Limited
from asgi_lockstep._drivers.calls.contract import LoopRunner, Outcome
from asgi_lockstep._drivers.calls.tasks import Signal
from asgi_lockstep._drivers.clock.idle_time import Awaited
from asgi_lockstep._drivers.on_asyncio.loop_runner import SteppedLoop
from asgi_lockstep._drivers.on_trio.loop_runner import SteppedRun
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._types import ASGI3App, Message, Receive, Scope, Send
from asgi_lockstep.diagnosis import Diagnosis
from asgi_lockstep.errors import Deadlock, ProtocolViolation
from helpers import Listener, body, hello, start
from protocol.exchanges import Listening

RUNNERS: Final[dict[str, Callable[[], Any]]] = {"asyncio": lambda: SteppedLoop({}), "trio": lambda: SteppedRun({})}

_variable: ContextVar[str] = ContextVar("_variable", default="nothing")


@pytest.fixture(params=RUNNERS)
def runner(request: pytest.FixtureRequest) -> Iterator[LoopRunner]:
    """The runner of each library."""
    with closing(RUNNERS[request.param]()) as made:
        yield made


def exchange_for(
    data: bytes | None = b"", *, collect: bool = True, kind: type[HTTPExchange] = HTTPExchange
) -> HTTPExchange:
    """A request for `/`."""
    scope = {"type": "http", "method": "GET", "path": "/", "asgi": {"version": "3.0", "spec_version": "2.3"}}
    return kind(scope, data, collect=collect)


def begun(app: ASGI3App, exchange: HTTPExchange, runner: LoopRunner) -> AppCall[HTTPExchange]:
    """A call of the app that begins with the next turn."""
    call = AppCall(app, exchange)
    call.begin(runner)
    return call


def test_an_app_that_returns_has_returned(runner: LoopRunner) -> None:
    """The exchange is told, and has the response."""
    exchange = exchange_for()
    begun(hello, exchange, runner)
    assert runner.turn(lambda: exchange.ended) is Outcome.MET
    assert (exchange.app_end, exchange.exception, exchange.body) == ("returned", None, b"GET /")


def test_an_exception_of_the_app_is_kept(runner: LoopRunner) -> None:
    """The object itself."""
    failure = ValueError("no")

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise failure

    exchange = exchange_for()
    begun(app, exchange, runner)
    runner.turn(lambda: exchange.ended)
    assert (exchange.app_end, exchange.exception) == ("raised", failure)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_what_must_end_the_test_run_is_kept_too(runner: LoopRunner, kind: type[BaseException]) -> None:
    """The exchange knows of it, so that its state is not "running" for ever."""

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise kind

    exchange = exchange_for()
    begun(app, exchange, runner)
    with suppress(kind):
        runner.turn(lambda: exchange.ended)
    assert (exchange.app_end, type(exchange.exception)) == ("raised", kind)


def test_receive_waits_until_there_is_a_message(runner: LoopRunner) -> None:
    """The request body is fed later, by the client."""
    received: list[Any] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        received.append(await receive())

    exchange = exchange_for(None)
    begun(app, exchange, runner)
    assert runner.turn(lambda: exchange.wants_body) is Outcome.MET
    assert received == []
    exchange.feed(None)
    runner.turn(lambda: exchange.ended)
    assert received == [{"type": "http.request", "body": b"", "more_body": False}]


def test_send_waits_until_the_client_has_taken_what_was_sent(runner: LoopRunner) -> None:
    """A streaming app is never more than one piece ahead of its reader."""
    app = Listener(http=None)

    async def stream(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        for number in range(3):
            await send(body(b"%d" % number, more=number < 2))
            app.events.append(number)

    exchange = exchange_for(collect=False)
    begun(stream, exchange, runner)
    for expected in ([], [0], [0, 1]):
        runner.turn(lambda: exchange.has_chunk)
        assert app.events == expected
        exchange.take_chunk()
    runner.turn(lambda: exchange.ended)
    assert app.events == [0, 1, 2]


def test_send_raises_at_the_line_of_the_app_that_broke_the_rules(runner: LoopRunner) -> None:
    """The app may even handle it."""
    caught: list[ProtocolViolation] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            await send(body(b"too early"))
        except ProtocolViolation as violation:
            caught.append(violation)

    exchange = exchange_for()
    begun(app, exchange, runner)
    runner.turn(lambda: exchange.ended)
    assert [violation.message_type for violation in caught] == ["http.response.body"]


def test_the_app_runs_in_a_copy_of_the_callers_context(runner: LoopRunner) -> None:
    """It sees what the test has set before the call, and changes nothing there."""
    seen: list[str] = []

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(_variable.get())
        _variable.set("changed by the app")

    exchange = exchange_for()
    token = _variable.set("set by the test")
    try:
        begun(app, exchange, runner)
        _variable.set("set after the call")
        runner.turn(lambda: exchange.ended)
        assert (seen, _variable.get()) == (["set by the test"], "set after the call")
    finally:
        _variable.reset(token)


def cancelled_after(runner: LoopRunner, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> HTTPExchange:
    """The exchange of an app that was turned, then cancelled, then turned to its end."""
    exchange = exchange_for()
    call = begun(app, exchange, runner)
    runner.turn(lambda: True)
    call.cancel_app()
    assert runner.turn(lambda: exchange.ended) is Outcome.MET
    return exchange


async def _wait_for_ever(_scope: Scope, _receive: Receive, _send: Send) -> None:
    await anyio.sleep_forever()


def test_an_app_that_was_cancelled_is_cancelled(runner: LoopRunner) -> None:
    """That is no exception of the app."""
    exchange = cancelled_after(runner, _wait_for_ever)
    assert (exchange.app_end, exchange.exception) == ("cancelled", None)


def test_an_app_that_waits_in_a_task_group_is_cancelled_like_any_other(runner: LoopRunner) -> None:
    """Libraries wrap what they raise in groups; a cancellation stays one."""

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep_forever)
            group.start_soon(anyio.sleep_forever)

    exchange = cancelled_after(runner, app)
    assert (exchange.app_end, exchange.exception) == ("cancelled", None)


def test_an_exception_in_the_clean_up_of_a_cancelled_app_is_kept(runner: LoopRunner) -> None:
    """Cancelling does not hide a bug."""

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            raise ValueError("in the clean-up")

    exchange = cancelled_after(runner, app)
    assert (exchange.app_end, str(exchange.exception)) == ("raised", "in the clean-up")


def test_an_app_that_was_cancelled_before_it_began_has_ended(runner: LoopRunner) -> None:
    """Nobody may wait for it for ever."""
    exchange = exchange_for()
    call = begun(_wait_for_ever, exchange, runner)
    call.cancel_app()
    assert runner.turn(lambda: exchange.ended, patience=60) is Outcome.MET
    assert exchange.app_end == "cancelled"


def test_who_wants_to_know_of_the_end_is_told_once(runner: LoopRunner) -> None:
    """In the order in which they asked, when the end can be read; whoever asks later is not told."""
    ends: list[str] = []
    exchange = exchange_for()
    call = begun(hello, exchange, runner)
    call.when_ended(lambda: ends.append(f"first {exchange.app_end}"))
    call.when_ended(lambda: ends.append(f"second {exchange.app_end}"))
    runner.turn(lambda: exchange.ended)
    runner.spawn(checkpoint, copy_context())
    runner.turn(lambda: True)
    call.when_ended(lambda: ends.append("late"))
    assert ends == ["first returned", "second returned"]


def test_a_call_that_is_over_is_not_held_by_its_exchange(runner: LoopRunner) -> None:
    """They would be a cycle, for each request, that only the garbage collector could end."""
    exchange = exchange_for()
    call = weakref.ref(begun(hello, exchange, runner))
    runner.turn(lambda: exchange.ended)
    runner.turn(lambda: True)
    assert call() is None


def test_a_call_that_has_not_begun_is_shown_as_such() -> None:
    """And one that has with its number."""
    call = AppCall(hello, exchange_for(), sent_at="test.py:1")
    assert repr(call) == f"<AppCall -1 of {call.exchange!r}, sent at test.py:1>"


def test_a_call_without_a_way_to_time_out_ends_in_a_deadlock() -> None:
    """Until a client says what it raises."""
    diagnosis = Diagnosis("the moon")
    raised = AppCall(hello, exchange_for()).timed_out(diagnosis, endless=False)
    assert isinstance(raised, Deadlock)
    assert raised.diagnosis == diagnosis


def test_a_call_can_be_awaited_with_another_limit(runner: LoopRunner) -> None:
    """All else is that of the call."""
    seen: list[Any] = []

    def timed_out(awaited: Awaited, diagnosis: Diagnosis, endless: bool) -> BaseException:
        seen.append((awaited, diagnosis, endless))
        return TimeoutError()

    call = AppCall(hello, exchange_for(), limit=5.0, timed_out=timed_out)
    limited = Limited(call, 1.0)
    call.begin(runner)
    runner.turn(lambda: call.exchange.ended)
    limited.timed_out(Diagnosis("the moon"), endless=True)
    assert (limited.limit, limited.exchange, limited.events, call.limit) == (1.0, call.exchange, 2, 5.0)
    assert seen == [(limited, Diagnosis("the moon"), True)]
    assert limited.changes() is call.changes()


@pytest.mark.parametrize(
    ("receives", "sends", "waits"),
    [(0, 0, ""), (1, 0, " in receive()"), (0, 1, " in send()"), (2, 1, " in receive() and send()")],
)
def test_a_call_shows_where_its_app_stands_in_asgi(
    monkeypatch: pytest.MonkeyPatch, receives: int, sends: int, waits: str
) -> None:
    """What its tasks wait for, and the last message each way."""
    call = AppCall(hello, exchange_for())
    monkeypatch.setattr(call, "receivers", Listening(waiting=receives))
    monkeypatch.setattr(call, "senders", Listening(waiting=sends))
    before = call.app_waits
    call.last_received, call.last_sent = "http.request", "http.response.start"
    assert (before, call.app_waits) == (
        f"{waits}, has received nothing and sent nothing last",
        f"{waits}, has received http.request and sent http.response.start last",
    )


# What the exchange is told about the app's side.


async def receives(receive: Receive) -> None:
    """A task that waits for one message."""
    await receive()


def waiting_in(signal: Signal | None) -> int:
    """How many tasks wait there."""
    return 0 if signal is None else signal.waiting


def counts(call: AppCall[HTTPExchange]) -> tuple[int, int, int, str | None, str | None]:
    """How many tasks receive and send, how many messages have passed, and the last of each kind."""
    return waiting_in(call.receivers), waiting_in(call.senders), call.events, call.last_received, call.last_sent


def test_an_app_that_waits_in_receive_is_counted(runner: LoopRunner) -> None:
    """Each of its tasks, and only as long as it waits; a message that is there is not waited for."""

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        async with anyio.create_task_group() as group:
            group.start_soon(receives, receive)
            group.start_soon(receives, receive)

    exchange = exchange_for(b"all of it")
    call = begun(app, exchange, runner)
    runner.turn(lambda: waiting_in(call.receivers) == 2)
    waiting = counts(call)
    exchange.disconnect()
    runner.turn(lambda: exchange.ended)
    assert (waiting, counts(call)) == (
        (2, 0, 1, "http.request", None),
        (0, 0, 1, "http.disconnect", None),
    )


def test_an_app_that_waits_in_send_is_counted(runner: LoopRunner) -> None:
    """Until the client has taken what was sent."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"x"))

    exchange = exchange_for(collect=False)
    call = begun(app, exchange, runner)
    runner.turn(lambda: exchange.has_chunk)
    waiting = counts(call)
    exchange.take_chunk()
    runner.turn(lambda: exchange.ended)
    assert (waiting, counts(call)) == (
        (0, 1, 2, None, "http.response.body"),
        (0, 0, 2, None, "http.response.body"),
    )


def test_an_app_that_is_cancelled_where_it_waits_waits_no_more(runner: LoopRunner) -> None:
    """In `receive()`, or in `send()`."""

    async def waits(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()

    async def sends(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"x"))

    for app in (waits, sends):
        exchange = exchange_for(None, collect=False)
        call = begun(app, exchange, runner)
        runner.turn(lambda call=call: waiting_in(call.receivers) + waiting_in(call.senders) == 1)  # type: ignore[misc]
        call.cancel_app()
        runner.turn(lambda exchange=exchange: exchange.ended)  # type: ignore[misc]
        assert (exchange.app_end, waiting_in(call.receivers), waiting_in(call.senders)) == ("cancelled", 0, 0)


def test_an_app_that_sends_to_a_client_that_collects_lets_others_run(runner: LoopRunner) -> None:
    """Now and then, although nothing holds it back: it would keep its thread for ever otherwise."""
    others: list[str] = []

    async def other() -> None:
        others.append("ran")

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        while not others:
            await send(body(b"x", more=True))
        await send(body())

    exchange = exchange_for()
    begun(app, exchange, runner)
    runner.spawn(other, copy_context())
    assert (runner.turn(lambda: exchange.ended), exchange.app_end) == (Outcome.MET, "returned")


def test_the_tasks_of_an_app_belong_to_its_call(runner: LoopRunner) -> None:
    """The app call itself, and what it has started; when all have ended, there are none."""

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(receives, receive)

    exchange = exchange_for(None)
    call = begun(app, exchange, runner)
    runner.turn(lambda: waiting_in(call.receivers) == 1)
    assert [task.call for task in runner.app_tasks()] == [call, call]
    exchange.disconnect()
    runner.turn(lambda: exchange.ended)
    assert (runner.app_tasks(), call.runs_on(runner)) == ([], True)


def test_who_waits_in_receive_is_not_woken_by_each_piece_of_the_response(runner: LoopRunner) -> None:
    """Starlette watches for the disconnect while it streams; waking it each time would cost too much."""
    asked: list[str] = []

    class Asked(HTTPExchange):
        def to_app(self) -> Message | None:
            message = super().to_app()
            asked.append("nothing" if message is None else message["type"])
            return message

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

        async def watch() -> None:
            await receive()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch)
            await send(start())
            for _ in range(20):
                await send(body(b"x", more=True))
            await send(body())

    exchange = exchange_for(collect=False, kind=Asked)
    begun(app, exchange, runner)
    while not exchange.ended:
        runner.turn(lambda: exchange.has_chunk or exchange.ended)
        if exchange.has_chunk:
            exchange.take_chunk()
    assert (exchange.bytes_read, asked) == (20, ["http.request", "nothing", "nothing", "http.disconnect"])
