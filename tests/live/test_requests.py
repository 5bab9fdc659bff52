"""Requests to apps on real sockets."""

from __future__ import annotations

import socket

import httpx2
import pytest

import live_apps
import live_frameworks
from asgi_lockstep import UsageError
from asgi_lockstep.live import LiveServer

from .conftest import Run


def test_an_app_answers_on_a_socket(run: Run) -> None:
    """Whoever connects to the port reaches the app: no client of ours is needed."""
    with run(live_apps.plain) as live, socket.create_connection(("127.0.0.1", live.port)) as connection:
        connection.sendall(b"GET /raw HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"GET /raw " in answer


def test_the_url_is_that_of_the_port(run: Run) -> None:
    """Browsers and other programs take it as it is."""
    with run(live_apps.plain) as live:
        assert live.url == f"http://127.0.0.1:{live.port}"
        assert httpx2.get(f"{live.url}/x").text == "GET /x "


def test_a_client_sends_bodies(run: Run) -> None:
    """Of any kind that httpx knows."""
    with run(live_apps.plain) as live:
        client = live.client()
        assert client.post("/x", content=b"abc").text == "POST /x abc"
        assert client.put("/x", json={"a": 1}).text == 'PUT /x {"a":1}'
        assert client.post("/x", content=iter([b"a", b"b"])).text == "POST /x ab"


def test_the_header_of_our_clients_is_not_seen_by_the_app(run: Run) -> None:
    """Nor by the test, on the request that it has sent."""
    with run(live_apps.header_names) as live:
        response = live.client(headers={"x-own": "1"}).get("/")
    assert b"x-own" in response.content
    assert b"lockstep" not in response.content
    assert "lockstep" not in str(response.request.headers)


def test_a_starlette_app_has_its_lifespan(run: Run, server: str) -> None:
    """Its state is on the scope, except on daphne, which knows no lifespan."""
    if server == "daphne":
        pytest.skip("daphne runs no lifespan")
    with run(live_frameworks.starlette) as live:
        assert live.client().get("/state").json()["database"] == "open"


def test_a_client_follows_redirects_and_keeps_cookies(run: Run) -> None:
    """As `TestClient` does."""
    with run(live_frameworks.starlette) as live:
        client = live.client()
        response = client.get("/redirects")
        assert (response.status_code, response.text) == (200, "Hello, you!")
        assert client.cookies["user"] == "me"
        assert live.client(follow_redirects=False).get("/redirects").status_code == 303


def test_a_response_is_streamed(run: Run) -> None:
    """With httpx's `stream()`."""
    with run(live_frameworks.starlette) as live, live.client().stream("GET", "/stream") as response:
        assert b"".join(response.iter_bytes()) == b"012"


def test_a_fastapi_app_answers(run: Run) -> None:
    """With an endpoint that runs in a thread."""
    with run(live_frameworks.fastapi) as live:
        assert live.client().get("/items/7").json() == {"number": 7}


def test_two_servers_run_at_once(run: Run) -> None:
    """Each on a port of its own, with exceptions of its own."""
    with run(live_apps.plain) as one, run(live_frameworks.starlette) as other:
        assert one.port != other.port
        assert one.client().get("/x").text == "GET /x "
        assert other.client().get("/hello/you").text == "Hello, you!"


def test_an_app_is_given_by_its_name(run: Run) -> None:
    """As servers take it on their command line."""
    with run("live_apps:plain") as live:
        assert live.client().get("/x").text == "GET /x "


def test_a_live_server_can_be_run_again(run: Run) -> None:
    """One after the other, on a new port each."""
    live = run(live_apps.plain)
    for _ in range(2):
        with live:
            assert live.client().get("/x").text == "GET /x "


def test_the_representation_says_where_it_runs() -> None:
    """And that it does not."""
    live = LiveServer(live_apps.plain)
    assert repr(live) == f"<LiveServer of {live_apps.plain!r} on uvicorn, not running>"
    with live:
        assert repr(live) == f"<LiveServer of {live_apps.plain!r} on uvicorn, {live.url}>"
        client = live.client()
        assert repr(client) == f"<LiveClient of {live.url}, open>"
    assert client.is_closed


def test_what_does_not_run_has_no_url() -> None:
    """The text says what to write."""
    with pytest.raises(UsageError) as caught:
        LiveServer(live_apps.plain).url  # noqa: B018
    assert str(caught.value) == (
        "url was asked of a LiveServer that does not run. Write: with LiveServer(app) as live: ..."
    )


def test_one_live_server_does_not_run_twice_at_once() -> None:
    """The text says what to write."""
    live = LiveServer(live_apps.plain)
    with live, pytest.raises(UsageError) as caught, live:
        """Not reached."""
    assert str(caught.value) == "This LiveServer runs already. Make another one: LiveServer(app)."
