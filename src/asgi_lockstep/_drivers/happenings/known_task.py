"""A task of the app, of which something is kept, and which is kept alive by nobody for that."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any


class KnownTask:
    """What is kept of a task. Whoever asks who can reach a task passes this over, by its module: nobody does by it.

    Args:
        task: of either library.
        name_of: tells what a task is called; it may be given its name after it was made.
        is_unseen: tells of a task that has failed whether nobody has asked for that.
    """

    __slots__ = ("_is_unseen", "_known", "_name", "_name_of")

    def __init__(self, task: Any, name_of: Callable[[Any], str], is_unseen: Callable[[Any], bool] = bool) -> None:
        self._known = weakref.ref(task)
        self._name_of = name_of
        self._is_unseen = is_unseen
        self._name = name_of(task)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    @property
    def name(self) -> str:
        """What it is called, or was when this was asked last."""
        task = self._known()
        if task is not None:
            self._name = self._name_of(task)
        return self._name

    @property
    def is_unseen(self) -> bool:
        """Whether it has failed and nobody has asked for that yet; False where it is gone."""
        task = self._known()
        return task is not None and self._is_unseen(task)
