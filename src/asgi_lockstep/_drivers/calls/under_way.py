"""The calls of the app that are under way on one loop."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

from .app_call import AppCall


class CallsUnderWay:
    """Those that have begun and not ended, the oldest first, of those that somebody still holds.

    It keeps none of them alive: one that has failed holds its request. No `WeakSet`: that runs Python code when a call
    goes, in which an interrupt is lost.
    """

    def __init__(self) -> None:
        self._references: list[weakref.ref[AppCall[Any]]] = []
        #: At how many references those are forgotten that have gone: twice as many as there were at last.
        self._enough = 8

    def __iter__(self) -> Iterator[AppCall[Any]]:
        return (call for call in map(_call, [*self._references]) if call is not None)

    def __bool__(self) -> bool:
        return any(_call(reference) is not None for reference in reversed(self._references))

    def add(self, call: AppCall[Any]) -> None:
        """Note a call that begins. Not from two threads at once."""
        references = self._references
        while references and _call(references[-1]) is None:
            references.pop()
        if len(references) >= self._enough:
            self._references = references = [reference for reference in references if _call(reference) is not None]
            self._enough = 2 * len(references) + 8
        references.append(weakref.ref(call))


def _call(reference: weakref.ref[AppCall[Any]]) -> AppCall[Any] | None:
    """The call, if it is under way."""
    call = reference()
    return None if call is None or call.exchange.ended else call
