"""What the clients take as an app, and what not: for type checkers only, of which each looks at every line.

A line that they are to refuse says so; where one refuses it no more, that is an error, too.
"""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true, reportMissingTypeStubs=false

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import falcon.asgi
import fastapi
import litestar
import quart
import starlette.applications
from blacksheep.server.application import Application
from django.core.asgi import get_asgi_application
from starlette.types import ASGIApp, Receive, Scope, Send

import asgi_lockstep.starlette
from asgi_lockstep import AsyncLockstepTransport, AsyncTestClient, Checked, LockstepTransport, TestClient
from asgi_lockstep.live import LiveServer


async def of_starlette(scope: Scope, receive: Receive, send: Send) -> None:
    """An app with Starlette's types."""


async def of_dicts(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """An app with types of one's own."""


async def answers(scope: Any, receive: Any, send: Any) -> int:
    """An app that returns something, of which the client says that it should not."""
    return 0


class Middleware:
    """What most middlewares look like."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class OfASGI2:
    """An app of ASGI 2."""

    def __init__(self, scope: dict[str, Any]) -> None:
        self.scope = scope

    async def __call__(self, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        """See ASGI 2."""


def of_wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """An app of WSGI."""
    return []


def make_app() -> ASGIApp:
    """What makes an app."""
    return of_starlette


def accepted() -> None:
    """Each framework's app, and each way to write one."""
    TestClient(starlette.applications.Starlette())
    TestClient(fastapi.FastAPI())
    TestClient(litestar.Litestar([]))
    TestClient(quart.Quart("app"))
    TestClient(get_asgi_application())
    TestClient(falcon.asgi.App())
    TestClient(Application())
    TestClient(of_starlette)
    TestClient(of_dicts)
    TestClient(answers)
    TestClient(Middleware(of_starlette))
    TestClient(OfASGI2)
    TestClient(Checked(Middleware(Checked(litestar.Litestar([])))))
    TestClient(lambda scope, receive, send: of_dicts(scope, receive, send))


def taken_by_each() -> None:
    """All that takes an app takes the two with the narrowest types."""
    for app in (litestar.Litestar([]), quart.Quart("app")):
        AsyncTestClient(app)
        asgi_lockstep.starlette.TestClient(app)
        Checked(app)
        LiveServer(app)
        LockstepTransport(app)
        AsyncLockstepTransport(app)
    LiveServer("module:app")


def refused() -> None:
    """What is no app."""
    TestClient(42)  # type: ignore[arg-type]
    TestClient("module:app")  # type: ignore[arg-type]
    TestClient(None)  # type: ignore[arg-type]
    TestClient(fastapi)  # type: ignore[arg-type]
    TestClient(print)  # type: ignore[arg-type]
    TestClient(make_app)  # type: ignore[arg-type]
    TestClient(of_wsgi)  # type: ignore[arg-type]
    TestClient(Middleware)  # type: ignore[arg-type]
    AsyncTestClient(42)  # type: ignore[arg-type]
    Checked("app")  # type: ignore[arg-type]
    LiveServer(42)  # type: ignore[arg-type]
    LockstepTransport("app")  # type: ignore[arg-type]
    AsyncLockstepTransport(42)  # type: ignore[arg-type]
    asgi_lockstep.starlette.TestClient(42)  # type: ignore[arg-type]
