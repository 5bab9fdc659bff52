"""Steps, awaited on the loop that runs already."""

from __future__ import annotations

import asyncio
import threading

import anyio
import anyio.to_thread
import pytest
import trio
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._drivers.turning.async_driver import AsyncDriver
from asgi_lockstep._protocol.steps import SETTLE, Move, Steps, leave, request
from asgi_lockstep._types import Receive, Scope, Send
from drivers.async_runs import Run, exchange_for
from helpers import body, hello, read_body, start


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the request body."""
    data = await read_body(receive)
    await send(start())
    await send(body(data))


def test_a_request_is_carried_out(run: Run) -> None:
    """The steps end when the app has ended."""

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for()
        await driver.begin(AppCall(hello, exchange), request(exchange, 1))
        assert exchange.body == b"GET /"

    run(main)


def test_the_result_of_the_steps_is_returned(run: Run) -> None:
    """A generator returns it."""

    def steps() -> Steps[str]:
        yield SETTLE
        return "result"

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for()
        call = AppCall(hello, exchange)
        await driver.begin(call, request(exchange, 1))
        assert await driver.run(steps(), call) == "result"

    run(main)


def test_pieces_of_the_request_body_are_awaited(run: Run) -> None:
    """As the app asks for them."""

    async def main() -> None:
        pieces = iter([b"a", b"b"])

        async def pull() -> bytes | None:
            await checkpoint()
            return next(pieces, None)

        driver, exchange = AsyncDriver(), exchange_for(None)
        await driver.begin(AppCall(echo, exchange), request(exchange, 1), pull)
        assert exchange.body == b"ab"

    run(main)


def test_a_failing_pull_fails_the_request(run: Run) -> None:
    """The app is told that the client is gone, and has ended when the exception comes out."""

    async def main() -> None:
        async def pull() -> bytes | None:
            raise ValueError("no more")

        driver, exchange = AsyncDriver(), exchange_for(None)
        with pytest.raises(ValueError, match=r"^no more$"):
            await driver.begin(AppCall(echo, exchange), request(exchange, 1), pull)
        assert (exchange.disconnected, exchange.ended) == (True, True)

    run(main)


def test_a_step_ends_when_the_app_rests(run: Run) -> None:
    """The answer alone is not enough: what the app does next has been done."""
    events: list[str] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        events.append("answer")
        for _ in range(10):
            await checkpoint()
        events.append("rest")
        await anyio.sleep_forever()

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for(collect=False)
        call = AppCall(app, exchange)
        await driver.begin(call, request(exchange, 1))
        assert events == ["answer", "rest"]
        await driver.run(leave(exchange, 0.01), call)

    run(main)


def test_a_worker_thread_of_the_app_is_waited_for(run: Run) -> None:
    """While it works, the app does not rest."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await anyio.to_thread.run_sync(threading.get_ident)
        await send(start())
        await send(body(b"done"))

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for()
        await driver.begin(AppCall(app, exchange), request(exchange, 1))
        assert exchange.body == b"done"

    run(main)


def test_patience_lasts_while_a_thread_is_at_work(run: Run) -> None:
    """An app that cleans up in a thread after its client has gone is not cancelled."""
    left = threading.Event()

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await receive()
        assert (await receive())["type"] == "http.disconnect"
        await anyio.to_thread.run_sync(left.wait, 0.12)

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for(collect=False)
        call = AppCall(app, exchange)
        await driver.begin(call, request(exchange, 1))
        await driver.run(leave(exchange, 600), call)
        assert exchange.app_end == "returned"

    run(main)


def test_patience_is_not_used_up_by_an_app_that_rests(run: Run) -> None:
    """An app that ignores its disconnect is cancelled at once."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        await anyio.sleep_forever()

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for(collect=False)
        call = AppCall(app, exchange)
        await driver.begin(call, request(exchange, 1))
        await driver.run(leave(exchange, 10**6), call)
        assert exchange.app_end == "cancelled"

    run(main)


def test_an_app_that_spins_is_left_when_patience_ends(run: Run) -> None:
    """It never rests; `sleep(0)` in a loop does not trap the test, and the app is cancelled."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        while True:
            await checkpoint()

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for(collect=False)
        call = AppCall(app, exchange)
        await driver.begin(call, request(exchange, 1))
        await driver.run(leave(exchange, 10**6), call)
        assert exchange.app_end == "cancelled"

    run(main)


@pytest.mark.parametrize("clean_up", [0, 20])
def test_cancelling_the_caller_cleans_up(run: Run, clean_up: int) -> None:
    """The app sees a disconnect and ends, shielded from the cancellation, before it comes out."""
    events: list[str] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        events.append("waits")
        await receive()
        for _ in range(clean_up):
            await checkpoint()
        events.append("cleaned up")

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for()
        with anyio.CancelScope() as scope:
            call = AppCall(app, exchange)
            async with anyio.create_task_group() as group:
                group.start_soon(_cancel_when, scope, events)
                await driver.begin(call, request(exchange, 600))
        assert scope.cancelled_caught
        assert (events, exchange.app_end) == (["waits", "cleaned up"], "returned")

    run(main)


async def _cancel_when(scope: anyio.CancelScope, events: list[str]) -> None:
    while not events:
        await checkpoint()
    scope.cancel()


def test_cancelling_the_callers_asyncio_task_cleans_up() -> None:
    """As `asyncio.timeout()` and `task.cancel()` do."""
    events: list[str] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        events.append("waits")
        await receive()
        events.append("cleaned up")

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for()
        task = asyncio.create_task(driver.begin(AppCall(app, exchange), request(exchange, 600)))
        while "waits" not in events:
            await checkpoint()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert (events, exchange.app_end) == (["waits", "cleaned up"], "returned")
        assert "call_soon" not in vars(asyncio.get_running_loop())

    asyncio.run(main())


def test_a_caller_that_is_cancelled_as_the_app_answers_is_cancelled(run: Run) -> None:
    """By the app itself, say, in the last thing that it does: nothing is left to be done, and it does not return."""
    scopes: list[anyio.CancelScope] = []
    returned: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await hello(scope, receive, send)
        scopes[0].cancel()

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for()
        with anyio.CancelScope() as scope:
            scopes.append(scope)
            await driver.begin(AppCall(app, exchange), request(exchange, 600))
            returned.append("returned")
        assert (scope.cancelled_caught, returned, exchange.app_end) == (True, [], "returned")

    run(main)


def test_the_loop_of_the_caller_is_known(run: Run) -> None:
    """A client that was entered on one loop cannot be used on another."""
    drivers: list[AsyncDriver] = []

    async def make() -> None:
        drivers.append(AsyncDriver())
        assert drivers[0].is_current

    async def look() -> None:
        assert not drivers[0].is_current

    run(make)
    other = "asyncio" if drivers[0].library == "trio" else "trio"
    anyio.run(look, backend=other)
    assert repr(drivers[0]) == f"<AsyncDriver on {drivers[0].library}>"


def test_another_asyncio_loop_is_another_loop() -> None:
    """Same library, other loop."""

    async def make() -> AsyncDriver:
        return AsyncDriver()

    async def look() -> bool:
        return driver.is_current

    driver = asyncio.run(make())
    assert asyncio.run(look()) is False


def test_another_trio_run_is_another_loop() -> None:
    """Same library, other run."""

    async def make() -> AsyncDriver:
        return AsyncDriver()

    async def look() -> bool:
        return driver.is_current

    driver = trio.run(make)
    assert trio.run(look) is False


def test_steps_may_handle_what_failed(run: Run) -> None:
    """What they return after that is the result."""

    def steps() -> Steps[str]:
        try:
            yield Move(fail, "the moon")
        except ValueError:
            yield SETTLE
            return "handled"
        return "met"

    def fail() -> bool:
        raise ValueError

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for()
        call = AppCall(hello, exchange)
        await driver.begin(call, request(exchange, 1))
        assert await driver.run(steps(), call) == "handled"

    run(main)
