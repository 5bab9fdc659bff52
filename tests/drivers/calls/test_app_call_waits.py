"""What the exchange is told about the side of the app: where it waits, and which tasks are its own."""

from __future__ import annotations

import anyio

from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._drivers.calls.contract import LoopRunner, Outcome
from asgi_lockstep._drivers.calls.tasks import Signal
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._types import Message, Receive, Scope, Send
from drivers.app_calls import begun, exchange_for, receives, spawn
from helpers import body, start


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
    spawn(runner, other)
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
