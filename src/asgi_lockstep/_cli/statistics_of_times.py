"""What many durations have in common: their percentiles, and a drawing of how they are spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from .stopwatch import shown

#: How many rows a histogram has, and how many columns its longest bar.
_ROWS, _COLUMNS = 10, 40

#: How wide a row is at least, as a part of the fastest.
_LEAST_WIDTH = 0.01

#: Bars end with a part of a column.
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True)
class Spread:
    """Durations in seconds."""

    min: float
    median: float
    p90: float
    p99: float
    max: float


def spread_of(times: Sequence[float]) -> Spread:
    """The spread of at least one duration.

    Example:
        >>> spread_of([1.0, 2.0, 3.0, 4.0])
        Spread(min=1.0, median=2.5, p90=4.0, p99=4.0, max=4.0)
    """
    ordered = sorted(times)
    return Spread(ordered[0], median(ordered), _percentile(ordered, 90), _percentile(ordered, 99), ordered[-1])


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """The smallest that is not below so many percent of all."""
    return ordered[ceil(len(ordered) * percent / 100) - 1]


def histogram(times: Sequence[float]) -> list[tuple[str, str, int]]:
    """Rows of equal width from the fastest on, and one for all those that took much longer than most.

    The rows end at the 99th percentile, or before it at three times of what lies between the fastest and the 90th: a
    machine that does something else would leave one row with a bar, otherwise. No row is narrower than a hundredth of
    the fastest: the durations beside the bars have three digits.

    Returns:
        For each row the shortest duration in it, its bar, and how many there are.
    """
    spread = spread_of(times)
    length = min(spread.p99 - spread.min, 3 * (spread.p90 - spread.min))
    width = max(length / _ROWS, spread.min * _LEAST_WIDTH) or 1.0
    rows = max(1, round(length / width))
    counts = Counter(min(int((time - spread.min) / width), rows) for time in times)
    most = max(counts.values())
    return [
        (shown(spread.min + number * width), _bar(counts[number] / most), counts[number])
        for number in range(max(counts) + 1)
    ]


def _bar(part: float) -> str:
    eighths = ceil(part * _COLUMNS * 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
