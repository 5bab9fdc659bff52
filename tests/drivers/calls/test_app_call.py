"""One call of the app: what it receives, what it may send, and what became of it."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from contextvars import ContextVar
from typing import Any

import anyio
import pytest
import trio
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.calls.app_call import AppCall, Limited
from asgi_lockstep._drivers.calls.contract import LoopRunner, Outcome
from asgi_lockstep._drivers.clock.idle_time import Awaited
from asgi_lockstep._drivers.happenings.recorder import Recorder
from asgi_lockstep._drivers.on_trio.loop_runner import SteppedRun
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._types import Receive, Scope, Send
from asgi_lockstep.diagnosis import Diagnosis
from asgi_lockstep.errors import Deadlock, ProtocolViolation
from drivers.app_calls import RUNNERS, begun, exchange_for, spawn
from helpers import Listener, body, hello, start
from protocol.exchanges import Listening

_variable: ContextVar[str] = ContextVar("_variable", default="nothing")


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


def test_an_app_whose_nursery_was_cancelled_is_cancelled() -> None:
    """A nursery of trio raises a group of cancellations, of which nothing is left."""

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            await trio.sleep_forever()

    with closing(SteppedRun({})) as runner:
        exchange = cancelled_after(runner, app)
    assert (exchange.app_end, exchange.exception) == ("cancelled", None)


def test_what_a_clean_up_raises_among_cancellations_is_kept_without_them() -> None:
    """The group is split: the exception of the app remains."""

    async def cleans_up_badly() -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise ValueError("in the clean-up")

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(cleans_up_badly)
            await trio.sleep_forever()

    with closing(SteppedRun({})) as runner:
        exchange = cancelled_after(runner, app)
    group = exchange.exception
    assert isinstance(group, ExceptionGroup)
    assert (exchange.app_end, [str(exception) for exception in group.exceptions]) == ("raised", ["in the clean-up"])


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
    spawn(runner, checkpoint)
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
    """And one that has with its number; with the line of the test, if that is known."""
    exchange, recorder, here = exchange_for(), Recorder(), sys._getframe()
    known = AppCall(hello, exchange, recorder=recorder, note=recorder.request(exchange.scope, (), here))
    line = here.f_lineno - 1
    assert repr(known) == f"<AppCall -1 of {exchange!r}, sent at {__file__}:{line}>"
    assert repr(AppCall(hello, exchange)) == f"<AppCall -1 of {exchange!r}, sent at an unknown line>"


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


def test_an_app_that_is_thrown_away_with_its_loop_counts_as_cancelled() -> None:
    """What ignores its cancellation is collected when no loop runs, which could be asked what a cancellation is."""

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()

    exchange = exchange_for(None)
    with closing(RUNNERS["asyncio"]()) as runner:
        call = AppCall(app, exchange)
        call._tasks = runner
        main = call._main()
        main.send(None)
    main.close()
    assert (exchange.app_end, exchange.exception) == ("cancelled", None)
