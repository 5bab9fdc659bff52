"""Bodies that the app names as files: path send and zero-copy send (extensions.rst)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.responses import FileResponse

from asgi_lockstep import ProtocolViolation
from asgi_lockstep._types import ASGI3App, Message, Receive, Scope, Send
from helpers import answers, body, start
from matrix import Driver

OFFERED = ["http.response.pathsend", "http.response.zerocopysend", "http.response.trailers"]
PATHSEND = "http.response.pathsend"
ZEROCOPYSEND = "http.response.zerocopysend"

#: Two pieces and a bit, each of them different.
CONTENT = b"".join(number.to_bytes(4, "big") for number in range(40_000))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with CONTENT."""
    path = tmp_path / "film.bin"
    path.write_bytes(CONTENT)
    return path


def zero_copy(path: Path, *parts: Message, after: bytes | None = None) -> ASGI3App:
    """Sends parts of one open file, and perhaps a body after them."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        with path.open("rb") as file:
            for part in parts:
                await send({"type": ZEROCOPYSEND, "file": file, **part})
        if after is not None:
            await send(body(after))

    return app


def read(driver: Driver, app: ASGI3App, streamed: bool, method: str = "GET") -> bytes:
    """The body, read at once or as it comes."""
    client = driver.client(app, extensions=OFFERED)
    if not streamed:
        return bytes(client.request(method, "/").content)
    with client.stream(method, "/") as response:
        return b"".join(response.iter_raw())


both = pytest.mark.parametrize("streamed", [False, True], ids=["at once", "streamed"])


@both
def test_a_path_is_the_body(driver: Driver, path: Path, streamed: bool) -> None:
    """The file is read, and delivered like any body; the response is complete after it."""
    app = answers(start(), {"type": PATHSEND, "path": str(path)})
    assert read(driver, app, streamed) == CONTENT


@both
def test_an_empty_file(driver: Driver, tmp_path: Path, streamed: bool) -> None:
    """No piece, and no hang."""
    (tmp_path / "empty").touch()
    assert read(driver, answers(start(), {"type": PATHSEND, "path": str(tmp_path / "empty")}), streamed) == b""


@both
def test_head_has_no_body(driver: Driver, path: Path, streamed: bool) -> None:
    """Whatever the app sends (RFC 9110 section 9.3.2)."""
    assert read(driver, answers(start(), {"type": PATHSEND, "path": str(path)}), streamed, "HEAD") == b""


@pytest.mark.client_decides
@both
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([{}], CONTENT),
        ([{"offset": 5}], CONTENT[5:]),
        ([{"count": 70_000}], CONTENT[:70_000]),
        ([{"offset": 3, "count": 4}], CONTENT[3:7]),
        ([{"count": 10, "more_body": True}, {"count": 5}], CONTENT[:15]),
        ([{"offset": len(CONTENT), "count": 10}], b""),
    ],
    ids=["all", "from an offset", "up to a count", "from an offset up to a count", "two parts", "past the end"],
)
def test_parts_of_an_open_file(
    driver: Driver, path: Path, streamed: bool, parts: list[Message], expected: bytes
) -> None:
    """`offset` and `count` as `os.sendfile` takes them; several parts make one body."""
    assert read(driver, zero_copy(path, *parts), streamed) == expected


@both
def test_a_file_and_bytes_make_one_body(driver: Driver, path: Path, streamed: bool) -> None:
    """In the order in which they were sent."""
    app = zero_copy(path, {"count": 3, "more_body": True}, after=b"end")
    assert read(driver, app, streamed) == CONTENT[:3] + b"end"


def test_trailers_may_follow_a_path(driver: Driver, path: Path) -> None:
    """As after any body."""
    app = answers(
        start(trailers=True),
        {"type": PATHSEND, "path": str(path)},
        {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]},
    )
    response = driver.client(app, extensions=OFFERED).get("/")
    assert (response.content, response.extensions["http.response.trailers"]) == (CONTENT, [(b"x-sum", b"1")])


def test_a_client_that_goes_in_the_middle_of_a_file(driver: Driver, path: Path) -> None:
    """The rest is not read, and the file is closed."""
    client = driver.client(answers(start(), {"type": PATHSEND, "path": str(path)}), extensions=OFFERED)
    with client.stream("GET", "/") as response:
        assert next(response.iter_raw()) == CONTENT[: 1 << 16]


@pytest.mark.client_decides
@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"type": PATHSEND, "path": "film.bin"}, "The path 'film.bin' of a path send must be absolute."),
        (
            {"type": PATHSEND, "path": b"/film"},
            'The "path" of "http.response.pathsend" is b\'/film\', and must be str.',
        ),
    ],
    ids=["relative", "bytes"],
)
def test_what_is_no_path(driver: Driver, message: Message, words: str) -> None:
    """Out of the app's `send()`, as everything that breaks the specification."""
    with pytest.raises(ProtocolViolation) as caught:
        driver.client(answers(start(), message), extensions=OFFERED).get("/")
    assert str(caught.value).startswith(words)


def test_a_file_that_is_not_there(driver: Driver, tmp_path: Path) -> None:
    """The app hears of it where it sends the path."""
    app = answers(start(), {"type": PATHSEND, "path": str(tmp_path / "nothing")})
    with pytest.raises(FileNotFoundError):
        driver.client(app, extensions=OFFERED).get("/")


@pytest.mark.client_decides
@pytest.mark.parametrize("message", [{"type": PATHSEND, "path": "/x"}, {"type": ZEROCOPYSEND, "file": 0}], ids=str)
def test_both_are_opt_in(driver: Driver, message: Message) -> None:
    """Servers without the extension refuse the message."""
    with pytest.raises(ProtocolViolation, match="does not offer it"):
        driver.client(answers(start(), message)).get("/")


@both
def test_starlette_sends_a_path_where_it_may(driver: Driver, path: Path, streamed: bool) -> None:
    """`FileResponse` uses the extension, and the client sees the file."""
    sent: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def listen(message: Message) -> None:
            sent.append(message["type"])
            await send(message)

        await FileResponse(path)(scope, receive, listen)

    assert read(driver, app, streamed) == CONTENT
    assert sent == ["http.response.start", PATHSEND]
