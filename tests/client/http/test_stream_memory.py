"""Streams of any size fit into memory: what was read is gone, and what is not wanted yet is not made.

Run as a program, this file measures them, one after the other, in a process of its own.
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
#: How much passes, and by how much memory may grow for it: 5 %, where all of it would be 100 %.
PASSES = 64 * MEGABYTE
BOUND = 50 * PASSES // 1024

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


def growth(stream: Callable[[int, Any], None], backend: str) -> int:
    """By how many bytes the peak grows while a stream passes."""
    stream(MEGABYTE, backend)
    before = peak()
    stream(PASSES, backend)
    return peak() - before


@pytest.mark.skipif(sys.platform == "win32", reason="no module there tells the peak of the memory")
def test_a_stream_passes_through_little_memory() -> None:
    """Both ways, on both clients and both libraries, it takes little more than a megabyte does."""
    command = [sys.executable, "-W", "error", __file__]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    grown = dict(line.split(": ") for line in result.stdout.splitlines())
    too_much = {name: bytes_ for name, bytes_ in grown.items() if int(bytes_) >= BOUND}
    assert (len(grown), too_much) == (2 * len(STREAMS), {})


if __name__ == "__main__":
    for name, stream in STREAMS.items():
        for backend in ("asyncio", "trio"):
            sys.stdout.write(f"{name} on {backend}: {growth(stream, backend)}\n")
