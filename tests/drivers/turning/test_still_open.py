"""What is still open when Python ends is closed, before Python waits for the threads that wait for that."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from asgi_lockstep._drivers.turning.still_open import StillOpen
from matrix import SYNC, available

APP = """
import anyio, asyncio, logging, sys, threading
from asgi_lockstep import TestClient

logging.getLogger("asyncio").setLevel(logging.ERROR)  # whose debug mode warns of what takes long on a busy machine

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return
    await anyio.to_thread.run_sync(int)
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        return
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"x", "more_body": True})
    await send({"type": "http.response.body"})
"""

LEFT_OPEN = {
    "entered": "client = TestClient(app, **OPTIONS); client.__enter__(); client.get('/')",
    "stream": "client = TestClient(app, **OPTIONS); r = client.send(client.build_request('GET', '/'), stream=True)",
    "websocket": "session = TestClient(app, **OPTIONS).websocket_connect('/').__enter__()",
    "portal": "client = TestClient(app, **OPTIONS).__enter__(); client.portal.start_task_soon(anyio.sleep_forever)",
    "thread": "thread = threading.Thread(target=lambda: keep.append(TestClient(app, **OPTIONS).__enter__().get('/')))\n"
    "keep = []; thread.start(); thread.join()",
    "thrown away": "TestClient(app, **OPTIONS).__enter__().get('/')",
}


class Loop:
    """One that only notes when it is closed."""

    def __init__(self, name: str, closed: list[str], failure: Exception | None = None) -> None:
        self._name = name
        self._closed = closed
        self._failure = failure

    def close_at_exit(self, seconds: float) -> None:
        self._closed.append(self._name)
        if self._failure is not None:
            raise self._failure


@pytest.mark.parametrize("left_open", LEFT_OPEN)
@pytest.mark.parametrize("driver", available(SYNC))
def test_python_ends_without_a_word_whatever_is_left_open(driver: str, left_open: str) -> None:
    """Not one on stderr, with every warning an error; the limit only keeps a failing test from going on for ever."""
    if sys.version_info[:3] in ((3, 12, 0), (3, 12, 1)) and (driver[:4], left_open) == ("trio", "portal"):
        pytest.skip("these releases start no thread any more when Python ends (gh-113964), and trio warns of its run")
    code = f"{APP}\nOPTIONS = {SYNC[driver]!r}\n{textwrap.dedent(LEFT_OPEN[left_open])}"
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_a_loop_that_cannot_be_closed_keeps_no_other_open() -> None:
    """Nobody could do anything about it any more. The youngest is closed first."""
    closed: list[str] = []
    still_open = StillOpen()
    for loop in (Loop("a", closed), Loop("b", closed, ValueError()), Loop("c", closed)):
        still_open.add(loop)
    still_open.close()
    assert closed == ["c", "b", "a"]


def test_what_is_discarded_or_belongs_to_another_process_is_not_closed() -> None:
    """It is closed already, or its sockets are those of the process that was forked."""
    closed: list[str] = []
    still_open = StillOpen()
    first = Loop("first", closed)
    still_open.add(first)
    still_open.discard(first)
    still_open.close()
    still_open.add(Loop("second", closed))
    still_open.forget()
    still_open.close()
    assert closed == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_process_leaves_the_loops_of_its_parent_alone() -> None:
    """The child ends, and the client of the parent still works."""
    code = f"{APP}\n" + textwrap.dedent("""
        import os
        with TestClient(app) as client:
            client.get("/")
            child = os.fork()
            if not child:
                sys.exit(0)
            assert os.waitpid(child, 0)[1] == 0
            assert client.get("/").status_code == 200
        """)
    # Python 3.12 and later warn of each fork beside a thread.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
