"""What a user may give as an app, and what cannot be one."""

from __future__ import annotations

import inspect
from contextlib import suppress
from types import ModuleType
from typing import Any, cast
from weakref import WeakSet

from .._httpx import CHOICE
from .._types import ASGI2App, ASGI3App, ASGIApp, Receive, Scope, Send
from ..errors import NotAnASGIApp

#: With how many arguments an app is called: of ASGI 3; of ASGI 2, and then what that returns; of WSGI.
_ASGI3, _ASGI2, _ASGI2_INSTANCE, _WSGI = 3, 1, 2, 2


def is_asgi3(app: Any) -> bool:
    """Whether `app` takes scope, receive and send at once; one that is not async is so if it cannot take less."""
    if inspect.isclass(app):
        return hasattr(app, "__await__")
    return _is_async(app) or (_takes(app, _ASGI3) and not _takes(app, _ASGI2))


def _is_async(app: Any) -> bool:
    if inspect.isclass(app):
        return False  # whatever is async in what it makes
    while hasattr(app, "func") and hasattr(app, "keywords"):
        app = app.func  # a functools.partial, whatever its module
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None))  # noqa: B004


#: The apps that have been looked at: a suite makes a client of the same one for each test.
_KNOWN: WeakSet[Any] = WeakSet()


class ASGI2Adapter:
    """An ASGI 2 app (`app(scope)` returns a coroutine function) as one of ASGI 3 (asgi.rst: Legacy Applications)."""

    def __init__(self, app: ASGI2App) -> None:
        self.app = app

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.app!r}>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        instance: Any = self.app(scope)
        if not _takes(instance, _ASGI2_INSTANCE):
            raise _not_called(self.app, f"returned {instance!r} for a scope, which does not take receive and send")
        await instance(receive, send)


def as_asgi3(app: ASGIApp) -> ASGI3App:
    """`app` as an ASGI 3 app.

    Raises:
        NotAnASGIApp: it cannot be one; the text says what it seems to be.
    """
    __tracebackhide__ = True
    is_compared_by_identity = type(app).__hash__ is object.__hash__  # type: ignore[comparison-overlap]
    if is_compared_by_identity and app in _KNOWN:
        return cast("ASGI3App", app)
    _refuse(app)
    if not is_asgi3(app):
        return ASGI2Adapter(cast("ASGI2App", app))
    if is_compared_by_identity:
        with suppress(TypeError):  # there are no weak references to it
            _KNOWN.add(app)
    return cast("ASGI3App", app)


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
    # Four cases, the first that fits counts.
    if inspect.isclass(app) and not _takes(app.__call__, 1 + _ASGI2_INSTANCE) and _takes(app.__call__, 1 + _ASGI3):
        raise _not_called(app, "is a class, and what it makes is the application")
    if _takes(app, _ASGI3) or (_takes(app, _ASGI2) and not _is_async(app)):
        return
    if _takes(app, _WSGI) and not _is_async(app):
        raise NotAnASGIApp(
            app,
            f"{name} takes (environ, start_response): it is a WSGI application.",
            f"Wrap it first, for example a2wsgi.WSGIMiddleware(app), or test it with {CHOICE.name}.WSGITransport.",
        )
    raise _not_called(app, "does not take scope, receive and send")


def _takes(app: Any, count: int) -> bool:
    """Whether `app` can be called with so many arguments; nobody knows of what shows no signature, and so it can."""
    if not callable(app):
        return False
    try:
        signature = inspect.signature(app)
    except (TypeError, ValueError):
        return True
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def _not_called(app: Any, what: str) -> NotAnASGIApp:
    """What is no application, and perhaps makes one."""
    name = getattr(app, "__name__", type(app).__name__)
    call = f"await {name}()" if _is_async(app) else f"{name}()"
    instead = f"If calling it makes the application, call it first: TestClient({call})."
    return NotAnASGIApp(app, f"{name} {what}.", instead)
