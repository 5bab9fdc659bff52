"""Files as request bodies, and known bodies in pieces of a given size."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import pytest

from asgi_lockstep._types import ASGI3App, Receive, Scope, Send
from helpers import Listener, body, hello, read_body, start
from matrix import Driver

#: What a file is read in (httpx2), in bytes.
PIECE = 65536

THREE = {"asgi": {"body_chunks": 3}}


def positions(file: IO[bytes], seen: list[tuple[int, int]]) -> ASGI3App:
    """An app that notes the size of each piece, and how far the file has been read by then."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            seen.append((len(message["body"]), file.tell()))
        await hello(scope, receive, send)

    return app


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of two pieces and a bit."""
    path = tmp_path / "film.bin"
    path.write_bytes(b"0" * (2 * PIECE + 10))
    return path


def test_a_file_is_read_as_the_app_asks_for_it(sync_driver: Driver, path: Path) -> None:
    """No further than the piece that the app has received."""
    seen: list[tuple[int, int]] = []
    with path.open("rb") as file:
        sync_driver.client(positions(file, seen)).post("/", content=file)
    end = 2 * PIECE + 10
    assert seen == [(PIECE, PIECE), (PIECE, 2 * PIECE), (10, end), (0, end)]


def test_a_file_in_a_form_is_read_as_the_app_asks_for_it(sync_driver: Driver, path: Path) -> None:
    """Boundary and headers come before anything of it is read."""
    seen: list[tuple[int, int]] = []
    with path.open("rb") as file:
        sync_driver.client(positions(file, seen)).post("/", files={"file": file})
    end = 2 * PIECE + 10
    assert [position for _, position in seen] == [0, 0, PIECE, 2 * PIECE, end, end, end, end]
    assert [size for size, _ in seen[2:5]] == [PIECE, PIECE, 10]


def test_the_rest_of_a_file_stays_unread(sync_driver: Driver, path: Path) -> None:
    """An app that answers after the first piece; the file stands where it was left."""
    with path.open("rb") as file:
        assert sync_driver.client(reads_one).post("/", content=file).text == "POST /"
        assert file.tell() == PIECE


async def reads_one(scope: Scope, receive: Receive, send: Send) -> None:
    """Has enough after the first piece."""
    await receive()
    await hello(scope, receive, send)


async def reads_all(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body, and sends everybody to /there."""
    await read_body(receive)
    if scope["path"] == "/there":
        await hello(scope, receive, send)
    else:
        await send(start(307, (b"location", b"/there")))
        await send(body())


def pieces(app: Listener) -> list[bytes]:
    """What the app has received, piece by piece."""
    return [message["body"] for message in app.received]


@pytest.mark.client_decides
@pytest.mark.parametrize("given", [{"json": [1, 2]}, {"data": {"a": "b"}}], ids=["json", "form"])
def test_json_and_forms_are_cut_like_any_known_body(driver: Driver, given: dict[str, Any]) -> None:
    """`body_chunks` does not care who has encoded the body."""
    app = Listener(http=reads_one)
    driver.client(app).post("/", extensions=THREE, **given)
    assert pieces(app) == [b"[1," if "json" in given else b"a=b"]


@pytest.mark.client_decides
def test_a_body_is_cut_again_for_a_redirect(driver: Driver) -> None:
    """Each request that httpx2 makes of one call has the same pieces."""
    app = Listener(http=reads_all)
    assert driver.client(app).post("/here", content=b"abcde", extensions=THREE).text == "POST /there"
    assert pieces(app) == [b"abc", b"de"] * 2


def test_the_pieces_of_a_generator_stay_as_they_are(sync_driver: Driver) -> None:
    """`body_chunks` is for known bodies; what comes piece by piece has its sizes already."""
    app = Listener(http=reads_all)
    sync_driver.client(app).post("/there", content=iter([b"abcde", b"f"]), extensions=THREE)
    assert pieces(app) == [b"abcde", b"f", b""]
