"""Both clients on a virtual clock, entered and not entered: one scenario on each of them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import pytest

from asgi_lockstep._types import ASGIApp, Receive, Scope, Send
from asgi_lockstep.clock import virtual_loop_factory, virtual_trio_clock
from either import Either, Scenario
from helpers import Listener, body, start
from matrix import ASYNC, SYNC, backend_of

#: Notes something together with the time of the app.
Note = Callable[[object], None]
Work = Callable[[Note], Awaitable[object]]

#: Any clean-up that takes time.
CLEAN_UP = 10


@dataclass(frozen=True)
class Virtual:
    """One way to run an app on a virtual clock.

    Args:
        name: as in matrix.py.
        entered: whether the scenario finds the client entered.
    """

    name: str
    entered: bool

    def __str__(self) -> str:
        return f"{self.name}-{'entered' if self.entered else 'lazy'}"

    @property
    def backend(self) -> str:
        """The async library."""
        return backend_of(self.name)

    @property
    def is_async(self) -> bool:
        """Whether the client is an `AsyncTestClient`."""
        return self.name in ASYNC

    def run(self, app: ASGIApp, scenario: Scenario, **options: Any) -> Any:
        """What the scenario returns.

        Args:
            app, scenario, options: see `Either.run`.
        """
        __tracebackhide__ = True
        return Either(self.name, self._options()).run(app, self._begun(scenario), clock="virtual", **options)

    def notes(self, work: Work, **options: Any) -> list[tuple[float, object]]:
        """What an app notes that does `work` in one request, each with its time."""
        __tracebackhide__ = True
        found: list[tuple[float, object]] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await work(lambda what: found.append((anyio.current_time(), what)))
            await send(start())
            await send(body())

        self.run(Listener(http=app), get, **options)
        return found

    def _options(self) -> Mapping[str, Any]:
        """What makes the sync client, or the loop of the async one."""
        if not self.is_async:
            return SYNC[self.name]
        if self.backend == "trio":
            return {"backend": "trio", "backend_options": {"clock": virtual_trio_clock()}}
        return {"backend": "asyncio", "backend_options": {"loop_factory": virtual_loop_factory}}

    def _begun(self, scenario: Scenario) -> Scenario:
        async def entered(client: Any) -> Any:
            __tracebackhide__ = True
            async with client:
                return await scenario(client)

        return entered if self.entered else scenario


#: Every one of them.
VIRTUAL = [
    Virtual(name, entered)
    for name in ("asyncio", "trio", "asyncio-thread", "trio-thread", "async-asyncio", "async-trio")
    for entered in (True, False)
]


def on(backend: str = "", *, entered: bool | None = None, is_async: bool | None = None) -> pytest.MarkDecorator:
    """Run a test with `virtual` on all of them, or on those of a kind.

    Args:
        backend, entered, is_async: the kind.
    """
    chosen = [
        virtual
        for virtual in VIRTUAL
        if backend in ("", virtual.backend)
        and entered in (None, virtual.entered)
        and is_async in (None, virtual.is_async)
    ]
    return pytest.mark.parametrize("virtual", chosen, ids=str)


async def get(client: Any) -> Any:
    """The smallest scenario."""
    return await client.get("/")


async def advance(client: Any, seconds: float) -> None:
    """`client.clock.advance()`, awaited where it is to be."""
    __tracebackhide__ = True
    passing = client.clock.advance(seconds)
    if inspect.isawaitable(passing):
        await passing


async def slow_clean_up(_scope: Scope, _receive: Receive, send: Send) -> None:
    """An app that takes its time when it is cancelled."""
    await send(start())
    await send(body(b"piece", more=True))
    try:
        await anyio.sleep_forever()
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.sleep(CLEAN_UP)
