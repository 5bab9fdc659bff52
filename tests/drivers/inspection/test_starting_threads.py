"""Threads that have been started and have no frame yet."""

from __future__ import annotations

import pytest

from asgi_lockstep._drivers.clock.real_time import real_time
from asgi_lockstep._drivers.inspection import starting_threads
from asgi_lockstep._drivers.inspection.starting_threads import TIME_TO_BEGIN, NewThreads

#: A part of it that adds up without rounding.
A_MOMENT = TIME_TO_BEGIN / 8


class System:
    """A system in which everything is as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, without_frames: int) -> None:
        self.without_frames = without_frames
        self.now = self.since = 100.0
        monkeypatch.setattr(starting_threads, "_without_frames", lambda: self.without_frames)
        monkeypatch.setattr(starting_threads, "real_time", lambda: self.now)
        self.new = NewThreads()

    def later(self, without_frames: int, seconds: float = A_MOMENT) -> bool:
        """Whether one may begin after that time, with so many threads that have no frame."""
        self.now += seconds
        self.without_frames = without_frames
        return self.new.may_begin(self.since)

    def look_anew(self) -> None:
        """Somebody else begins to look."""
        self.since = self.now


def test_threads_that_were_there_before_are_not_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library had them before the first client was made."""
    system = System(monkeypatch, 4)
    assert [system.later(4), system.later(5), system.later(4)] == [False, True, False]


def test_a_thread_has_some_time_to_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """After that it is taken for one that never runs Python."""
    system = System(monkeypatch, 0)
    steps = round(TIME_TO_BEGIN / A_MOMENT)
    assert [system.later(2) for _ in range(steps + 2)] == [True] * (steps - 1) + [False] * 3


def test_each_one_who_looks_gives_it_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another look may be at another thread, of which only the number is known; one that had its time has none."""
    system = System(monkeypatch, 0)
    first = [system.later(1)]
    system.look_anew()
    first += [system.later(1, 0.9 * TIME_TO_BEGIN), system.later(1)]
    system.look_anew()
    assert (first, [system.later(1), system.later(2)]) == ([True, True, False], [False, True])


def test_looks_may_be_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long nobody looks: a thread that has not begun by then never will."""
    system = System(monkeypatch, 0)
    assert system.later(1, 3 * TIME_TO_BEGIN) is False


def test_a_thread_that_has_ended_is_not_replaced_by_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library has ended one of its own: the next thread without a frame is new."""
    system = System(monkeypatch, 2)
    assert [system.later(1), system.later(2)] == [False, True]


def test_where_the_system_has_no_list_nothing_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only Linux shows it for nothing."""
    monkeypatch.setattr(starting_threads, "_LIST", "/proc/no/such/list")
    assert NewThreads().may_begin(real_time()) is False
