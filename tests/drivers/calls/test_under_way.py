"""The calls of the app that are under way on one loop: those that have not ended, and that somebody still holds."""

from __future__ import annotations

import weakref
from types import SimpleNamespace
from typing import Any, cast

from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._drivers.calls.under_way import CallsUnderWay


class Call:
    """As much of a call as is looked at."""

    def __init__(self) -> None:
        self.exchange = SimpleNamespace(ended=False)


def begin(calls: CallsUnderWay, number: int = 1) -> list[Any]:
    """Calls that begin, and are held by whoever asked for them."""
    begun = [Call() for _ in range(number)]
    for call in begun:
        calls.add(cast("AppCall[Any]", call))
    return begun


def test_the_oldest_comes_first() -> None:
    """As texts list them."""
    calls = CallsUnderWay()
    begun = begin(calls, 100)
    assert [*calls] == begun


def test_one_that_has_ended_is_under_way_no_more() -> None:
    """Be it the first, the last or the only one."""
    calls = CallsUnderWay()
    begun = begin(calls, 3)
    begun[0].exchange.ended = begun[2].exchange.ended = True
    assert ([*calls], bool(calls)) == (begun[1:2], True)
    begun[1].exchange.ended = True
    assert ([*calls], bool(calls)) == ([], False)


def test_one_that_nobody_holds_is_gone() -> None:
    """It is not kept alive here."""
    calls = CallsUnderWay()
    begun = begin(calls)
    gone = weakref.ref(begun[0])
    assert bool(calls)
    begun.clear()
    assert (gone(), [*calls], bool(calls)) == (None, [], False)


def test_as_many_are_noted_as_are_under_way() -> None:
    """Not more than twice as many, however many there have been; and they are looked through as rarely."""
    calls = CallsUnderWay()
    long = begin(calls, 100)
    for _ in range(1000):
        for call in begin(calls, 2):
            call.exchange.ended = True
    assert ([*calls], len(calls._references) <= 2 * len(long) + 8) == (long, True)
    for call in long:
        call.exchange.ended = True
    begin(calls)
    assert len(calls._references) == 1
