"""On which of the two HTTP libraries the clients stand, and what holds on the older one."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import httpx2
import pytest

from asgi_lockstep import AsyncTestClient, TestClient, _httpx
from asgi_lockstep._httpx import Choice, choose
from asgi_lockstep._types import Receive, Scope, Send

_BEFORE_1_2, _SINCE_1_2 = "import httpx", "try: import httpx2 as httpx"
_ON_IT = "the client of the installed Starlette stands on it"


async def nobody(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """An app that is never asked."""


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by the environment nor by what is imported."""
    monkeypatch.delenv(_httpx.VARIABLE, raising=False)
    monkeypatch.delitem(sys.modules, "starlette.testclient", raising=False)


@pytest.mark.parametrize(
    ("source", "installed", "choice"),
    [
        (None, ("httpx2",), Choice("httpx2", "there is no Starlette")),
        (None, ("httpx2", "httpx"), Choice("httpx2", "there is no Starlette")),
        (_SINCE_1_2, ("httpx2", "httpx"), Choice("httpx2", _ON_IT)),
        (_SINCE_1_2, ("httpx",), Choice("httpx", _ON_IT)),
        (_BEFORE_1_2, ("httpx2", "httpx"), Choice("httpx", _ON_IT)),
        (
            _BEFORE_1_2,
            ("httpx2",),
            Choice("httpx2", "httpx, on which the client of the installed Starlette stands, is not installed"),
        ),
    ],
)
def test_it_is_that_of_the_installed_starlette(
    monkeypatch: pytest.MonkeyPatch, source: str | None, installed: tuple[str, ...], choice: Choice
) -> None:
    """Which is seen in the text of its client; without one it is httpx2."""
    monkeypatch.setattr(_httpx, "_source_of_their_client", lambda: source)
    monkeypatch.setattr(_httpx, "_is_installed", installed.__contains__)
    assert choose() == choice


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_where_starlettes_client_is_imported_it_is_what_that_has_imported(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whatever its text says."""
    module = SimpleNamespace(httpx=SimpleNamespace(__name__=name))
    monkeypatch.setitem(sys.modules, "starlette.testclient", module)
    assert choose() == Choice(name, "starlette.testclient has imported it")


def test_the_environment_decides_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a name that is none is refused, with those that are."""
    monkeypatch.setenv(_httpx.VARIABLE, "httpx")
    assert choose() == Choice("httpx", "ASGI_LOCKSTEP_HTTPX says so")
    monkeypatch.setenv(_httpx.VARIABLE, "requests")
    with pytest.raises(ImportError) as caught:
        choose()
    assert str(caught.value) == "ASGI_LOCKSTEP_HTTPX='requests' names no library: write httpx2 or httpx."


def test_the_text_of_the_real_client_is_found() -> None:
    """The newest Starlette is installed here."""
    assert choose() == Choice("httpx2", _ON_IT)
    assert issubclass(TestClient, httpx2.Client)
    assert issubclass(AsyncTestClient, httpx2.AsyncClient)


def test_what_no_client_has_is_no_attribute() -> None:
    """In Python's words."""
    client = TestClient(nobody)
    with pytest.raises(AttributeError) as caught:
        client.nothing  # type: ignore[attr-defined]  # noqa: B018
    assert str(caught.value) == "'TestClient' object has no attribute 'nothing'"
    assert not hasattr(client, "nothing")


#: What is used by suites that stand on httpx: its types, its errors, and its own client over our transport.
ON_HTTPX = """
import asyncio
import httpx
from asgi_lockstep import AppTimeout, AsyncTestClient, TestClient, WebSocketDenialResponse

async def app(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": (await receive())["text"]})
        return
    status = 404 if scope["path"] == "/missing" else 200
    await send({"type": "http.response.start", "status": status})
    await send({"type": "http.response.body", "body": b"a", "more_body": True})
    await send({"type": "http.response.body", "body": b"b"})

client = TestClient(app, cookies=httpx.Cookies({"a": "b"}))
client.base_url = httpx.URL("http://testserver/")
response = client.get(httpx.URL("/"), auth=httpx.BasicAuth("a", "b"), timeout=httpx.Timeout(5))
assert isinstance(client, httpx.Client)
assert isinstance(response, httpx.Response) and response.text == "ab"
try:
    client.get("/missing").raise_for_status()
except httpx.HTTPStatusError as exc:
    assert exc.response.status_code == 404
assert client.send(httpx.Request("GET", "http://testserver/")).is_success
assert httpx.Client(transport=client._transport, base_url="http://t").get("/").is_success
with client.stream("GET", "/") as response:
    assert [*response.iter_bytes()] == [b"a", b"b"]
with client.websocket_connect("/") as session:
    session.send_text("hi")
    assert session.receive_text() == "hi"
assert issubclass(AppTimeout, httpx.ReadTimeout) and issubclass(WebSocketDenialResponse, httpx.Response)

async def main():
    async with AsyncTestClient(app) as client:
        assert isinstance(client, httpx.AsyncClient)
        assert (await client.get("/")).text == "ab"

asyncio.run(main())
for name in ("sse", "query", "websocket"):
    for absent in (client, AsyncTestClient(app)):
        assert not hasattr(absent, name)
try:
    client.sse
except AttributeError as exc:
    print(exc)
"""


def test_all_of_it_stands_on_httpx_where_that_is_chosen() -> None:
    """And what only httpx2 has is absent, with a text that says so."""
    env = {**os.environ, _httpx.VARIABLE: "httpx"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ON_HTTPX], env=env, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (
        "'TestClient' object has no attribute 'sse': sse() is httpx2's, and this client stands on httpx, because "
        "ASGI_LOCKSTEP_HTTPX says so. ASGI_LOCKSTEP_HTTPX=httpx2 decides otherwise.\n",
        "",
    )
