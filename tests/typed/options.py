"""What the clients take as headers, cookies and the like, and what not: for type checkers only, as `apps.py`."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true, reportMissingTypeStubs=false

from __future__ import annotations

from http.cookiejar import CookieJar

import httpx2

from asgi_lockstep import AsyncTestClient, TestClient
from asgi_lockstep._types import Receive, Scope, Send
from asgi_lockstep.live import LiveServer


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """An app."""


def sees(request: httpx2.Request) -> None:
    """A hook."""


def accepted() -> None:
    """All that httpx takes."""
    TestClient(app, headers={"accept": "text/html"}, cookies={"session": "1"})
    TestClient(app, headers={b"accept": b"text/html"}, cookies=CookieJar())
    TestClient(app, headers=[("accept", "text/html")], cookies=[("session", "1")])
    TestClient(app, headers=((b"accept", b"text/html"),), cookies=httpx2.Cookies())
    TestClient(app, headers=httpx2.Headers(), auth=("name", "password"), params={"page": 2, "tags": ["a", "b"]})
    TestClient(app, auth=httpx2.BasicAuth("name", "password"), params="page=2", timeout=httpx2.Timeout(5))
    TestClient(app, auth=lambda request: request, params=[("page", 2)], timeout=5, event_hooks={"request": [sees]})
    TestClient(app, auth=None, params=None, timeout=None).derive(headers={"accept": "text/html"}, base_url="http://a")
    AsyncTestClient(app, headers=[("accept", "text/html")]).derive(cookies={"session": "1"}, follow_redirects=False)
    LiveServer(app).client(headers={"accept": "text/html"}, cookies={"session": "1"}, timeout=5)
    LiveServer(app).async_client(headers={"accept": "text/html"}, auth=("name", "password"))


def refused() -> None:
    """What it cannot use."""
    TestClient(app, headers={"accept": 1})  # type: ignore[arg-type]
    TestClient(app, headers="accept: text/html")  # type: ignore[arg-type]
    TestClient(app, cookies="session=1")  # type: ignore[arg-type]
    TestClient(app, cookies={"session": 1})  # type: ignore[dict-item]
    TestClient(app, auth="Bearer token")  # type: ignore[arg-type]
    TestClient(app, params=2)  # type: ignore[arg-type]
    TestClient(app, timeout="5")  # type: ignore[arg-type]
    TestClient(app, event_hooks=[sees])  # type: ignore[arg-type]
    TestClient(app).derive(headers="accept: text/html")  # type: ignore[arg-type]
    TestClient(app).derive(base_urls="http://a")  # type: ignore[call-arg]
    AsyncTestClient(app).derive(cookies="session=1")  # type: ignore[arg-type]
    LiveServer(app).client(headers="accept: text/html")  # type: ignore[arg-type]
    LiveServer(app).async_client(cookies="session=1")  # type: ignore[arg-type]
