"""What `www.rst` asks of the scope of a request."""

from __future__ import annotations

import pytest

from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, answers, body, hello, simple_lifespan, start
from matrix import Driver
from server_rules.looks import http_scope, speaks_everything

pytestmark = pytest.mark.client_decides


def test_type(driver: Driver) -> None:
    """HS-01: the type of a request is "http"."""
    assert http_scope(driver)["type"] == "http"


def test_asgi_version(driver: Driver) -> None:
    """HS-02: a request has the version of ASGI, a str."""
    assert http_scope(driver)["asgi"]["version"] == "3.0"


def test_spec_version(driver: Driver) -> None:
    """HS-03: a request has the version of the HTTP specification, a str; another one where the test says so."""
    assert http_scope(driver)["asgi"]["spec_version"] == "2.3"
    app = speaks_everything()
    driver.client(app).get("/", extensions={"asgi": {"spec_version": "2.5"}})
    assert app.scopes[0]["asgi"]["spec_version"] == "2.5"


def test_http_version(driver: Driver) -> None:
    """HS-04: the version of HTTP is a str out of those that there are."""
    assert http_scope(driver)["http_version"] == "1.1"


def test_method(driver: Driver) -> None:
    """HS-05: the method is in upper case, however the test has written it."""
    assert http_scope(driver, method="patch")["method"] == "PATCH"


def test_scheme(driver: Driver) -> None:
    """HS-06: the scheme is that of the URL, and never empty."""
    assert [http_scope(driver, url)["scheme"] for url in ("/", "https://testserver/")] == ["http", "https"]


def test_path(driver: Driver) -> None:
    """HS-07: the path has no query, and its percent-encoded UTF-8 is decoded into characters."""
    assert http_scope(driver, "/caf%C3%A9%20ol%C3%A9?x=%20")["path"] == "/café olé"


def test_raw_path(driver: Driver) -> None:
    """HS-08: raw_path has no query, and is byte for byte what was sent."""
    assert http_scope(driver, "/caf%c3%a9%2Fa+b?x=1")["raw_path"] == b"/caf%c3%a9%2Fa+b"


def test_query_string(driver: Driver) -> None:
    """HS-09: the query is bytes, still percent-encoded; empty where there is none."""
    assert [http_scope(driver, url)["query_string"] for url in ("/?x=%20&y", "/")] == [b"x=%20&y", b""]


def test_root_path(driver: Driver) -> None:
    """HS-10: root_path is a str: where the app is mounted, empty by default."""
    assert [http_scope(driver)["root_path"], http_scope(driver, root_path="/api")["root_path"]] == ["", "/api"]


def test_headers(driver: Driver) -> None:
    """HS-11: each header is a pair of a name and a value, both bytes."""
    headers = http_scope(driver)["headers"]
    assert {tuple(type(part) for part in pair) for pair in headers} == {(bytes, bytes)}


def test_order_of_headers(driver: Driver) -> None:
    """HS-12: headers keep their order, and each of several with one name stays by itself."""
    headers = http_scope(driver, headers=[("x-b", "1"), ("x-a", "2"), ("x-b", "3")])["headers"]
    assert [pair for pair in headers if pair[0].startswith(b"x-")] == [(b"x-b", b"1"), (b"x-a", b"2"), (b"x-b", b"3")]


def test_names_of_headers(driver: Driver) -> None:
    """HS-13: names of headers are in lower case, and values as they were sent."""
    assert (b"x-mixed", b"Mixed") in http_scope(driver, headers={"X-Mixed": "Mixed"})["headers"]


def test_client(driver: Driver) -> None:
    """HS-15: client is a host and a port, or None where the test says so; "testclient" stands for an address."""
    expected = [("testclient", 50000), ("::1", 5), None]
    assert [http_scope(driver, client=client)["client"] for client in expected] == expected


def test_server(driver: Driver) -> None:
    """HS-16: server is the host and the port of the URL, an int also where the URL has none."""
    assert [http_scope(driver, url)["server"] for url in ("https://a.example/", "http://[::1]:81/")] == [
        ("a.example", 443),
        ("::1", 81),
    ]


def test_state(driver: Driver) -> None:
    """HS-17: each request has a copy of the state of the lifespan for itself."""

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["database"] = "open"
        await simple_lifespan(scope, receive, send)

    app = Listener(http=hello, lifespan=lifespan)
    with driver.client(app) as client:
        client.get("/")
        client.get("/")
    states = [scope["state"] for scope in app.scopes]
    assert states == [{"database": "open"}] * 3
    assert len({id(state) for state in states}) == 3


def test_one_scope_for_each_request(driver: Driver) -> None:
    """HS-18: two requests of one client have two scopes, with nothing in common that can be changed."""
    app = speaks_everything()
    client = driver.client(app)
    client.get("/")
    client.get("/")
    first, second = app.scopes
    shared = [key for key in first if first[key] is second[key] and isinstance(first[key], dict | list)]
    assert (first is second, shared) == (False, [])


def test_cookies_are_not_merged(driver: Driver) -> None:
    """HS-19: headers go both ways as they are; neither Cookie nor Set-Cookie is merged."""
    cookies = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    app = Listener(http=answers(start(200, *cookies), body()))
    response = driver.client(app).get("/", headers=[("cookie", "c=3"), ("cookie", "d=4")])
    assert [pair for pair in app.scopes[0]["headers"] if pair[0] == b"cookie"] == [
        (b"cookie", b"c=3"),
        (b"cookie", b"d=4"),
    ]
    assert response.headers.raw == cookies
