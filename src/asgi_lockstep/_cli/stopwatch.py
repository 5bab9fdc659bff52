"""The one place where the command line asks how late it is."""

from __future__ import annotations

from .._drivers.clock.real_time import real_time


def seconds() -> float:
    """Seconds since some moment, as they pass on the wall; the clock of an app has nothing to do with them."""
    return real_time()


def shown(duration: float) -> str:
    """A duration as people read it: three digits, and the unit that goes with them.

    Example:
        >>> shown(0.00001234), shown(0.0123), shown(75)
        ('12.3 µs', '12.3 ms', '75 s')
    """
    for unit, factor in (("µs", 1e6), ("ms", 1e3)):
        if duration * factor < 999.5:
            return f"{duration * factor:.3g} {unit}"
    return f"{duration:.3g} s" if duration < 999.5 else f"{duration:.0f} s"
