"""One stack: a server for its cases, started anew where it died, hangs, or answers differently from then on."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from conformance.case import Case, Lifespan, Request, Socket
from conformance.connection import LIMIT
from conformance.dispatch import CASE, RUN
from conformance.sight import NOT_CALLED, RUNNING, Sight, read, short
from conformance.stacks import START_LIMIT, Server, Stack
from conformance.wire import request
from conformance.wire_socket import websocket

#: How long an app may take to end after its client has its answer, in seconds; then it is running.
END_LIMIT: Final = 0.8

#: How long a server may take to come up or to give up, in a lifespan case.
LIFESPAN_LIMIT: Final = 6.0


class NotStarted(RuntimeError):
    """A server does not take connections: its own fault, or that of a case that cannot be imported."""

    def __init__(self, stack: Stack) -> None:
        command = stack.command.format(port=8000)
        super().__init__(
            f"The server does not listen {START_LIMIT:g} seconds after its start, or has ended. To see why, run: "
            f"PYTHONPATH=tests python -m {command}"
        )


class Recorder:
    """Runs cases under one stack.

    Args:
        stack: which.
        folder: where its apps write down what they saw.
        limit, end_limit: how long the client waits for what does not come, and then for the end of the app, in seconds.
    """

    def __init__(self, stack: Stack, folder: Path, limit: float = LIMIT, end_limit: float = END_LIMIT) -> None:
        self._limit = limit
        self._end_limit = end_limit
        self._stack = stack
        self._folder = folder
        self._numbers = count()
        self._server: Server | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    def outcome(self, case: Case) -> dict[str, Any]:
        """What comes of `case`."""
        found: dict[str, Any] = short(self._lifespan(case) if isinstance(case.script, Lifespan) else self._call(case))
        return found

    def _call(self, case: Case) -> dict[str, Any]:
        assert not isinstance(case.script, Lifespan)
        server = self._running()
        run = f"{next(self._numbers)}"
        more = ((CASE.decode(), case.name), (RUN.decode(), run))
        seen = _play(server.port, case.script, more, self._limit)
        sight = self._sight(run, server)
        if self._is_spent(server, seen["result"], sight):
            self._stop()
        return {**seen, **sight.outcome()}

    def _is_spent(self, server: Server, result: str, sight: Sight) -> bool:
        """Whether what the next case gets could be due to this one."""
        if "hang" in result or sight.end == RUNNING or (self._stack.fresh_after_failure and sight.failed):
            return True
        # A worker of it dies at first, and a moment later the whole server.
        return result in ("closed", "malformed") and not _answers(server)

    def _running(self) -> Server:
        if self._server is None or not self._server.lives or not _answers(self._server):
            self._stop()
            self._server = Server(self._stack, self._folder)
            if not self._server.wait_until_it_listens():
                raise NotStarted(self._stack)
        return self._server

    def _stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _sight(self, run: str, server: Server) -> Sight:
        end = time.monotonic() + self._end_limit
        while not (sight := read(self._folder / run)).ended and time.monotonic() < end and server.lives:
            if sight.end == NOT_CALLED and time.monotonic() > end - self._end_limit / 2:
                break
            time.sleep(0.005)
        return sight

    def _lifespan(self, case: Case) -> dict[str, Any]:
        """Start a server for this case, make a request once it listens, and let it end."""
        for old in self._folder.glob(case.name):
            old.unlink()
        server = Server(self._stack, self._folder, case.name)
        more = ((CASE.decode(), case.name), (RUN.decode(), case.name))
        answered = None
        end = time.monotonic() + LIFESPAN_LIMIT
        while server.lives and answered is None and time.monotonic() < end:
            if server.wait_until_it_listens(0.2):
                answered = _result(server, more)
        serves = answered is not None
        result = "serves" if serves else "hangs" if server.lives else "exits"
        code = server.stop()
        outcome: dict[str, Any] = {"result": result, "request": answered}
        if serves:
            outcome["exit"] = "clean" if code == 0 else "killed" if code is None else "failed"
        return {**outcome, **read(self._folder / case.name).outcome()}


def _play(port: int, script: Request | Socket, more: tuple[tuple[str, str], ...], limit: float) -> dict[str, Any]:
    try:
        if isinstance(script, Request):
            return request(port, script, more, limit)
        return websocket(port, script, more, limit)
    except OSError:  # nobody takes the connection
        return {"result": "closed"}


def _result(server: Server, more: tuple[tuple[str, str], ...]) -> str | None:
    """The status of a request; None if there is no answer yet."""
    try:
        result = str(request(server.port, Request(), more)["result"])
    except OSError:
        return None
    return None if result in ("hang", "closed") else result


def _answers(server: Server) -> bool:
    """Whether a plain request is answered."""
    try:
        return bool(request(server.port, Request())["result"] == "200")
    except OSError:
        return False
