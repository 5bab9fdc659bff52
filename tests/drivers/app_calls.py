"""Calls of an app on a runner of each library."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any, Final

from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._drivers.calls.contract import LoopRunner
from asgi_lockstep._drivers.calls.tasks import AppMain, Tasks
from asgi_lockstep._drivers.on_asyncio.loop_runner import SteppedLoop
from asgi_lockstep._drivers.on_trio.loop_runner import SteppedRun
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._types import ASGI3App, Receive

RUNNERS: Final[dict[str, Callable[[], Any]]] = {"asyncio": lambda: SteppedLoop({}), "trio": lambda: SteppedRun({})}


def exchange_for(
    data: bytes | None = b"", *, collect: bool = True, kind: type[HTTPExchange] = HTTPExchange
) -> HTTPExchange:
    """A request for `/`."""
    scope = {"type": "http", "method": "GET", "path": "/", "asgi": {"version": "3.0", "spec_version": "2.3"}}
    return kind(scope, data, collect=collect)


def begun(app: ASGI3App, exchange: HTTPExchange, runner: LoopRunner) -> AppCall[HTTPExchange]:
    """A call of the app that begins with the next turn."""
    call = AppCall(app, exchange)
    call.begin(runner)
    return call


def spawn(runner: Tasks, main: AppMain, context: Context | None = None) -> Callable[[], None]:
    """Start `main` as an app task, which tells of its end as calls of the app do; returns what cancels it."""

    async def told() -> None:
        try:
            await main()
        finally:
            task.ends()

    task = runner.spawn(told, copy_context() if context is None else context)
    return task.cancel


async def receives(receive: Receive) -> None:
    """A task that waits for one message."""
    await receive()
