"""An asyncio loop whose time passes only by jumping: `time()` is overridden."""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable

from ..clock.virtual_clock import VirtualClock


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop with a virtual clock; whoever made its selector decides when the clock jumps.

    Args:
        selector: sees the rests of the loop.
        clock: what it reads its time from.
    """

    def __init__(self, selector: selectors.BaseSelector, clock: VirtualClock) -> None:
        self.clock = clock
        #: Asked when nothing is ready and no timer is pending, with the seconds that have just been waited: how long
        #: to wait now. Set by the watch over a loop that somebody else runs.
        self.on_rest: Callable[[float], float] = _for_ever
        super().__init__(selector)

    def time(self) -> float:
        """Seconds of the virtual clock, which begins at 0."""
        return self.clock.now


def _for_ever(_: float) -> float:
    return math.inf
