"""Threads that have been started and have no frame yet."""

from __future__ import annotations

import pytest

from asgi_lockstep._drivers import newborn
from asgi_lockstep._drivers.newborn import TIME_TO_BEGIN, NewThreads

#: A part of it that adds up without rounding.
A_MOMENT = TIME_TO_BEGIN / 8


class System:
    """A system in which everything is as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, without_frames: int) -> None:
        self.without_frames = without_frames
        self.now = 100.0
        monkeypatch.setattr(newborn, "_without_frames", lambda: self.without_frames)
        monkeypatch.setattr(newborn, "real_time", lambda: self.now)
        self.new = NewThreads()

    def later(self, without_frames: int, seconds: float = A_MOMENT) -> int:
        """What is counted after that time, with so many threads that have no frame."""
        self.now += seconds
        self.without_frames = without_frames
        return self.new.count()


def test_threads_that_were_there_before_are_not_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library had them before the first client was made."""
    system = System(monkeypatch, 4)
    assert [system.later(4), system.later(5), system.later(4)] == [0, 1, 0]


def test_a_thread_has_some_time_to_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """After that it is taken for one that never runs Python, and the next one has its time again."""
    system = System(monkeypatch, 0)
    steps = round(TIME_TO_BEGIN / A_MOMENT)
    assert [system.later(2) for _ in range(steps + 3)] == [2] * steps + [0] * 3
    assert [system.later(3) for _ in range(steps + 1)] == [1] * steps + [0]


def test_each_new_thread_starts_the_time_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many there are is all that is known of them."""
    system = System(monkeypatch, 0)
    assert [system.later(1, 0.9 * TIME_TO_BEGIN), system.later(2, 0.9 * TIME_TO_BEGIN)] == [1, 2]


def test_looks_may_be_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long nobody looks: a thread that has not begun by then never will."""
    system = System(monkeypatch, 0)
    assert [system.later(1, 3 * TIME_TO_BEGIN), system.later(1, 3 * TIME_TO_BEGIN)] == [1, 0]


def test_a_thread_that_has_ended_is_not_replaced_by_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library has ended one of its own: the next thread without a frame is new."""
    system = System(monkeypatch, 2)
    assert [system.later(1), system.later(2)] == [0, 1]


def test_where_the_system_has_no_list_nothing_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only Linux shows it for nothing."""
    monkeypatch.setattr(newborn, "_LIST", "/proc/no/such/list")
    assert NewThreads().count() == 0
