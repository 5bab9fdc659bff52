"""The two-sided helper for steps: the test plays the driver, and what the app does it does to the exchange."""

from __future__ import annotations

from typing import Generic, TypeVar

from asgi_lockstep._protocol.steps import Move, Pull, Steps

T = TypeVar("T")

#: How a player shows that a piece of the request body is needed.
PULL = "a piece of the request body"

#: What a client waits for, how long it is patient, and whether it has it.
Shown = tuple[str, float | None, bool]


class Player(Generic[T]):
    """Goes through steps one by one.

    Args:
        steps: what the client does; goes to its first step at once.
    """

    def __init__(self, steps: Steps[T]) -> None:
        self._steps = steps
        self._step: Move | Pull | None = None
        #: What the steps came to, once they are done.
        self.results: list[T] = []
        self._resume(None)

    @property
    def at(self) -> Shown | str:
        """Where the client is: at a move (which shows whether its goal is reached), at a pull, or done."""
        if isinstance(self._step, Move):
            return (self._step.waits_for, self._step.patience, self._step.until())
        return "done" if self._step is None else PULL

    def go(self, piece: bytes | None = None) -> None:
        """Carry out the step; as a driver, never where a goal without patience is not reached."""
        if isinstance(self._step, Move):
            assert piece is None
            assert self._step.until() or self._step.patience is not None, f"nobody moved: {self.at}"
        self._resume(piece)

    def fail(self, exception: BaseException) -> None:
        """Fail to carry out the step."""
        self._step = None
        self._step = self._steps.throw(exception)

    def drop(self) -> None:
        """Lose interest, as when the garbage collector finds steps that nobody carries out."""
        self._steps.close()
        self._step = None

    def _resume(self, answer: bytes | None) -> None:
        try:
            self._step = self._steps.send(answer)
        except StopIteration as stop:
            self._step = None
            self.results.append(stop.value)
