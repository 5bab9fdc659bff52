"""Servers that end by themselves, and children whose parent ends."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx2
import pytest

import live_apps
from asgi_lockstep.live import LiveServer, ServerFailed

from .conftest import Run


def test_a_server_that_has_ended_by_itself_is_told() -> None:
    """When the block is left."""
    with (
        pytest.raises(ServerFailed, match=r"^uvicorn does not serve the app: it has ended by itself\.$"),
        LiveServer(live_apps.plain, server_options={"limit_max_requests": 1}) as live,
    ):
        assert live.client().get("/x").text == "GET /x "
        (thread,) = [one for one in threading.enumerate() if one.name == "uvicorn of a LiveServer"]
        thread.join()


def test_a_child_process_that_has_ended_is_told(run_in_child: Run) -> None:
    """With its status, and its last words."""
    with pytest.raises(ServerFailed) as caught, run_in_child(live_apps.ends_its_process, lifespan="off") as live:
        with pytest.raises(httpx2.TransportError):
            live.client().get("/x")
        for _ in iter(lambda: reaches(live.port), False):
            """Until all of it has ended."""
    assert "does not serve the app: it has ended with status " in str(caught.value)
    assert "last words" in str(caught.value)


def reaches(port: int) -> bool:
    """Whether somebody listens at a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


SCRIPT = """
import os, sys
sys.path[:] = {path!r}
import live_apps
from asgi_lockstep.live import LiveServer
live = LiveServer(live_apps.plain, {server!r}).__enter__()
print(live.port, live._running.serving("").folder, flush=True)
os._exit(0)
"""


@pytest.mark.parametrize("server", ["daphne", "granian"])
def test_a_child_process_ends_with_its_parent(server: str) -> None:
    """Also if that had no time to say so, and leaves nothing behind."""
    script = SCRIPT.format(path=sys.path, server=server)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    port, folder = done.stdout.split()
    for _ in iter(lambda: reaches(int(port)), False):
        """Until it has ended."""
    assert not Path(folder).exists()
