"""Measures: one process, all ways in turn, so that whatever else the machine does hits all of them alike.

Each turn opens what a way needs, does the operation once unmeasured, measures a batch, and closes everything. A sample
is the mean of a batch, garbage collection included; the minimum of the samples is what the operation costs on a machine
that does nothing else, the median what it costs on this one.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import trio

from .ways import Way


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Args:
        rounds: how many turns each way has.
        seconds: how long one turn takes, about.
    """

    rounds: int
    seconds: float


FULL = Plan(rounds=15, seconds=0.04)
QUICK = Plan(rounds=7, seconds=0.015)


@dataclass
class Cell:
    """What was measured of one way."""

    way: Way
    batch: int = 1
    samples: list[float] = field(default_factory=list)

    @property
    def minimum(self) -> float:
        """In microseconds per operation."""
        return min(self.samples) * 1e6

    @property
    def median(self) -> float:
        """In microseconds per operation."""
        return statistics.median(self.samples) * 1e6


class Measurement:
    """All cells of some ways, each measured once, however many rows it is in."""

    def __init__(self, ways: Iterable[Way], plan: Plan) -> None:
        self.plan = plan
        self.cells = {way: Cell(way) for way in ways}
        self._runner = asyncio.Runner()

    def run(self) -> None:
        """All rounds; a failure of one operation ends it."""
        with self._runner:
            for cell in self.cells.values():
                self._warm_up(cell)
            for _ in range(self.plan.rounds):
                for cell in self.cells.values():
                    cell.samples.append(self._turn(cell.way, cell.batch))

    def _warm_up(self, cell: Cell) -> None:
        """Choose how many operations make a batch."""
        fastest = min(self._turn(cell.way, 1) for _ in range(3))
        cell.batch = max(1, round(self.plan.seconds / fastest))
        fastest = min(fastest, self._turn(cell.way, max(1, cell.batch // 10)))
        cell.batch = max(1, round(self.plan.seconds / fastest))

    def _turn(self, way: Way, batch: int) -> float:
        """The seconds that one operation took."""
        if way.library is None:
            return _turn(way, batch)
        if way.library == "trio":
            return trio.run(_turn_async, way, batch)
        return self._runner.run(_turn_async(way, batch))


def _turn(way: Way, batch: int) -> float:
    operation = way.do
    opened: Any = way.open()
    with opened as subject:
        way.check(operation(subject))
        begin = time.perf_counter()
        for _ in range(batch):
            operation(subject)
        return (time.perf_counter() - begin) / batch


async def _turn_async(way: Way, batch: int) -> float:
    operation = way.do
    opened: Any = way.open()
    async with opened as subject:
        way.check(await operation(subject))
        begin = time.perf_counter()
        for _ in range(batch):
            await operation(subject)
        return (time.perf_counter() - begin) / batch
