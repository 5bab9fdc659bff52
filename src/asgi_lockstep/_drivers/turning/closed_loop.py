"""Steps after the loop of a driver has been closed: what is there already can still be taken."""

from __future__ import annotations

from typing import TypeVar

from ..._protocol.steps import Move, Steps
from ...errors import UsageError

T = TypeVar("T")


def run_without_loop(steps: Steps[T]) -> T:
    """Carry the steps out as long as what each waits for is there, and return their result.

    Raises:
        UsageError: the loop would have to be turned.
    """
    try:
        step = next(steps)
        while isinstance(step, Move) and step.until():
            step = steps.send(None)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    steps.close()
    raise UsageError("The event loop of this client has been closed: the `with` block that made it is over.")
