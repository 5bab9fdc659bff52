"""Streams of any size fit into memory: what was read is gone, and what is not wanted yet is not made.

Run as a program, this file measures one of them in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from asgi_lockstep import AsyncTestClient, TestClient
from asgi_lockstep._types import Receive, Scope, Send

CHUNK = 65536
MEGABYTE = 1 << 20
GIGABYTE = 1 << 30

STATUS = Path("/proc/self/status")


def chunks(size: int) -> Iterator[bytes]:
    """So many bytes, in chunks that are written to: a `bytes(CHUNK)` may be no more than reserved."""
    for _ in range(size // CHUNK):
        yield b"x" * CHUNK


async def async_chunks(size: int) -> AsyncIterator[bytes]:
    """The twin of `chunks`."""
    for chunk in chunks(size):
        yield chunk


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends as much as the path says, or reads what it is sent."""
    await send({"type": "http.response.start", "status": 200})
    if scope["method"] == "GET":
        for chunk in chunks(int(scope["path"][1:])):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    else:
        while (await receive())["more_body"]:
            pass
    await send({"type": "http.response.body"})


def download(size: int, backend: Any) -> None:
    """The sync client reads."""
    with TestClient(app, backend=backend, lifespan="off") as client, client.stream("GET", f"/{size}") as response:
        assert sum(map(len, response.iter_raw())) == size


def upload(size: int, backend: Any) -> None:
    """The sync client writes."""
    with TestClient(app, backend=backend, lifespan="off") as client:
        client.post("/", content=chunks(size))


def async_download(size: int, backend: Any) -> None:
    """The async client reads."""

    async def main() -> None:
        async with AsyncTestClient(app, lifespan="off") as client, client.stream("GET", f"/{size}") as response:
            assert sum([len(chunk) async for chunk in response.aiter_raw()]) == size

    anyio.run(main, backend=backend)


def async_upload(size: int, backend: Any) -> None:
    """The async client writes."""

    async def main() -> None:
        async with AsyncTestClient(app, lifespan="off") as client:
            await client.post("/", content=async_chunks(size))

    anyio.run(main, backend=backend)


STREAMS: dict[str, Callable[[int, Any], None]] = {
    stream.__name__: stream for stream in (download, upload, async_download, async_upload)
}


def peak() -> int:
    """The most memory that this process has ever had, in bytes."""
    if sys.platform == "win32":
        raise NotImplementedError
    if STATUS.exists():
        # Linux counts the process that has started this one into `ru_maxrss`; this is its own.
        (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) << 10
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def growth(name: str, backend: str) -> int:
    """By how many bytes the peak grows while a gigabyte passes."""
    STREAMS[name](MEGABYTE, backend)
    before = peak()
    STREAMS[name](GIGABYTE, backend)
    return peak() - before


@pytest.mark.skipif(sys.platform == "win32", reason="no module there tells the peak of the memory")
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("name", STREAMS)
def test_a_gigabyte_passes_through_little_memory(name: str, backend: str) -> None:
    """Both ways and on both clients, it takes less than 50 MB more than a megabyte does."""
    command = [sys.executable, "-W", "error", __file__, name, backend]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(result.stdout) < 50 * MEGABYTE


if __name__ == "__main__":
    sys.stdout.write(str(growth(*sys.argv[1:])))
