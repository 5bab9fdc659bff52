"""How a rest of an asyncio loop is seen: by its selector, or by counting what is scheduled."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Callable
from contextlib import closing

import pytest

from asgi_lockstep._drivers.asyncio_rest import Rest, RestCounter, RestSelector


class Stops:
    """A decider that keeps what it is told, and ends the turn at the first rest.

    Args:
        loop: the loop to stop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.over = False
        self.events: list[tuple[str, float | None, int] | str] = []
        self._loop = loop

    def at_rest(self, next_timer: float | None, sockets: int) -> float | None:
        """End the turn."""
        if not self.over:
            self.events.append(("at rest", next_timer and float(f"{next_timer:.0f}"), sockets))
        self.over = True
        self._loop.stop()
        return 0

    def moving(self) -> None:
        """Something was ready."""
        if not self.over:
            self.events.append("moving")


def with_selector() -> tuple[asyncio.AbstractEventLoop, Rest]:
    """A loop of ours."""
    rest = RestSelector()
    return asyncio.SelectorEventLoop(rest), rest


def with_counter() -> tuple[asyncio.AbstractEventLoop, Rest]:
    """A loop that was made elsewhere."""
    return asyncio.new_event_loop(), RestCounter()


def turn(
    make: Callable[[], tuple[asyncio.AbstractEventLoop, Rest]], prepare: Callable[[asyncio.AbstractEventLoop], object]
) -> list[tuple[str, float | None, int] | str]:
    """What a decider is told in one turn of a loop on which `prepare` has put something."""
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
    return decider.events


def chain(length: int) -> Callable[[asyncio.AbstractEventLoop], object]:
    """Callbacks, each of which schedules the next."""

    def prepare(loop: asyncio.AbstractEventLoop) -> None:
        def link(left: int) -> None:
            if left:
                loop.call_soon(link, left - 1)

        loop.call_soon(link, length - 1)

    return prepare


@pytest.mark.parametrize("make", [with_selector, with_counter])
def test_a_pass_with_something_to_do_is_no_rest(make: Callable[[], tuple[asyncio.AbstractEventLoop, Rest]]) -> None:
    """The decider hears of every pass, and of the rest after the last one."""
    *moves, rest = turn(make, chain(5))
    assert moves == ["moving"] * len(moves)
    assert len(moves) >= 4
    assert rest[0] == "at rest"


def test_the_selector_tells_of_a_loop_on_which_there_is_nothing() -> None:
    """No timer and no socket: the decider may conclude that nothing will ever happen."""
    assert turn(with_selector, lambda _loop: None) == [("at rest", None, 0)]


def test_the_selector_tells_how_long_until_the_next_timer() -> None:
    """In seconds."""
    assert turn(with_selector, lambda loop: loop.call_later(3600, print)) == [("at rest", 3600, 0)]


def test_the_selector_tells_of_sockets_that_are_not_the_loops_own() -> None:
    """Only what the app has registered counts."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert turn(with_selector, lambda loop: loop.add_reader(ours, print)) == [("at rest", None, 1)]


def test_the_selector_forgets_a_socket_that_was_unregistered() -> None:
    """A socket that nobody waits for any more can make no difference."""
    ours, theirs = socket.socketpair()

    def prepare(loop: asyncio.AbstractEventLoop) -> None:
        loop.add_reader(ours, print)
        loop.remove_reader(ours)

    with ours, theirs:
        assert turn(with_selector, prepare) == [("at rest", None, 0)]


def test_the_counter_supposes_that_there_may_be_a_timer() -> None:
    """It cannot see them, and so nothing is ever proven to be stuck."""
    assert turn(with_counter, lambda _loop: None)[-1] == ("at rest", math.inf, 0)


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
        def at_rest(self, next_timer: float | None, sockets: int) -> float | None:
            asked.append("at rest")
            if len(asked) == 2:
                return super().at_rest(next_timer, sockets)
            loop.call_soon_threadsafe(rest.ring)
            return None

    with closing(loop):
        rest = RestCounter()
        rest.watch(loop)
        rest.begin(Undecided(loop))
        loop.run_forever()
    assert asked == ["at rest", "at rest"]
