"""How each server is started and stopped, at its default settings, on a port of loopback that is free."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from conformance.dispatch import FOLDER, LIFESPAN

_APP: Final = "conformance.dispatch:app"

#: How long a server may take to start and to stop, in seconds.
START_LIMIT, STOP_LIMIT = 20.0, 5.0


@dataclass(frozen=True)
class Stack:
    """A server and what it is made of.

    Args:
        command: the module and its arguments, with `{port}`.
        packages: whose versions are recorded.
        fresh_after_failure: whether it is started anew after an app that failed, because it answers differently from
            then on.
    """

    command: str
    packages: tuple[str, ...]
    fresh_after_failure: bool = False

    @property
    def versions(self) -> dict[str, str]:
        """Of each package that it is made of."""
        return {name: version(name) for name in self.packages}

    @property
    def installed(self) -> bool:
        """Whether all of it is."""
        try:
            return bool(self.versions)
        except PackageNotFoundError:
            return False


#: The servers, by the names under which they are recorded.
STACKS: Final[Mapping[str, Stack]] = {
    "uvicorn-h11": Stack(
        f"uvicorn {_APP} --port {{port}} --http h11 --ws wsproto --log-level critical", ("uvicorn", "h11", "wsproto")
    ),
    "uvicorn-httptools": Stack(
        f"uvicorn {_APP} --port {{port}} --http httptools --ws websockets-sansio --log-level critical",
        ("uvicorn", "httptools", "websockets"),
    ),
    "hypercorn": Stack(
        f"hypercorn {_APP} --bind 127.0.0.1:{{port}} --log-level CRITICAL", ("hypercorn", "h11", "wsproto")
    ),
    "daphne": Stack(
        f"daphne {_APP} --bind 127.0.0.1 --port {{port}} --verbosity 0",
        ("daphne", "twisted", "autobahn"),
        # Its reporter of errors ends for good with the first app that raises after its response has started.
        fresh_after_failure=True,
    ),
    "granian": Stack(f"granian {_APP} --interface asgi --port {{port}} --log-level critical", ("granian",)),
}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Server:
    """A server process.

    Args:
        stack: which.
        folder: where its apps write down what they saw.
        lifespan: the case that it is started for, `""` for none.
    """

    def __init__(self, stack: Stack, folder: Path, lifespan: str = "") -> None:
        self.port = free_port()
        tests = Path(__file__).parents[1]
        paths = [str(tests), str(tests.parent / "src"), os.environ.get("PYTHONPATH", "")]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "PYTHONWARNINGS": "ignore",  # of what the servers use themselves
            FOLDER: str(folder),
            LIFESPAN: lifespan,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", *stack.command.format(port=self.port).split()],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def lives(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def wait_until_it_listens(self, limit: float = START_LIMIT) -> bool:
        """Whether it takes connections, within `limit` seconds."""
        end = time.monotonic() + limit
        while self.lives and time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return True
        return False

    def stop(self) -> int | None:
        """Let it end; returns its exit code, or None if it had to be killed."""
        if self.lives:
            self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._kill()
            self._process.wait()
            return None

    def _kill(self) -> None:
        """End it with its workers, where they can be reached together."""
        if sys.platform == "win32":
            self._process.kill()
        else:
            os.killpg(self._process.pid, signal.SIGKILL)
