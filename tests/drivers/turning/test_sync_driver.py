"""Steps, carried out by turning a runner on this thread or on a worker's."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio
import pytest
import trio

from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._drivers.calls.tasks import do_nothing
from asgi_lockstep._drivers.clock.idle_time import Awaited
from asgi_lockstep._drivers.inspection.source_lines import shown
from asgi_lockstep._drivers.on_asyncio.loop_runner import SteppedLoop
from asgi_lockstep._drivers.on_trio.loop_runner import SteppedRun
from asgi_lockstep._drivers.turning.sync_driver import SyncDriver
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._protocol.lifespan_exchange import LifespanExchange
from asgi_lockstep._protocol.scope import lifespan_scope
from asgi_lockstep._protocol.steps import SETTLE, Move, Steps, act, request, start_lifespan, stop_lifespan
from asgi_lockstep._types import Receive, Scope, Send
from asgi_lockstep.diagnosis import Diagnosis
from asgi_lockstep.errors import Deadlock, TimedOut, UsageError
from helpers import body, hello, read_body, simple_lifespan, start

DRIVERS: Final[dict[str, tuple[Any, bool]]] = {
    "asyncio": (partial(SteppedLoop, {}), False),
    "trio": (partial(SteppedRun, {}), False),
    "asyncio-thread": (partial(SteppedLoop, {}), True),
    "trio-thread": (partial(SteppedRun, {}), True),
}

pytestmark = pytest.mark.usefixtures("no_hang")


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> Iterator[SyncDriver]:
    """Each driver of the sync client, on loops that can prove a stall."""
    new_runner, own_thread = DRIVERS[request.param]
    with closing(SyncDriver(new_runner, own_thread=own_thread)) as made:
        yield made


def exchange_for(data: bytes | None = b"") -> HTTPExchange:
    """A request for `/`."""
    scope = {"type": "http", "method": "GET", "path": "/", "asgi": {"version": "3.0", "spec_version": "2.3"}}
    return HTTPExchange(scope, data, collect=True)


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the request body."""
    data = await read_body(receive)
    await send(start())
    await send(body(data))


def never() -> bool:
    """A condition that never holds."""
    return False


def line_of(text: str) -> str:
    """The first line of this file that is `text`, as a diagnosis shows it."""
    lines = Path(__file__).read_text("utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, 1) if line.strip() == text)
    function = next(line for line in reversed(lines[:number]) if line.startswith(("def ", "async def ")))
    name = function.split("(")[0].split()[-1]
    return f"{shown(__file__)}:{number} in {name}: {text}"


async def stuck(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Never answers."""
    await anyio.Event().wait()


def test_a_request_is_carried_out(driver: SyncDriver) -> None:
    """The steps end when the app has ended, and it is idle again."""
    exchange = exchange_for()
    driver.begin(AppCall(hello, exchange), request(exchange, 1))
    assert (exchange.body, driver.idle) == (b"GET /", True)


def test_the_result_of_the_steps_is_returned(driver: SyncDriver) -> None:
    """A generator returns it."""

    def steps() -> Steps[str]:
        yield SETTLE
        return "result"

    assert driver.run(steps()) == "result"


def test_a_lifespan_lives_between_two_runs(driver: SyncDriver) -> None:
    """Startup and shutdown are one task of the loop."""
    exchange = LifespanExchange(lifespan_scope({}))
    driver.begin(AppCall(simple_lifespan, exchange), start_lifespan(exchange, 1))
    assert (exchange.startup_answered, exchange.ended) == (True, False)
    driver.run(stop_lifespan(exchange, 1))
    assert exchange.app_end == "returned"


@pytest.mark.usefixtures("only_new_garbage")
def test_an_app_that_runs_is_not_lost_to_the_garbage_collector(driver: SyncDriver) -> None:
    """A session that the test has dropped is still a task of the app: it ends with its loop, not at random."""
    events = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        try:
            await receive()
            await receive()
        except BaseException as exc:
            events.append(type(exc).__name__)
            raise

    def begin() -> None:
        driver.begin(AppCall(app, exchange_for()), act(do_nothing))

    begin()
    gc.collect()
    assert (events, driver.idle) == ([], False)
    driver.close()
    assert events in (["CancelledError"], ["Cancelled"])


def test_pieces_of_the_request_body_are_pulled_on_the_thread_of_the_caller(driver: SyncDriver) -> None:
    """A generator of the test runs where the test runs, and its pieces are sent as the app asks for them."""
    pieces = iter([b"a", b"b"])
    threads = set()

    def pull() -> bytes | None:
        threads.add(threading.get_ident())
        return next(pieces, None)

    exchange = exchange_for(None)
    driver.begin(AppCall(echo, exchange), request(exchange, 1), pull)
    assert (exchange.body, threads) == (b"ab", {threading.get_ident()})


def test_the_client_may_be_used_while_a_piece_is_made(driver: SyncDriver) -> None:
    """What produces the body may itself make requests: `pull()` is called without the lock."""
    answers: list[bytes] = []

    def pull() -> bytes | None:
        if answers:
            return None
        other = exchange_for()
        driver.begin(AppCall(hello, other), request(other, 1))
        answers.append(other.body)
        return answers[0]

    exchange = exchange_for(None)
    driver.begin(AppCall(echo, exchange), request(exchange, 1), pull)
    assert exchange.body == b"GET /"


def test_a_failing_pull_fails_the_request(driver: SyncDriver) -> None:
    """The exception comes out where the client was called, after the app has been told that the client is gone."""

    def pull() -> bytes | None:
        raise ValueError("no more")

    exchange = exchange_for(None)
    with pytest.raises(ValueError, match=r"^no more$"):
        driver.begin(AppCall(echo, exchange), request(exchange, 1), pull)
    assert (exchange.disconnected, driver.idle) == (True, True)


def test_steps_that_can_never_be_made_are_a_deadlock(driver: SyncDriver) -> None:
    """The diagnosis says what the test waits for and where, and shows each open exchange and each task of the app."""
    exchange = exchange_for()
    driver.begin(AppCall(stuck, exchange), act(do_nothing))
    with pytest.raises(Deadlock) as caught:
        driver.move(never, "the moon")
    assert caught.value.diagnosis == Diagnosis(
        "the moon",
        line_of('driver.move(never, "the moon")'),
        [repr(exchange)],
        [f"GET /, stands at {line_of('await anyio.Event().wait()')}"],
        threads=[],
        holders=[],
    )


def test_a_deadlock_is_raised_into_the_steps(driver: SyncDriver) -> None:
    """They end what they have begun: an app that never answers is cancelled."""
    exchange = exchange_for()
    with pytest.raises(Deadlock, match=r"^The test waits for the app to finish GET /, and"):
        driver.begin(AppCall(stuck, exchange), request(exchange, 0.01))
    assert exchange.app_end == "cancelled"


def test_steps_may_handle_a_deadlock(driver: SyncDriver) -> None:
    """And go on with other steps."""

    def steps() -> Steps[str]:
        try:
            yield Move(lambda: False, "the moon")
        except Deadlock as deadlock:
            yield SETTLE
            return deadlock.diagnosis.waits_for
        return "met"

    assert driver.run(steps()) == "the moon"


def test_steps_that_take_longer_than_their_limit_raise_what_the_call_says(driver: SyncDriver) -> None:
    """With the diagnosis, which shows what may still come; the app is left as it is."""

    class TooLong(TimedOut):
        pass

    def timed_out(_: Awaited, diagnosis: Diagnosis, endless: bool) -> TooLong:
        assert not endless
        return TooLong(diagnosis, 0.01)

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await anyio.sleep(3600)

    exchange = exchange_for()
    call = AppCall(app, exchange, limit=0.01, timed_out=timed_out)
    with pytest.raises(TooLong) as caught:
        driver.begin(call, request(exchange, 1))
    assert (caught.value.diagnosis.waits_for, caught.value.diagnosis.exchanges) == (
        "the app to finish GET /",
        [repr(exchange)],
    )
    assert not exchange.ended


def test_an_app_that_calls_its_own_client_from_its_loop_is_told_so(driver: SyncDriver) -> None:
    """The thread that turns the loop cannot wait for the loop."""

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        driver.move(lambda: True, "itself")

    exchange = exchange_for()
    driver.begin(AppCall(app, exchange), request(exchange, 1))
    assert isinstance(exchange.exception, Deadlock), exchange.exception
    assert exchange.exception.diagnosis.advice.startswith("The app called its own sync client from the event loop")


def test_a_sync_endpoint_may_call_its_own_client(driver: SyncDriver) -> None:
    """It runs on a worker thread; the one that turns does the turning for it."""
    inner = exchange_for()

    def endpoint() -> None:
        driver.begin(AppCall(hello, inner), request(inner, 1))

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await anyio.to_thread.run_sync(endpoint)
        await send(start())
        await send(body())

    exchange = exchange_for()
    driver.begin(AppCall(app, exchange), request(exchange, 1))
    assert (exchange.app_end, inner.body) == ("returned", b"GET /")


def test_several_threads_may_use_one_driver(driver: SyncDriver) -> None:
    """While the thread that made it turns, each gets the answer to its own request."""
    answers: list[bytes] = []

    def use(text: bytes) -> None:
        exchange = exchange_for(text)
        driver.begin(AppCall(echo, exchange), request(exchange, 1))
        answers.append(exchange.body)

    texts = [b"%d" % number for number in range(8)]
    threads = [threading.Thread(target=use, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    driver.move(lambda: len(answers) == len(texts), "the others")
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == texts


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_a_movable_loop_is_turned_on_a_worker_where_another_loop_runs(library: str) -> None:
    """A sync client made in a sync fixture works in an async test, and the other way round."""
    threads = []

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        threads.append(threading.get_ident())

    def call() -> None:
        exchange = exchange_for()
        movable.begin(AppCall(app, exchange), request(exchange, 1))

    async def main() -> None:
        call()

    with closing(SyncDriver(partial(SteppedLoop, {}), own_thread=False)) as movable:
        call()
        anyio.run(main, backend=library)
        call()
    here = threading.get_ident()
    assert [thread == here for thread in threads] == [True, False, True]


def test_a_closed_driver_cannot_move_the_app(driver: SyncDriver) -> None:
    """The text says what is over."""
    driver.close()
    driver.close()
    with pytest.raises(UsageError, match=r"^The event loop of this client has been closed: the `with` block that"):
        driver.move(lambda: False, "anything")


def test_a_closed_driver_carries_out_what_needs_no_move(driver: SyncDriver) -> None:
    """What is there already can still be taken."""
    driver.close()
    driver.move(lambda: True, "nothing")


@pytest.mark.parametrize("run", [asyncio.run, lambda main: trio.run(lambda: main)])
def test_a_driver_may_be_closed_where_a_loop_runs(run: Any) -> None:
    """By a fixture of an async test; no thread is left."""
    before = set(threading.enumerate())

    async def main() -> None:
        movable.close()

    movable = SyncDriver(partial(SteppedLoop, {}), own_thread=False)
    run(main())
    assert (movable.closed, set(threading.enumerate()) - before) == (True, set())
