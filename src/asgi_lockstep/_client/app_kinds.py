"""What a user may give as an app, and what cannot be one."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any, cast

from .._types import ASGI2App, ASGI3App, ASGIApp, Receive, Scope, Send
from ..errors import NotAnASGIApp


def is_asgi3(app: Any) -> bool:
    """Whether `app` takes scope, receive and send at once; a callable that is not async is of the older kind."""
    if inspect.isclass(app):
        return hasattr(app, "__await__")
    while hasattr(app, "func") and hasattr(app, "keywords"):
        app = app.func  # a functools.partial, whatever its module
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None))  # noqa: B004


class ASGI2Adapter:
    """An ASGI 2 app (`app(scope)` returns a coroutine function) as one of ASGI 3 (asgi.rst: Legacy Applications)."""

    def __init__(self, app: ASGI2App) -> None:
        self.app = app

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.app!r}>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        instance = self.app(scope)
        await instance(receive, send)


def as_asgi3(app: ASGIApp) -> ASGI3App:
    """`app` as an ASGI 3 app.

    Raises:
        NotAnASGIApp: it cannot be one; the text says what it seems to be.
    """
    __tracebackhide__ = True
    _refuse(app)
    if is_asgi3(app):
        return cast("ASGI3App", app)
    return ASGI2Adapter(cast("ASGI2App", app))


def _refuse(app: Any) -> None:
    __tracebackhide__ = True
    name = getattr(app, "__name__", type(app).__name__)
    if inspect.iscoroutine(app):
        app.close()  # or Python would warn that it was never awaited, which is the same mistake said worse
        raise NotAnASGIApp(
            app, f"app is a coroutine object: {name}() was called.", f"Pass the function itself: TestClient({name})."
        )
    if isinstance(app, ModuleType):
        raise NotAnASGIApp(
            app, f"app is the module {name!r}.", f"Pass the application in it, for example TestClient({name}.app)."
        )
    if isinstance(app, str):
        raise NotAnASGIApp(app, f"app is the string {app!r}.", "Import the application and pass the object itself.")
    if not callable(app):
        raise NotAnASGIApp(
            app, f"app is {app!r}, which cannot be called.", "Pass an application: async def app(scope, receive, send)."
        )
    if not is_asgi3(app) and _takes_wsgi_arguments(app):
        raise NotAnASGIApp(
            app,
            f"{name} takes (environ, start_response): it is a WSGI application.",
            "Wrap it first, for example a2wsgi.WSGIMiddleware(app), or test it with httpx2.WSGITransport.",
        )


def _takes_wsgi_arguments(app: Any) -> bool:
    """Whether `app` can be called with two arguments and not with one."""
    try:
        signature = inspect.signature(app)
    except (TypeError, ValueError):
        return False
    try:
        signature.bind("environ", "start_response")
    except TypeError:
        return False
    try:
        signature.bind("scope")
    except TypeError:
        return True
    return False
