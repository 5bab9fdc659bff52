"""Servers that do not start, or stop, in time: diagnosed, not waited for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import anyio
import httpx2
import pytest

import live_apps
from asgi_lockstep.live import LiveServer, ServerTimedOut

from .conftest import Run


@contextmanager
def begun(live: LiveServer, path: str) -> Iterator[None]:
    """A request of somebody else to an app that has begun its response and does not end it."""
    with socket.create_connection(("127.0.0.1", live.port)) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        answer = b""
        while b"begun" not in answer:
            received = connection.recv(65536)
            assert received, answer
            answer += received
        yield


def test_an_app_that_never_starts_is_diagnosed(run_in_thread: Run) -> None:
    """The text says where the app stands."""
    live = run_in_thread(live_apps.never_starts, timeout=0.2)
    with pytest.raises(ServerTimedOut) as caught, live:
        """Not reached."""
    name = live.server
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{name} has not started within 0.2 seconds; it was cut off."
    assert lines[1] == "What the app does:"
    assert lines[2].startswith("  the lifespan, at ")
    assert lines[2].endswith("in never_starts: await anyio.Event().wait()")
    assert lines[-1] == "End that, or give it longer: LiveServer(..., timeout=0.4)."


def test_an_app_that_never_starts_in_a_child_process_is_diagnosed() -> None:
    """The child says where it stands."""
    with pytest.raises(ServerTimedOut) as caught, LiveServer(live_apps.never_starts, "granian", timeout=3):
        """Not reached."""
    assert caught.value.phase == "start"
    assert caught.value.standing[0].startswith("the lifespan, at ")
    assert caught.value.standing[0].endswith("in never_starts: await anyio.Event().wait()")
    assert any("Starting granian" in line for line in caught.value.log)


def test_a_request_that_holds_a_stop_up_is_named(run_in_thread: Run) -> None:
    """With the line at which the app stands; the server is gone then."""
    live = run_in_thread(live_apps.never_ends, timeout=0.2)
    port = 0
    with ExitStack() as others, pytest.raises(ServerTimedOut) as caught, live:
        port = live.port
        others.enter_context(begun(live, "/slow"))
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{live.server} has not stopped within 0.2 seconds; it was cut off."
    assert lines[2].startswith("  GET /slow, at ")
    assert lines[2].endswith("in never_ends: await anyio.Event().wait()")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_request_that_holds_a_stop_up_in_a_child_process_is_named() -> None:
    """Granian waits for it; daphne cancels it."""
    server = LiveServer(live_apps.never_ends, "granian", timeout=3)
    with ExitStack() as others, pytest.raises(ServerTimedOut) as caught, server as live:
        others.enter_context(begun(live, "/slow"))
    assert caught.value.phase == "stop"
    assert caught.value.standing[0].startswith("GET /slow, at ")


def test_an_app_that_blocks_the_thread_of_its_server_is_named(run_in_thread: Run) -> None:
    """With the thread, and the line at which it stands; it cannot be killed, and is left behind."""
    live_apps.GO_ON.clear()
    live = run_in_thread(live_apps.blocks, timeout=0.2)
    with ExitStack() as others:
        others.callback(live_apps.GO_ON.set)
        with pytest.raises(ServerTimedOut) as caught, live:
            others.enter_context(begun(live, "/block"))
    assert caught.value.standing[0] == "GET /block, which runs just now"
    (thread_line,) = [line for line in caught.value.standing if f"thread '{live.server} of a LiveServer', at " in line]
    assert thread_line.endswith("in blocks: GO_ON.wait()")
    for thread in threading.enumerate():
        if thread.name.endswith("of a LiveServer"):
            thread.join()


def test_a_client_that_waits_too_long_is_told_where_the_app_stands(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a note on httpx's own exception."""
    monkeypatch.setattr(live_apps, "RELEASED", anyio.Event())
    with run(live_apps.held) as live:
        with pytest.raises(httpx2.ReadTimeout) as caught:
            live.client(timeout=0.2).get("/x")
        assert live.client().get("/release").status_code == 204
    (note,) = caught.value.__notes__
    assert note.startswith("GET /x, at ")
    assert note.endswith("in held: await RELEASED.wait()")
