"""Who waits for what, as data: what `Deadlock` and the time limits of clients are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Who waits for what, when a client call gets no further.

    Args:
        waits_for: what the test waits for, to be read after "the test waits for".
        waits_at: the line of the test that waits, `""` if it is not known.
        exchanges: the live state of each open exchange, as its `repr` shows it.
        tasks: what there is to say about each task of the app: whose it is, and the line at which it stands.
        outside: what is not part of the event loop and may still change something: threads, sockets, signal handlers.
        advice: what to do about it, if the shape is a known one.
        request: the request whose answer it waits for, `""` if it waits for something else.
        virtual_seconds: how much virtual time has passed in a call that has reached its limit; None where time is real.
        threads: each worker thread that has a job, as of a sync endpoint, and the line at which it stands.
        holders: who holds what a task waits for, as a lock: each a sentence.
    """

    waits_for: str
    waits_at: str = ""
    exchanges: Sequence[str] = ()
    tasks: Sequence[str] = ()
    outside: Sequence[str] = ()
    advice: str = ""
    request: str = ""
    virtual_seconds: float | None = None
    threads: Sequence[str] = ()
    holders: Sequence[str] = ()

    @property
    def lines(self) -> list[str]:
        """All of it but `waits_for`, a line each."""
        lines = [f"  the test waits at {self.waits_at}"] if self.waits_at else []
        if self.virtual_seconds is not None:
            lines.append(f"  {self.virtual_seconds:g} seconds of virtual time have passed in this call")
        lines += [f"  {line}" for line in (*self.exchanges, *self.tasks, *self.threads, *self.holders)]
        if self.outside:
            lines += ["What may still come from outside of the event loop:", *(f"  {line}" for line in self.outside)]
        return [*lines, self.advice] if self.advice else lines
