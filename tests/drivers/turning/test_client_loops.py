"""Which loop a client has: one while it is entered, a lazy one while it is not."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final

import anyio
import anyio.to_thread
import pytest
import trio

from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._drivers.turning import client_loops
from asgi_lockstep._drivers.turning import client_loops as module
from asgi_lockstep._drivers.turning.client_loops import LAZY_LOOPS, ClientLoops
from asgi_lockstep._drivers.turning.sync_driver import SyncDriver
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._protocol.lifespan_exchange import LifespanExchange
from asgi_lockstep._protocol.scope import lifespan_scope
from asgi_lockstep._protocol.steps import act, request, start_lifespan
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


class Clients(ExitStack):
    """Makes the loops of clients, which are left and closed at the end."""

    def new(self, kind: str = "asyncio") -> ClientLoops:
        """Those of another client."""
        loops = ClientLoops(*KINDS[kind])
        self.callback(loops.close_lazy)
        self.callback(loops.leave)
        return loops


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    """Clients, counted apart from those of other tests."""
    monkeypatch.setattr(module, "_recent", module._Recent())
    with Clients() as made:
        yield made
    _under_way.clear()


@pytest.fixture(params=KINDS)
def loops(clients: Clients, request: pytest.FixtureRequest) -> ClientLoops:
    """The loops of a client of each kind."""
    return clients.new(request.param)


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


def fail(*_: object) -> None:
    """A driver that cannot be closed."""
    raise ValueError("no end")


# Entered.


def test_an_entered_client_has_one_loop(loops: ClientLoops) -> None:
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


def test_a_client_may_be_entered_again(loops: ClientLoops) -> None:
    """With a new loop."""
    first = loops.enter()
    loops.leave()
    assert loops.enter() is not first


def test_leaving_twice_is_leaving_once(loops: ClientLoops) -> None:
    """A client that failed to start is left all the same."""
    loops.enter()
    loops.leave()
    loops.leave()


def test_an_exchange_stays_on_the_loop_on_which_it_began(clients: Clients) -> None:
    """A response that was opened before the `with` block is read inside of it."""
    loops = clients.new()
    before = occupy(loops)
    entered = loops.enter()
    before.move(lambda: True, "the old loop")
    assert (before is entered, before.closed) == (False, False)


# Not entered.


@pytest.mark.parametrize("kind", ["asyncio", "asyncio-thread"])
def test_a_lazy_loop_is_kept_between_two_calls(clients: Clients, kind: str) -> None:
    """Locks, pools and tasks of the app are shared by all requests of one client."""
    loops = clients.new(kind)
    first = use(loops)
    assert (use(loops) is first, first.closed) == (True, False)


def test_a_lazy_loop_is_shared_by_threads(clients: Clients) -> None:
    """An asyncio loop may be turned by any thread."""
    loops = clients.new()
    drivers = [use(loops)]
    thread = threading.Thread(target=lambda: drivers.append(use(loops)))
    thread.start()
    thread.join()
    assert drivers == [drivers[0]] * 2


def test_a_lazy_loop_keeps_no_worker_threads(clients: Clients) -> None:
    """Python waits at its exit for threads, before anything of ours runs; and they for the end of their loop."""
    loops = clients.new()
    workers: list[threading.Thread] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        workers.append(await anyio.to_thread.run_sync(threading.current_thread))

    use(loops, app)
    workers[0].join(30)
    assert not workers[0].is_alive()


def test_a_lazy_trio_run_ends_with_its_last_call(clients: Clients) -> None:
    """The thread is free for another one: trio allows one at a time."""
    loops = clients.new("trio")
    assert use(loops).closed

    async def main() -> str:
        return "ran"

    assert trio.run(main) == "ran"


def test_a_lazy_trio_run_stays_while_a_call_is_under_way(clients: Clients) -> None:
    """A request and a websocket of one client share it."""
    loops = clients.new("trio")
    driver = occupy(loops)
    assert (use(loops) is driver, driver.closed) == (True, False)


def test_each_thread_has_its_own_lazy_trio_run(clients: Clients) -> None:
    """A run belongs to its thread."""
    loops = clients.new("trio")
    drivers = [occupy(loops)]
    thread = threading.Thread(target=lambda: drivers.append(use(loops)))
    thread.start()
    thread.join()
    assert [driver.closed for driver in drivers] == [False, True]


# The bound.


def test_the_least_recently_used_lazy_loops_are_closed(clients: Clients) -> None:
    """One thread keeps LAZY_LOOPS of them; they are closed when the loop of another client is handed out."""
    made = [clients.new() for _ in range(LAZY_LOOPS)]
    drivers = [use(loops) for loops in made]
    use(made[0])
    drivers += [use(clients.new()) for _ in range(2)]
    assert [driver.closed for driver in drivers] == [index in (1, 2) for index in range(LAZY_LOOPS + 2)]


def test_a_client_whose_lazy_loop_was_closed_gets_a_new_one(clients: Clients) -> None:
    """The next request finds one, as the first did."""
    loops = clients.new()
    first = use(loops)
    for _ in range(LAZY_LOOPS):
        use(clients.new())
    assert (first.closed, use(loops).closed) == (True, False)


def test_a_lazy_loop_with_a_call_under_way_is_not_closed(clients: Clients) -> None:
    """An open websocket outlives many other clients."""
    busy = occupy(clients.new())
    for _ in range(2 * LAZY_LOOPS):
        use(clients.new())
    assert not busy.closed


def test_a_lazy_loop_that_cannot_be_closed_fails_before_the_call_of_another_client(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is raised for it replaces no result: the app of the other client was not called."""
    first = use(clients.new())
    for _ in range(LAZY_LOOPS - 1):
        use(clients.new())
    called: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        called.append(scope)
        await hello(scope, receive, send)

    loops = clients.new()
    with monkeypatch.context() as patch:
        patch.setattr(first, "close", fail)
        with pytest.raises(ValueError, match=r"^no end$"):
            use(loops, app)
    assert called == []
    first.close()
    use(loops, app)
    assert len(called) == 1


# What is left to be done after a call.


def test_a_clean_up_that_fails_after_a_call_is_raised(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call had no failure of its own."""
    loops = clients.new("trio")
    with monkeypatch.context() as patch, pytest.raises(ValueError, match=r"^no end$"):
        patch.setattr(loops.current(), "close", fail)
        use(loops)


@pytest.mark.parametrize("way", ["run", "act"])
def test_a_clean_up_that_fails_does_not_replace_the_failure_of_the_call(
    clients: Clients, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """It is a note on it."""
    driver = clients.new("trio").current()

    def change() -> None:
        raise KeyError("the call")

    with monkeypatch.context() as patch, pytest.raises(KeyError) as caught:
        patch.setattr(driver, "close", fail)
        driver.act(change) if way == "act" else driver.run(act(change))
    assert (caught.value.args, caught.value.__notes__) == (
        ("the call",),
        ["After that, its event loop could not be cleaned up: ValueError('no end')"],
    )


def test_an_interrupt_of_the_clean_up_is_raised(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the call has failed: a Ctrl-C is never lost."""
    driver = clients.new("trio").current()

    def interrupt() -> None:
        raise KeyboardInterrupt

    def change() -> None:
        raise KeyError("the call")

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt) as caught:
        patch.setattr(driver, "close", interrupt)
        driver.act(change)
    assert isinstance(caught.value.__context__, KeyError)


def test_entered_loops_are_not_counted(clients: Clients) -> None:
    """Their `with` blocks end them."""
    entered = [clients.new() for _ in range(LAZY_LOOPS)]
    for loops in entered:
        loops.enter()
        use(loops)
    lazy = use(clients.new())
    assert not lazy.closed


def test_closing_ends_the_lazy_loop_whatever_is_under_way(loops: ClientLoops) -> None:
    """What is left of the app is cancelled."""
    driver = occupy(loops)
    loops.close_lazy()
    assert (driver.closed, driver.idle) == (True, True)


def test_the_repr_shows_the_loop(clients: Clients) -> None:
    """None, the lazy one, or the entered one."""
    loops = clients.new()
    before = repr(loops)
    driver = loops.enter()
    assert (before, repr(loops)) == ("<ClientLoops no loop yet>", f"<ClientLoops {driver!r}>")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits on Windows")
@pytest.mark.parametrize(("files", "loops"), [(64, 16), (256, 28), (1024, 113), (1_000_000, 128), (-1, 128)])
def test_as_many_lazy_loops_are_kept_as_the_process_may_have_files_for(
    files: int, loops: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A third of the files at most, at three for each."""
    monkeypatch.setattr("resource.getrlimit", lambda _: (files, files))
    monkeypatch.setattr("resource.RLIM_INFINITY", -1)
    assert client_loops._lazy_loops() == loops
