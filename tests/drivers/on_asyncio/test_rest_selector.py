"""How a rest of an asyncio loop is seen: by its selector, or by counting what is scheduled."""

from __future__ import annotations

import asyncio
import math
import socket
import threading
from collections.abc import Callable
from contextlib import closing

import pytest

from asgi_lockstep._drivers.on_asyncio.rest_counter import Rest, RestCounter
from asgi_lockstep._drivers.on_asyncio.rest_selector import OVER, POLL_EVERY, RestSelector


class Stops:
    """A decider that keeps what it is told, and ends the turn at the first rest.

    Args:
        loop: the loop to stop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.over = False
        self.passes = 0
        self.moved: list[bool] = []
        self.events: list[tuple[str, float | None, int] | str] = []
        self._loop = loop

    def at_rest(self, next_timer: float | None, sockets: int, moved: bool) -> float | None:
        """End the turn."""
        if not self.over:
            self.moved.append(moved)
            self.events.append(("at rest", next_timer and float(f"{next_timer:.0f}"), sockets))
        self.over = True
        self._loop.stop()
        return OVER

    def waited(self, seconds: float) -> None:
        """The loop has waited; for how long is no business of a test."""
        self.events.append("waited")

    def moving(self, passes: int) -> None:
        """Something was ready."""
        if not self.over:
            self.events.append("moving")
            self.passes += passes


def with_selector() -> tuple[asyncio.AbstractEventLoop, Rest]:
    """A loop of ours."""
    rest = RestSelector()
    return asyncio.SelectorEventLoop(rest), rest


def with_counter() -> tuple[asyncio.AbstractEventLoop, Rest]:
    """A loop that was made elsewhere."""
    return asyncio.new_event_loop(), RestCounter()


def with_uvloop() -> tuple[asyncio.AbstractEventLoop, Rest]:
    """A loop that was made elsewhere, and shows nothing of what it waits for."""
    return pytest.importorskip("uvloop").new_event_loop(), RestCounter()


Make = Callable[[], tuple[asyncio.AbstractEventLoop, Rest]]

EVERY = pytest.mark.parametrize("make", [with_selector, with_counter, with_uvloop])
COUNTERS = pytest.mark.parametrize("make", [with_counter, with_uvloop])


def turn(
    make: Make, prepare: Callable[[asyncio.AbstractEventLoop], object]
) -> list[tuple[str, float | None, int] | str]:
    """What a decider is told in one turn of a loop on which `prepare` has put something."""
    return decider_of(make, prepare).events


def decider_of(make: Make, prepare: Callable[[asyncio.AbstractEventLoop], object]) -> Stops:
    """The decider after that turn."""
    loop, rest = make()
    with closing(loop):
        rest.watch(loop)
        prepare(loop)
        decider = Stops(loop)
        rest.begin(decider)
        loop.run_forever()
        rest.begin(None)
        loop.call_soon(loop.stop)
        loop.run_forever()  # without a decider nobody is asked
    return decider


def three_rests(loop: asyncio.AbstractEventLoop, rest: Rest, wait: Callable[[], float]) -> list[bool]:
    """Whether the loop had moved before each of three rests; after two of them it may sleep as long as `wait` says."""

    class StopsAtTheThird(Stops):
        def at_rest(self, next_timer: float | None, sockets: int, moved: bool) -> float | None:
            self.moved.append(moved)
            if len(self.moved) == 3:
                self.over = True
                self._loop.stop()
                return OVER
            return wait()

    decider = StopsAtTheThird(loop)
    rest.begin(decider)
    loop.run_forever()
    rest.begin(None)
    return decider.moved


def chain(length: int) -> Callable[[asyncio.AbstractEventLoop], object]:
    """Callbacks, each of which schedules the next."""

    def prepare(loop: asyncio.AbstractEventLoop) -> None:
        def link(left: int) -> None:
            if left:
                loop.call_soon(link, left - 1)

        loop.call_soon(link, length - 1)

    return prepare


@EVERY
@pytest.mark.parametrize("length", [5, 5 * POLL_EVERY])
def test_a_pass_with_something_to_do_is_no_rest(make: Make, length: int) -> None:
    """The decider hears of the passes, of some of them together, and of the rest after the last one."""
    decider = decider_of(make, chain(length))
    *moves, rest = decider.events
    assert moves == ["moving"] * len(moves)
    assert length - POLL_EVERY < decider.passes <= length + 2
    assert (rest, decider.moved) == (("at rest", None, 0), [True])


@EVERY
def test_a_loop_on_which_nothing_has_run_since_the_last_rest_has_not_moved(make: Make) -> None:
    """What was seen of other threads at the last rest is still true then."""
    loop, rest = make()
    with closing(loop):
        rest.watch(loop)
        loop.call_soon(bool)
        moved = three_rests(loop, rest, lambda: 0.001)
    assert moved[-1] is False


@EVERY
@pytest.mark.parametrize("wait", [0, 0.001])
def test_what_another_thread_has_called_in_the_meantime_is_a_move(make: Make, wait: float) -> None:
    """Although it schedules nothing: it may have let that thread go on, and what was seen of it is true no more."""

    def called_in() -> float:
        thread = threading.Thread(target=loop.call_soon_threadsafe, args=(bool,))
        thread.start()
        thread.join()  # at the very moment at which the rest is looked at
        return wait

    loop, rest = make()
    with closing(loop):
        rest.watch(loop)
        moved = three_rests(loop, rest, called_in)
    assert moved[1:] == [True, True]


@EVERY
def test_a_loop_on_which_there_is_nothing(make: Make) -> None:
    """No timer and no socket: the decider may conclude that nothing will ever happen."""
    assert turn(make, lambda _loop: None)[-1] == ("at rest", None, 0)


@EVERY
def test_how_long_until_the_next_timer(make: Make) -> None:
    """In seconds, whichever of them was set first."""

    def prepare(loop: asyncio.AbstractEventLoop) -> None:
        loop.call_later(7200, print)
        loop.call_later(3600, print)

    assert turn(make, prepare)[-1] == ("at rest", 3600, 0)


@EVERY
def test_a_timer_that_was_cancelled_is_none(make: Make) -> None:
    """It will never fire."""

    def prepare(loop: asyncio.AbstractEventLoop) -> None:
        first = loop.call_later(60, print)
        loop.call_later(3600, print)
        first.cancel()

    assert turn(make, prepare)[-1] == ("at rest", 3600, 0)


@COUNTERS
def test_a_counter_leaves_out_a_timer_that_never_comes(make: Make) -> None:
    """`anyio.sleep_forever()` sets one."""
    assert turn(make, lambda loop: loop.call_later(math.inf, print))[-1] == ("at rest", None, 0)


@EVERY
def test_sockets_that_are_not_the_loops_own(make: Make) -> None:
    """Only what the app has registered counts."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert turn(make, lambda loop: loop.add_reader(ours, print))[-1] == ("at rest", None, 1)


@pytest.mark.parametrize(("make", "sockets"), [(with_selector, 0), (with_counter, 0), (with_uvloop, 1)])
def test_a_socket_that_was_unregistered(make: Make, sockets: int) -> None:
    """A socket that nobody waits for any more can make no difference; a loop that shows none is not asked again."""
    ours, theirs = socket.socketpair()

    def prepare(loop: asyncio.AbstractEventLoop) -> None:
        loop.add_reader(ours, print)
        loop.remove_reader(ours)

    with ours, theirs:
        assert turn(make, prepare)[-1] == ("at rest", None, sockets)


@EVERY
def test_the_loop_waits_as_long_as_the_decider_says(make: Make) -> None:
    """And tells it so before it is asked again."""
    loop, rest = make()

    class Once(Stops):
        def at_rest(self, next_timer: float | None, sockets: int, moved: bool) -> float | None:
            if "waited" in self.events:
                return super().at_rest(next_timer, sockets, moved)
            return 0.001

    with closing(loop):
        rest.watch(loop)
        decider = Once(loop)
        rest.begin(decider)
        loop.run_forever()
        rest.begin(None)
    assert [event for event in decider.events if event != "moving"] == ["waited", ("at rest", None, 0)]


def test_a_selector_leaves_what_has_arrived_to_the_next_turn() -> None:
    """A turn that is over takes nothing more in."""
    ours, theirs = socket.socketpair()
    loop, rest = with_selector()
    seen: list[str] = []
    with ours, theirs, closing(loop):
        rest.watch(loop)
        loop.add_reader(ours, seen.append, "arrived")
        theirs.send(b"!")
        rest.begin(Stops(loop))
        loop.run_forever()
        rest.begin(None)
        before = list(seen)
        loop.call_soon(loop.stop)
        loop.run_forever()
        loop.call_soon(loop.stop)
        loop.run_forever()
        assert before == []
        assert "arrived" in seen


def test_the_counter_changes_one_loop_only() -> None:
    """The class of the loop is shared with loops that are none of our business."""
    loop, other = asyncio.new_event_loop(), asyncio.new_event_loop()
    with closing(loop), closing(other):
        RestCounter().watch(loop)
        assert "call_soon" in vars(loop)
        assert "call_soon" not in vars(other)
        assert "call_soon" not in vars(type(loop))


def test_the_counter_schedules_what_it_counts() -> None:
    """Arguments and context reach the loop, and the handle comes back."""
    loop = asyncio.new_event_loop()
    with closing(loop):
        RestCounter().watch(loop)
        seen: list[int] = []
        loop.call_soon(seen.append, 1)
        loop.call_soon(seen.append, 2).cancel()
        loop.call_soon(loop.stop)
        loop.run_forever()
        assert seen == [1]


def test_ringing_makes_the_counter_ask_again() -> None:
    """A decider that could not decide is asked again when something changed that the loop cannot see."""
    loop = asyncio.new_event_loop()
    asked = []

    class Undecided(Stops):
        def at_rest(self, next_timer: float | None, sockets: int, moved: bool) -> float | None:
            asked.append("at rest")
            if len(asked) == 2:
                return super().at_rest(next_timer, sockets, moved)
            loop.call_soon_threadsafe(rest.ring)
            return None

    with closing(loop):
        rest = RestCounter()
        rest.watch(loop)
        rest.begin(Undecided(loop))
        loop.run_forever()
        rest.begin(None)
    assert asked == ["at rest", "at rest"]
