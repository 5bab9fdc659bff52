"""How hypercorn is run, in the thread that calls."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence

import hypercorn.asyncio
from hypercorn.config import Config, Sockets

from ..recorder import Recorder
from .log_lines import LogLines
from .settings import Settings, not_taken, refuse_own

#: What is decided here.
_OWN = ("bind", "insecure_bind", "quic_bind", "host", "port", "lifespan", "workers", "use_reloader", "application_path")


class HypercornProgram:
    """hypercorn's `serve()` on a socket of ours.

    Args:
        app: what it runs.
        bound: where it listens.
        settings: what it is to do.
    """

    def __init__(self, app: Recorder, bound: socket.socket, settings: Settings) -> None:
        refuse_own(settings, _OWN)
        for name in settings.options:
            if not hasattr(Config, name):
                raise not_taken(settings, "hypercorn.Config", f"it has no {name!r}")
        self._app = app
        self._log = LogLines()
        logger = logging.Logger("hypercorn.error", logging.INFO)  # of nobody else
        logger.addHandler(self._log)
        self._config = _Config.from_mapping({"errorlog": logger, **settings.options}, bound=bound)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    @property
    def log(self) -> Sequence[str]:
        """Its last lines."""
        return self._log.lines

    def run(self, up: Callable[[], None]) -> None:
        """Serve until it is asked to stop.

        Args:
            up: to be called when it serves.
        """
        self._log.listen_here()

        async def stopped() -> None:
            # hypercorn waits for this as soon as it serves.
            self._loop = asyncio.get_running_loop()
            up()
            await self._stop.wait()

        # Its types have the dicts of ASGI one by one, ours are any mappings.
        served = hypercorn.asyncio.serve(self._app, self._config, shutdown_trigger=stopped, mode="asgi")  # type: ignore[arg-type]
        asyncio.run(served)

    def ask_to_stop(self, at_once: bool = False) -> None:
        """Stop when what is under way has ended, to which hypercorn itself gives three seconds; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)


class _Config(Config):
    """hypercorn's configuration with a socket of ours."""

    bound: socket.socket

    def create_sockets(self) -> Sockets:
        self.bound.setblocking(False)
        return Sockets([], [self.bound], [])
