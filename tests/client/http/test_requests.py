"""HTTP requests: what the app gets, and what the test gets back."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest

from asgi_lockstep import NoResponse, UsageError
from asgi_lockstep._types import ASGIInstance, Receive, Scope, Send
from helpers import Listener, answers, body, hello, read_body, start
from matrix import Driver

pytestmark = pytest.mark.client_decides


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the request body."""
    data = await read_body(receive)
    await send(start())
    await send(body(data))


def test_get_returns_status_headers_and_body(driver: Driver) -> None:
    """A response is what the app has sent, byte for byte."""
    client = driver.client(answers(start(418, (b"x-a", b"1"), (b"x-a", b"2")), body(b"tea", more=True), body(b"pot")))
    response = client.get("/")
    assert (response.status_code, response.text) == (418, "teapot")
    assert response.headers.raw == [(b"x-a", b"1"), (b"x-a", b"2")]
    assert response.http_version == "HTTP/1.1"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])
def test_every_method_of_httpx2_reaches_the_app(driver: Driver, method: str) -> None:
    """Each shortcut of httpx2 sends its method."""
    client = driver.client(hello)
    assert getattr(client, method.lower())("/a").text == f"{method} /a"


def test_head_has_no_body(driver: Driver) -> None:
    """The body that an app sends in answer to HEAD is consumed and dropped."""
    response = driver.client(answers(start(200, (b"content-length", b"2")), body(b"hi"))).head("/")
    assert (response.content, response.headers["content-length"]) == (b"", "2")


def test_the_http_scope(driver: Driver) -> None:
    """The scope has every key of the specification, and nothing more than the extensions of today's client."""
    app = Listener(http=hello)
    driver.client(app, root_path="/root", client=("1.2.3.4", 5)).get("/a%20b?x=1&y=%20", headers=[(b"X-Case", b"\xe9")])
    (scope,) = app.scopes
    headers = scope.pop("headers")
    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"x=1&y=%20",
        "root_path": "/root",
        "client": ("1.2.3.4", 5),
        "server": ("testserver", 80),
        "state": {},
        "extensions": {"http.response.debug": {}},
    }
    assert headers[0] == (b"host", b"testserver")
    assert (b"user-agent", b"testclient") in headers
    assert (b"x-case", b"\xe9") in headers


def test_the_path_is_decoded_once(driver: Driver) -> None:
    """`%252F` is an escaped percent sign, and not a slash."""
    app = Listener(http=hello)
    driver.client(app).get("/a%252Fb")
    assert (app.scopes[0]["path"], app.scopes[0]["raw_path"]) == ("/a%2Fb", b"/a%252Fb")


def test_the_server_of_an_ipv6_url_has_no_brackets(driver: Driver) -> None:
    """`server` holds an address, and not what a URL makes of it."""
    app = Listener(http=hello)
    driver.client(app).get("https://[::1]:8443/")
    assert (app.scopes[0]["server"], app.scopes[0]["scheme"]) == (("::1", 8443), "https")


def test_relative_urls_are_appended_to_the_base_url(driver: Driver) -> None:
    """`/bar` against `http://testserver/api/v1/` is `/api/v1/bar`."""
    client = driver.client(hello, base_url="http://testserver/api/v1/")
    assert client.get("/bar").text == "GET /api/v1/bar"


def test_every_host_reaches_the_app(driver: Driver) -> None:
    """There is no network: an absolute URL is only another Host header."""
    app = Listener(http=hello)
    driver.client(app).get("http://example.org:81/x")
    assert (b"host", b"example.org:81") in app.scopes[0]["headers"]


@pytest.mark.parametrize(
    ("size", "pieces"), [(0, [0]), (65_536, [65_536]), (65_537, [65_536, 1]), (200_000, [65_536] * 3 + [3_392])]
)
def test_a_known_body_comes_in_pieces_of_64_kib(driver: Driver, size: int, pieces: list[int]) -> None:
    """As on servers, which hand on what one read of the socket has brought: an app has to look at `more_body`."""
    app = Listener(http=echo)
    assert driver.client(app).post("/", content=b"x" * size).content == b"x" * size
    assert [len(message["body"]) for message in app.received] == pieces


def test_json_and_form_data(driver: Driver) -> None:
    """httpx2's own encodings reach the app with their content type."""
    client = driver.client(echo)
    assert json.loads(client.post("/", json={"a": "é"}).content) == {"a": "é"}
    assert client.post("/", data={"a": "1"}).content == b"a=1"
    assert client.get("/", params={"q": "a b"}).url == "http://testserver/?q=a+b"


def test_files(driver: Driver, tmp_path: Path) -> None:
    """An uploaded file arrives as multipart, streamed from the file."""
    path = tmp_path / "example.txt"
    path.write_bytes(b"content of the file")
    with path.open("rb") as file:
        received = driver.client(echo).post("/", files={"file": file}).content
    assert b'filename="example.txt"' in received
    assert b"content of the file" in received


def test_an_app_that_never_reads_leaves_the_body(driver: Driver) -> None:
    """The answer does not wait for a body that nobody wants."""
    assert driver.client(hello).post("/", content=b"unread").text == "POST /"


def test_headers_of_client_and_request(driver: Driver) -> None:
    """Headers set on the client go with each request, and the request's own win."""
    app = Listener(http=hello)
    client = driver.client(app, headers={"X-A": "client", "X-B": "client"})
    client.headers["x-c"] = "later"
    client.get("/", headers={"x-b": "request"})
    sent = httpx2.Headers(app.scopes[0]["headers"])
    assert [sent[name] for name in ("x-a", "x-b", "x-c")] == ["client", "request", "later"]


def test_the_headers_of_the_caller_are_not_changed(driver: Driver) -> None:
    """A dict that was passed to the client stays as it was."""
    headers = {"x-a": "1"}
    driver.client(hello, headers=headers).get("/")
    assert headers == {"x-a": "1"}


def test_cookies_persist(driver: Driver) -> None:
    """What a response sets, the next request sends."""
    app = Listener(http=answers(start(200, (b"set-cookie", b"session=abc")), body()))
    client = driver.client(app, cookies={"theme": "dark"})
    client.get("/")
    client.get("/")
    assert (b"cookie", b"theme=dark; session=abc") in app.scopes[1]["headers"]


def test_auth_and_event_hooks(driver: Driver) -> None:
    """Auth flows and hooks of httpx2 run around the app."""
    app = Listener(http=hello)
    driver.client(app, auth=("user", "pass")).get("/")
    assert (b"authorization", b"Basic dXNlcjpwYXNz") in app.scopes[0]["headers"]


async def redirecting(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends everybody to /there."""
    if scope["path"] == "/there":
        await hello(scope, receive, send)
    else:
        await send(start(307, (b"location", b"/there")))
        await send(body())


def test_redirects_are_followed(driver: Driver) -> None:
    """The default of today's client, not of httpx2."""
    response = driver.client(redirecting).post("/here")
    assert (response.text, [past.status_code for past in response.history]) == ("POST /there", [307])


def test_redirects_can_be_left_alone(driver: Driver) -> None:
    """Per client and per request."""
    assert driver.client(redirecting, follow_redirects=False).get("/").status_code == 307
    assert driver.client(redirecting).get("/", follow_redirects=False).status_code == 307


def test_overrides_for_one_request(driver: Driver) -> None:
    """`extensions={"asgi": ...}` changes the scope and the options of one call."""
    app = Listener(http=hello)
    client = driver.client(app)
    overrides = {"client": ("9.9.9.9", 1), "http_version": "2", "scope": {"tls": True, "root_path": "/r"}}
    client.get("/", extensions={"asgi": overrides})
    client.get("/")
    first, second = app.scopes
    assert (first["client"], first["http_version"], first["tls"], first["root_path"]) == (
        ("9.9.9.9", 1),
        "2",
        True,
        "/r",
    )
    assert (second["client"], second["http_version"], "tls" in second) == (("testclient", 50000), "1.1", False)


def test_raise_server_exceptions_for_one_request(driver: Driver) -> None:
    """One call can ask for the 500 where the client raises."""
    client = driver.client(answers())
    response = client.get("/", extensions={"asgi": {"raise_server_exceptions": False}})
    assert (response.status_code, response.content) == (500, b"Internal Server Error")
    with pytest.raises(NoResponse):
        client.get("/")


def test_an_unknown_override_is_an_error(driver: Driver) -> None:
    """A misspelt key is told, with those that exist."""
    with pytest.raises(UsageError, match=r"^extensions\[\"asgi\"\] key='cleint' does not exist; known are 'client', "):
        driver.client(hello).get("/", extensions={"asgi": {"cleint": None}})


def test_debug_info_and_template(driver: Driver) -> None:
    """extensions.rst, Debug: what the app shows to test clients is on the response."""
    info = {"template": "a.html", "context": {"a": 1}}
    client = driver.client(answers({"type": "http.response.debug", "info": info}, start(), body()))
    response = client.get("/")
    assert response.extensions["http.response.debug"] == info
    assert (response.template, response.context) == ("a.html", {"a": 1})


def test_trailers(driver: Driver) -> None:
    """extensions.rst, HTTP Trailers: they are complete when the body is read."""
    client = driver.client(
        answers(
            start(200, trailers=True),
            body(b"x"),
            {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")], "more_trailers": True},
            {"type": "http.response.trailers", "headers": [(b"x-end", b"2")]},
        ),
        extensions=["http.response.trailers"],
    )
    assert client.get("/").extensions["http.response.trailers"] == [(b"x-sum", b"1"), (b"x-end", b"2")]


def test_response_headers_that_are_not_utf8(driver: Driver) -> None:
    """Bytes that are legal on the wire do not fail the test."""
    response = driver.client(answers(start(200, (b"x-l", b"caf\xe9")), body())).get("/")
    assert response.headers["x-l"] == "café"
    assert response.headers.raw == [(b"x-l", b"caf\xe9")]


def test_mutable_chunks_are_copied(driver: Driver) -> None:
    """An app may reuse its buffer as soon as `send()` has returned."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        buffer = bytearray(b"first")
        await send(start())
        await send({"type": "http.response.body", "body": buffer, "more_body": True})
        buffer[:] = b"later"
        await send({"type": "http.response.body", "body": memoryview(buffer)})

    assert driver.client(app).get("/").content == b"firstlater"


def test_the_state_of_the_lifespan_is_copied_for_each_request(driver: Driver) -> None:
    """lifespan.rst, Lifespan State: a shallow copy for each request."""

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        scope["state"].update(shared=[], plain=1)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["plain"] += 1
        scope["state"]["shared"].append(scope["path"])
        await send(start())
        await send(body())

    app = Listener(http=http, lifespan=lifespan)
    with driver.client(app) as client:
        client.get("/a")
        client.get("/b")
        assert client.app_state == {"shared": ["/a", "/b"], "plain": 1}
    assert client.app_state == {"shared": ["/a", "/b"], "plain": 1}


def test_asgi2_apps(driver: Driver) -> None:
    """asgi.rst, Legacy Applications: a callable that returns a coroutine function."""

    def app(scope: Scope) -> ASGIInstance:
        async def instance(receive: Receive, send: Send) -> None:
            await hello(scope, receive, send)

        return instance

    assert driver.client(app).get("/old").text == "GET /old"


def test_a_relative_url_without_base_url(driver: Driver) -> None:
    """The text says what is missing."""
    with pytest.raises(UsageError, match=r"^The URL '/x' has no host or scheme .* Give the client a base_url"):
        driver.client(hello, base_url="").get("/x")


def test_requests_after_close(driver: Driver) -> None:
    """httpx2's own error."""
    client = driver.client(hello)
    client.close()
    with pytest.raises(RuntimeError, match=r"client has been closed"):
        client.get("/")
