"""Bodies are encoded as the installed httpx encodes them, which is asked, and not remembered from a release."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from asgi_lockstep import TestClient
from asgi_lockstep._client.pipeline import body as module
from asgi_lockstep._client.pipeline.body import Kind, encoder_of, layout_of
from asgi_lockstep._client.pipeline.header_lines import HeaderLines
from asgi_lockstep._httpx import httpx
from asgi_lockstep._types import Receive, Scope, Send
from helpers import body, start

KINDS: tuple[Kind, ...] = ("content", "data", "json")


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the body that it was sent."""
    await send(start())
    await send(body((await receive())["body"]))


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    """What httpx was asked is forgotten before the test and after it."""
    for known in (encoder_of, layout_of):
        known.cache_clear()
    yield
    for known in (encoder_of, layout_of):
        known.cache_clear()


@pytest.mark.parametrize("kind", KINDS)
def test_the_way_of_this_httpx_is_known(kind: Kind) -> None:
    """Else bodies of that kind are slower again, and `_WAYS` needs another row."""
    assert encoder_of(kind) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_a_way_that_is_not_known_is_left_to_httpx(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes are its own."""
    monkeypatch.setattr(module, "_WAYS", {kind: (lambda _: b"nonsense",)})
    assert encoder_of(kind) is None
    values: dict[str, Any] = {"content": "a", "data": {"a": "b c"}, "json": {"a": None}}
    expected = httpx.Request("POST", "http://x", **{kind: values[kind]}).read()
    assert TestClient(echo).post("/", **{kind: values[kind]}).content == expected


def test_the_headers_of_a_body_are_those_that_httpx_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever they are, and wherever it puts them."""

    class Other(httpx.Request):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.headers = httpx.Headers([(b"X-First", b"1"), *self.headers.raw, (b"X-Last", b"2")])

    monkeypatch.setattr(httpx, "Request", Other)
    layout = layout_of("POST", "json")
    lines = layout.around(HeaderLines.of([(b"Own", b"3"), (b"content-type", b"a/b")]), b"host", 12)
    assert lines.raw == [
        (b"Host", b"host"),
        (b"X-First", b"1"),
        (b"Own", b"3"),
        (b"content-type", b"a/b"),
        (b"Content-Length", b"12"),
        (b"X-Last", b"2"),
    ]
    assert [name for name, _ in lines.lower] == [name.lower() for name, _ in lines.raw]
