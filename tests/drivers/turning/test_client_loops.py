"""Where a client's app lives: one loop while it is entered, a lazy one while it is not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final

import anyio
import anyio.to_thread
import pytest
import trio

from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._drivers.turning import client_loops as home_module
from asgi_lockstep._drivers.turning.client_loops import LAZY_LOOPS, ClientLoops
from asgi_lockstep._drivers.turning.sync_driver import SyncDriver
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._protocol.lifespan_exchange import LifespanExchange
from asgi_lockstep._protocol.scope import lifespan_scope
from asgi_lockstep._protocol.steps import request, start_lifespan
from asgi_lockstep._types import ASGI3App, Receive, Scope, Send
from asgi_lockstep.errors import UsageError
from helpers import hello, simple_lifespan

KINDS: Final[dict[str, tuple[str, dict[str, Any], str]]] = {
    "asyncio": ("asyncio", {}, "auto"),
    "trio": ("trio", {}, "auto"),
    "asyncio-thread": ("asyncio", {}, "thread"),
    "trio-thread": ("trio", {}, "thread"),
}


#: What a test has begun and not ended; drivers hold exchanges weakly.
_under_way: list[LifespanExchange] = []


class Homes(ExitStack):
    """Makes client_loops that are left and closed at the end."""

    def new(self, kind: str = "asyncio") -> ClientLoops:
        """A loops."""
        loops = ClientLoops(*KINDS[kind])
        self.callback(loops.close_lazy)
        self.callback(loops.leave)
        return loops


@pytest.fixture
def client_loops(monkeypatch: pytest.MonkeyPatch) -> Iterator[Homes]:
    """Homes, counted apart from those of other tests."""
    monkeypatch.setattr(home_module, "_recent", home_module._Recent())
    with Homes() as made:
        yield made
    _under_way.clear()


@pytest.fixture(params=KINDS)
def loops(client_loops: Homes, request: pytest.FixtureRequest) -> ClientLoops:
    """A loops of each kind."""
    return client_loops.new(request.param)


def use(loops: ClientLoops, app: ASGI3App = hello) -> SyncDriver:
    """Make a request, and return the driver that carried it out."""
    scope = {"type": "http", "method": "GET", "path": "/", "asgi": {"version": "3.0", "spec_version": "2.3"}}
    exchange = HTTPExchange(scope, b"", collect=True)
    driver = loops.current()
    driver.begin(AppCall(app, exchange), request(exchange, 1))
    assert exchange.app_end == "returned", exchange.exception
    return driver


def occupy(loops: ClientLoops) -> SyncDriver:
    """Begin a call of an app that does not end by itself."""
    exchange = LifespanExchange(lifespan_scope({}))
    _under_way.append(exchange)
    driver = loops.current()
    driver.begin(AppCall(simple_lifespan, exchange), start_lifespan(exchange, 1))
    return driver


# Entered.


def test_an_entered_home_has_one_loop(loops: ClientLoops) -> None:
    """From `enter()` to `leave()`; then it is closed."""
    driver = loops.enter()
    assert [use(loops), use(loops), loops.current()] == [driver] * 3
    loops.leave()
    assert (driver.closed, loops.entered) == (True, None)


def test_entering_twice_is_a_usage_error(loops: ClientLoops) -> None:
    """The text says what to do instead."""
    loops.enter()
    with pytest.raises(UsageError, match=r"^This client is entered already\. Leave its `with` block first, or use "):
        loops.enter()


def test_a_home_may_be_entered_again(loops: ClientLoops) -> None:
    """With a new loop."""
    first = loops.enter()
    loops.leave()
    assert loops.enter() is not first


def test_leaving_twice_is_leaving_once(loops: ClientLoops) -> None:
    """A client that failed to start is left all the same."""
    loops.enter()
    loops.leave()
    loops.leave()


def test_an_exchange_stays_on_the_loop_on_which_it_began(client_loops: Homes) -> None:
    """A response that was opened before the `with` block is read inside of it."""
    loops = client_loops.new()
    before = occupy(loops)
    entered = loops.enter()
    before.move(lambda: True, "the old loop")
    assert (before is entered, before.closed) == (False, False)


# Not entered.


@pytest.mark.parametrize("kind", ["asyncio", "asyncio-thread"])
def test_a_lazy_loop_is_kept_between_two_calls(client_loops: Homes, kind: str) -> None:
    """Locks, pools and tasks of the app are shared by all requests of one client."""
    loops = client_loops.new(kind)
    first = use(loops)
    assert (use(loops) is first, first.closed) == (True, False)


def test_a_lazy_loop_is_shared_by_threads(client_loops: Homes) -> None:
    """An asyncio loop may be turned by any thread."""
    loops = client_loops.new()
    drivers = [use(loops)]
    thread = threading.Thread(target=lambda: drivers.append(use(loops)))
    thread.start()
    thread.join()
    assert drivers == [drivers[0]] * 2


def test_a_lazy_loop_keeps_no_worker_threads(client_loops: Homes) -> None:
    """Python waits at its exit for threads, before anything of ours runs; and they for the end of their loop."""
    loops = client_loops.new()
    workers: list[threading.Thread] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        workers.append(await anyio.to_thread.run_sync(threading.current_thread))

    use(loops, app)
    workers[0].join(30)
    assert not workers[0].is_alive()


def test_a_lazy_trio_run_ends_with_its_last_call(client_loops: Homes) -> None:
    """The thread is free for another one: trio allows one at a time."""
    loops = client_loops.new("trio")
    assert use(loops).closed

    async def main() -> str:
        return "ran"

    assert trio.run(main) == "ran"


def test_a_lazy_trio_run_stays_while_a_call_is_under_way(client_loops: Homes) -> None:
    """A request and a websocket of one client share it."""
    loops = client_loops.new("trio")
    driver = occupy(loops)
    assert (use(loops) is driver, driver.closed) == (True, False)


def test_each_thread_has_its_own_lazy_trio_run(client_loops: Homes) -> None:
    """A run belongs to its thread."""
    loops = client_loops.new("trio")
    drivers = [occupy(loops)]
    thread = threading.Thread(target=lambda: drivers.append(use(loops)))
    thread.start()
    thread.join()
    assert [driver.closed for driver in drivers] == [False, True]


# The bound.


def test_the_least_recently_used_lazy_loops_are_closed(client_loops: Homes) -> None:
    """One thread keeps LAZY_LOOPS of them."""
    made = [client_loops.new() for _ in range(LAZY_LOOPS)]
    drivers = [use(loops) for loops in made]
    use(made[0])
    drivers += [use(client_loops.new()) for _ in range(2)]
    assert [driver.closed for driver in drivers] == [index in (1, 2) for index in range(LAZY_LOOPS + 2)]


def test_a_home_whose_lazy_loop_was_closed_gets_a_new_one(client_loops: Homes) -> None:
    """Nobody notices."""
    loops = client_loops.new()
    first = use(loops)
    for _ in range(LAZY_LOOPS):
        use(client_loops.new())
    assert (first.closed, use(loops).closed) == (True, False)


def test_a_lazy_loop_with_a_call_under_way_is_not_closed(client_loops: Homes) -> None:
    """An open websocket outlives many other clients."""
    busy = occupy(client_loops.new())
    for _ in range(2 * LAZY_LOOPS):
        use(client_loops.new())
    assert not busy.closed


def test_entered_loops_are_not_counted(client_loops: Homes) -> None:
    """Their `with` blocks end them."""
    entered = [client_loops.new() for _ in range(LAZY_LOOPS)]
    for loops in entered:
        loops.enter()
        use(loops)
    lazy = use(client_loops.new())
    assert not lazy.closed


def test_closing_ends_the_lazy_loop_whatever_is_under_way(loops: ClientLoops) -> None:
    """What is left of the app is cancelled."""
    driver = occupy(loops)
    loops.close_lazy()
    assert (driver.closed, driver.idle) == (True, True)


def test_the_repr_shows_the_loop(client_loops: Homes) -> None:
    """None, the lazy one, or the entered one."""
    loops = client_loops.new()
    before = repr(loops)
    driver = loops.enter()
    assert (before, repr(loops)) == ("<ClientLoops no loop yet>", f"<ClientLoops {driver!r}>")
