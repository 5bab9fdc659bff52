"""The lifespan: each way to answer it, or not to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import anyio

from asgi_lockstep._types import Receive, Scope, Send
from conformance.case import App, Case, Lifespan, Note, answer

_STARTED: Final = {"type": "lifespan.startup.complete"}
_START_FAILED: Final = {"type": "lifespan.startup.failed", "message": "no database"}
_STOPPED: Final = {"type": "lifespan.shutdown.complete"}
_STOP_FAILED: Final = {"type": "lifespan.shutdown.failed", "message": "still busy"}


class _LifespanError(Exception):
    """What an app of a case raises."""


def _lives(lifespan: Callable[[Scope, Receive, Send, Note], Awaitable[Any]]) -> App:
    """An app with this lifespan, that answers every request."""

    async def app(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
        if scope["type"] != "lifespan":
            state = scope.get("state")
            note("state", sorted(state) if state else [])
            await answer(send)
            return
        await lifespan(scope, receive, send, note)

    return app


def _answers(*steps: Any) -> App:
    """Does one thing after the other: `"receive"`, a message to send, `"raise"`, or seconds to sleep."""

    async def lifespan(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
        for step in steps:
            if step == "receive":
                await receive()
            elif step == "raise":
                raise _LifespanError
            elif isinstance(step, float):
                await anyio.sleep(step)
            else:
                await send(step)

    return _lives(lifespan)


async def _state(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()
    note("has state", "state" in scope)
    scope.setdefault("state", {})["a"] = 1
    await send(_STARTED)
    await receive()
    await send(_STOPPED)


async def _types(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    note("keys", sorted(set(scope) & {"type", "asgi", "state"}))
    note("version", scope["asgi"].get("version"))
    note("spec_version", scope["asgi"].get("spec_version"))
    await receive()
    await send(_STARTED)
    await receive()
    await send(_STOPPED)


async def _rejects_every_scope(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """What the specification recommends to an app without a lifespan."""
    raise NotImplementedError(scope["type"])


async def _exits(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()
    raise SystemExit(3)


_UP: Final = ("receive", _STARTED)
_WHOLE: Final = (*_UP, "receive", _STOPPED)


def _case(name: str, app: App, conforms: bool = True) -> Case:
    return Case(f"lifespan.{name}", app, conforms, Lifespan(), "lifespan.rst")


CASES: Final = (
    _case("plain", _answers(*_WHOLE)),
    _case("state", _lives(_state)),
    _case("types", _lives(_types)),
    _case("rejects-the-scope", _lives(_rejects_every_scope)),
    _case("returns-at-once", _answers(), False),
    _case("raise-at-startup", _answers("receive", "raise"), False),
    _case("return-at-startup", _answers("receive"), False),
    _case("startup-failed", _answers("receive", _START_FAILED)),
    _case("startup-failed-then-raise", _answers("receive", _START_FAILED, "raise")),
    _case("startup-failed-no-message", _answers("receive", {"type": "lifespan.startup.failed"})),
    _case("startup-failed-then-receive", _answers("receive", _START_FAILED, "receive")),
    _case("startup-failed-then-complete", _answers("receive", _START_FAILED, _STARTED, "receive", _STOPPED), False),
    _case("startup-failed-message-bytes", _answers("receive", {**_START_FAILED, "message": b"no"}), False),
    _case("return-after-startup", _answers(*_UP), False),
    _case("raise-after-startup", _answers(*_UP, 0.1, "raise"), False),
    _case("startup-twice", _answers("receive", _STARTED, _STARTED, "receive", _STOPPED), False),
    _case("complete-then-failed", _answers("receive", _STARTED, _START_FAILED, "receive", _STOPPED), False),
    _case("startup-without-receive", _answers(_STARTED, "receive", "receive", _STOPPED)),
    _case("unknown-message", _answers("receive", {"type": "lifespan.foo"}, _STARTED, "receive", _STOPPED), False),
    _case("http-message", _answers("receive", {"type": "http.response.start", "status": 200}), False),
    _case("no-type", _answers("receive", {}), False),
    _case("shutdown-first", _answers("receive", _STOPPED, _STARTED, "receive"), False),
    _case("shutdown-failed", _answers(*_UP, "receive", _STOP_FAILED)),
    _case("shutdown-failed-no-message", _answers(*_UP, "receive", {"type": "lifespan.shutdown.failed"})),
    _case("shutdown-twice", _answers(*_WHOLE, _STOPPED), False),
    _case("raise-at-shutdown", _answers(*_UP, "receive", "raise"), False),
    _case("return-at-shutdown", _answers(*_UP, "receive"), False),
    _case("raise-after-shutdown", _answers(*_WHOLE, "raise"), False),
    _case("receive-after-shutdown", _answers(*_UP, "receive", _STOPPED, 0.05)),
    _case("startup-message-at-shutdown", _answers(*_UP, "receive", _STARTED), False),
    _case("extra-key", _answers("receive", {**_STARTED, "x": 1}, "receive", {**_STOPPED, "x": 1})),
    _case("slow-startup", _answers("receive", 0.3, _STARTED, "receive", _STOPPED)),
    _case("slow-shutdown", _answers(*_UP, "receive", 0.3, _STOPPED)),
    _case("system-exit", _lives(_exits), False),
)
