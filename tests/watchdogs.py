"""A watchdog with a clock that stands still unless a test says otherwise, and whoever hears it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from asgi_lockstep._drivers.inspection.watchdog import Watchdog
from asgi_lockstep._types import ASGI3App, Receive, Scope, Send
from either import Either
from helpers import body, start

#: After how many seconds of its clock the watchdog reports a thread; it looks four times as often, in real time.
LIMIT = 0.004

#: How long is waited for a report at most, in seconds.
PATIENCE = 10


class Ear(logging.Handler):
    """Hears what the library logs; an app blocks its thread until something is heard."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        #: Something has been said: the app meets the watchdog here.
        self.heard = threading.Barrier(2)

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        if self.heard.n_waiting:
            self.heard.wait(PATIENCE)

    @property
    def texts(self) -> list[str]:
        """What was said."""
        return [record.getMessage() for record in self.records]


class Dog:
    """A watchdog for one test, and its time. It watches this object, too, which is never busy and counts the looks.

    Args:
        ear: time passes while an app waits for it to hear something, a bit with each look.
    """

    beats = 0

    def __init__(self, ear: Ear) -> None:
        self.watchdog = Watchdog()
        self.now = 0.0
        self._looks = 0
        self._ear = ear

    @property
    def busy_thread(self) -> None:
        """The watchdog looks at all that it watches."""
        self._looks += 1

    def nudge(self) -> None:
        """It is never busy."""

    def time(self) -> float:
        """Seconds of its clock."""
        if self._ear.heard.n_waiting:
            self.now += LIMIT / 4
        return self.now

    def has_looked(self) -> None:
        """Wait until it has begun to look, and finished, since this was called."""
        enough = self._looks + 2
        wait_for(lambda: self._looks >= enough)

    def time_passes(self, seconds: float = 10 * LIMIT) -> None:
        """Let it look before and after so many seconds."""
        self.has_looked()
        self.now += seconds
        self.has_looked()


def wait_for(there: Callable[[], object]) -> None:
    """What another thread does comes soon."""
    deadline = time.perf_counter() + PATIENCE
    while not there() and time.perf_counter() < deadline:
        time.sleep(0.0005)
    assert there()


#: How long the app waits where it is not to block at once, in seconds.
SHORTLY = 0.002


def app_of(work: Callable[[], Awaitable[object]]) -> ASGI3App:
    """An app that answers with 204 after `work()`."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        await work()
        await send(start(204))
        await send(body())

    return app


def status(either: Either, work: Callable[[], Awaitable[object]], **options: Any) -> int:
    """How an app is answered for that does `work()`."""

    async def scenario(client: Any) -> int:
        code: int = (await client.get("/")).status_code
        return code

    found: int = either.run(app_of(work), scenario, **{"block_warning": LIMIT, **options})
    return found
