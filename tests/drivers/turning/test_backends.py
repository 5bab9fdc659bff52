"""Which backends there are, and where an app on one of them has to run."""

from __future__ import annotations

import asyncio
import queue
import sys
from collections.abc import Callable
from contextlib import closing

import pytest
import trio

from asgi_lockstep._drivers.calls.contract import LoopRunner
from asgi_lockstep._drivers.on_asyncio.loop_runner import SteppedLoop
from asgi_lockstep._drivers.on_trio.loop_runner import SteppedRun
from asgi_lockstep._drivers.turning.backends import ROWS, Choice, backend_named, check, choose
from asgi_lockstep._drivers.turning.client_loops import ClientLoops
from asgi_lockstep.errors import MissingExtra, UnknownOption

HERE = Choice(False, "nothing else runs on this thread")
ASKED = Choice(True, 'driver="thread" was asked for')
LOOP = Choice(True, "an event loop already runs on this thread, and would wait for the app")
SECOND = Choice(True, "this thread has a trio run already, and trio allows one for each thread")

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])


def where(backend: str, driver: str) -> Choice:
    """Where an app on the backend of this name runs when it is started from here."""
    return choose(backend_named(backend), driver)


@BACKENDS
def test_in_a_sync_test_the_app_runs_on_its_thread(backend: str) -> None:
    """Nothing else runs there."""
    assert where(backend, "auto") == HERE


@BACKENDS
def test_a_thread_that_was_asked_for_is_used(backend: str) -> None:
    """Whatever the situation."""
    assert where(backend, "thread") == ASKED


@BACKENDS
def test_inside_of_a_loop_the_app_needs_a_thread(backend: str) -> None:
    """A loop on the calling thread, asyncio or trio, cannot go on while the client is called."""

    async def main() -> Choice:
        return where(backend, "auto")

    assert (asyncio.run(main()), trio.run(main)) == (LOOP, LOOP)


def test_a_second_trio_app_needs_no_thread() -> None:
    """A run of ours is on its thread only while it is turned."""
    with closing(SteppedRun({})):
        assert (where("trio", "auto"), where("asyncio", "auto")) == (HERE, HERE)


def test_a_trio_app_beside_a_guest_run_of_the_test_needs_a_thread() -> None:
    """A thread can have one run of trio; asyncio does not mind."""
    ticks: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
    ended: list[object] = []
    trio.lowlevel.start_guest_run(
        trio.sleep,
        0,
        run_sync_soon_threadsafe=ticks.put,
        done_callback=ended.append,
        host_uses_signal_set_wakeup_fd=True,
    )
    assert (where("trio", "auto"), where("asyncio", "auto")) == (SECOND, HERE)
    while not ended:
        ticks.get()()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("curio", "auto"), "backend='curio' does not exist; known are 'asyncio', 'trio'."),
        (("asyncio", "inline"), "driver='inline' does not exist; known are 'auto', 'thread', 'free'."),
    ],
)
def test_a_name_that_does_not_exist_is_refused(arguments: tuple[str, str], text: str) -> None:
    """The text lists the names there are."""
    with pytest.raises(UnknownOption) as caught:
        check(*arguments)
    assert str(caught.value) == text


@BACKENDS
@pytest.mark.parametrize("driver", ["auto", "thread"])
def test_the_names_that_exist_are_accepted(backend: str, driver: str) -> None:
    """Nothing is raised."""
    check(backend, driver)


def test_a_backend_has_the_name_of_its_row() -> None:
    """Users give the one, and texts show the other."""
    assert [backend_named(name).name for name in ROWS] == [*ROWS]


@pytest.mark.parametrize(("backend", "runner"), [("asyncio", SteppedLoop), ("trio", SteppedRun)])
def test_a_backend_makes_its_runner(backend: str, runner: type[LoopRunner]) -> None:
    """And says of it whether any thread may turn it."""
    chosen = backend_named(backend)
    with closing(chosen.new_runner({}, None)) as made:
        assert (type(made), made.movable) == (runner, True)


@BACKENDS
@pytest.mark.parametrize("driver", ["auto", "thread"])
def test_a_driver_is_made_where_the_choice_says(backend: str, driver: str) -> None:
    """Its repr tells where it is turned."""
    with closing(ClientLoops(backend, {}, driver).enter()) as made:
        assert ("on the calling thread" in repr(made)) is (driver == "auto")


@BACKENDS
@pytest.mark.parametrize("driver", ["auto", "thread"])
def test_a_wrong_backend_option_is_the_callers_error(backend: str, driver: str) -> None:
    """It is raised on the calling thread, and no thread is left behind."""
    with pytest.raises(UnknownOption, match=r"^backend_options key='spin' does not exist"):
        ClientLoops(backend, {"spin": True}, driver).enter()


def test_a_missing_trio_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`backend="trio"` needs an extra."""
    monkeypatch.delitem(sys.modules, ROWS["trio"].module, raising=False)
    monkeypatch.setitem(sys.modules, "trio", None)
    backend_named.cache_clear()
    with pytest.raises(MissingExtra) as caught:
        ClientLoops("trio", {}, "auto").enter()
    assert str(caught.value) == (
        "backend=\"trio\" needs trio, which is not installed. Run: pip install 'asgi-lockstep[trio]'"
    )
