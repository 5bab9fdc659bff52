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

from asgi_lockstep._drivers.turning import client_loops as home_module
from asgi_lockstep._drivers.turning.client_loops import LAZY_LOOPS, Home
from asgi_lockstep._drivers.turning.sync_driver import Lockstep
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
    """Makes homes that are left and closed at the end."""

    def new(self, kind: str = "asyncio") -> Home:
        """A home."""
        home = Home(*KINDS[kind])
        self.callback(home.close_lazy)
        self.callback(home.leave)
        return home


@pytest.fixture
def homes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Homes]:
    """Homes, counted apart from those of other tests."""
    monkeypatch.setattr(home_module, "_recent", home_module._Recent())
    with Homes() as made:
        yield made
    _under_way.clear()


@pytest.fixture(params=KINDS)
def home(homes: Homes, request: pytest.FixtureRequest) -> Home:
    """A home of each kind."""
    return homes.new(request.param)


def use(home: Home, app: ASGI3App = hello) -> Lockstep:
    """Make a request, and return the driver that carried it out."""
    scope = {"type": "http", "method": "GET", "path": "/", "asgi": {"version": "3.0", "spec_version": "2.3"}}
    exchange = HTTPExchange(scope, b"", collect=True)
    driver = home.current()
    driver.start(app, exchange)
    driver.run(request(exchange, 1))
    assert exchange.app_end == "returned", exchange.exception
    return driver


def occupy(home: Home) -> Lockstep:
    """Begin a call of an app that does not end by itself."""
    exchange = LifespanExchange(lifespan_scope({}))
    _under_way.append(exchange)
    driver = home.current()
    driver.start(simple_lifespan, exchange)
    driver.run(start_lifespan(exchange, 1))
    return driver


# Entered.


def test_an_entered_home_has_one_loop(home: Home) -> None:
    """From `enter()` to `leave()`; then it is closed."""
    driver = home.enter()
    assert [use(home), use(home), home.current()] == [driver] * 3
    home.leave()
    assert (driver.closed, home.entered) == (True, None)


def test_entering_twice_is_a_usage_error(home: Home) -> None:
    """The text says what to do instead."""
    home.enter()
    with pytest.raises(UsageError, match=r"^This client is entered already\. Leave its `with` block first, or use "):
        home.enter()


def test_a_home_may_be_entered_again(home: Home) -> None:
    """With a new loop."""
    first = home.enter()
    home.leave()
    assert home.enter() is not first


def test_leaving_twice_is_leaving_once(home: Home) -> None:
    """A client that failed to start is left all the same."""
    home.enter()
    home.leave()
    home.leave()


def test_an_exchange_stays_on_the_loop_on_which_it_began(homes: Homes) -> None:
    """A response that was opened before the `with` block is read inside of it."""
    home = homes.new()
    before = occupy(home)
    entered = home.enter()
    before.move(lambda: True, "the old loop")
    assert (before is entered, before.closed) == (False, False)


# Not entered.


@pytest.mark.parametrize("kind", ["asyncio", "asyncio-thread"])
def test_a_lazy_loop_is_kept_between_two_calls(homes: Homes, kind: str) -> None:
    """Locks, pools and tasks of the app are shared by all requests of one client."""
    home = homes.new(kind)
    first = use(home)
    assert (use(home) is first, first.closed) == (True, False)


def test_a_lazy_loop_is_shared_by_threads(homes: Homes) -> None:
    """An asyncio loop may be turned by any thread."""
    home = homes.new()
    drivers = [use(home)]
    thread = threading.Thread(target=lambda: drivers.append(use(home)))
    thread.start()
    thread.join()
    assert drivers == [drivers[0]] * 2


def test_a_lazy_loop_keeps_no_worker_threads(homes: Homes) -> None:
    """Python waits at its exit for threads, before anything of ours runs; and they for the end of their loop."""
    home = homes.new()
    workers: list[threading.Thread] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        workers.append(await anyio.to_thread.run_sync(threading.current_thread))

    use(home, app)
    workers[0].join(30)
    assert not workers[0].is_alive()


def test_a_lazy_trio_run_ends_with_its_last_call(homes: Homes) -> None:
    """The thread is free for another one: trio allows one at a time."""
    home = homes.new("trio")
    assert use(home).closed

    async def main() -> str:
        return "ran"

    assert trio.run(main) == "ran"


def test_a_lazy_trio_run_stays_while_a_call_is_under_way(homes: Homes) -> None:
    """A request and a websocket of one client share it."""
    home = homes.new("trio")
    driver = occupy(home)
    assert (use(home) is driver, driver.closed) == (True, False)


def test_each_thread_has_its_own_lazy_trio_run(homes: Homes) -> None:
    """A run belongs to its thread."""
    home = homes.new("trio")
    drivers = [occupy(home)]
    thread = threading.Thread(target=lambda: drivers.append(use(home)))
    thread.start()
    thread.join()
    assert [driver.closed for driver in drivers] == [False, True]


# The bound.


def test_the_least_recently_used_lazy_loops_are_closed(homes: Homes) -> None:
    """One thread keeps LAZY_LOOPS of them."""
    made = [homes.new() for _ in range(LAZY_LOOPS)]
    drivers = [use(home) for home in made]
    use(made[0])
    drivers += [use(homes.new()) for _ in range(2)]
    assert [driver.closed for driver in drivers] == [index in (1, 2) for index in range(LAZY_LOOPS + 2)]


def test_a_home_whose_lazy_loop_was_closed_gets_a_new_one(homes: Homes) -> None:
    """Nobody notices."""
    home = homes.new()
    first = use(home)
    for _ in range(LAZY_LOOPS):
        use(homes.new())
    assert (first.closed, use(home).closed) == (True, False)


def test_a_lazy_loop_with_a_call_under_way_is_not_closed(homes: Homes) -> None:
    """An open websocket outlives many other clients."""
    busy = occupy(homes.new())
    for _ in range(2 * LAZY_LOOPS):
        use(homes.new())
    assert not busy.closed


def test_entered_loops_are_not_counted(homes: Homes) -> None:
    """Their `with` blocks end them."""
    entered = [homes.new() for _ in range(LAZY_LOOPS)]
    for home in entered:
        home.enter()
        use(home)
    lazy = use(homes.new())
    assert not lazy.closed


def test_closing_ends_the_lazy_loop_whatever_is_under_way(home: Home) -> None:
    """What is left of the app is cancelled."""
    driver = occupy(home)
    home.close_lazy()
    assert (driver.closed, driver.idle) == (True, True)


def test_the_repr_shows_the_loop(homes: Homes) -> None:
    """None, the lazy one, or the entered one."""
    home = homes.new()
    before = repr(home)
    driver = home.enter()
    assert (before, repr(home)) == ("<Home no loop yet>", f"<Home {driver!r}>")
