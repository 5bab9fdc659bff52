"""One scenario, `async def scenario(client)`, on every driver of both clients, in the test's own thread.

On an async driver it runs as it is, with an `AsyncTestClient`, on a loop that is made for it. On a sync driver it gets
a `TestClient` in the clothes of the async one: whatever is awaited is there at once, so that one `send(None)` runs the
scenario from its beginning to its end. No thread is at work there but that of the test (and that of the driver, where
one was asked for): only so can be proven that nothing will ever move, which blocking.py with its portal cannot show.

The functions here hide from tracebacks, and so from the library when it names the line of the test that waits.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from asgi_lockstep import AsyncTestClient, Deadlock, TestClient, TimedOut
from asgi_lockstep._types import ASGIApp, Receive, Scope, Send
from clothed import Clothed, at_once
from helpers import body, start
from matrix import ASYNC, SYNC, available, backend_of

Scenario = Callable[[Any], Coroutine[Any, Any, Any]]

#: How long a call may rest where the driver cannot prove that it waits in vain, in seconds.
LIMIT = 0.05

#: How long it may rest where the driver can, in seconds: no load of the machine has it end by this limit.
FAR_OFF = 30

#: What it lists then.
_HIDDEN_BY_UVLOOP = (
    "What may still come from outside of the event loop:",
    "  whatever uvloop waits for: it shows neither its timers nor its sockets",
)


@dataclass(frozen=True)
class Either:
    """One way to run an app, and the scenario with it.

    Args:
        name: as in matrix.py.
        options: what makes the sync client, or the loop of the async one.
    """

    name: str
    options: Mapping[str, Any]

    @property
    def is_async(self) -> bool:
        """Whether the client is an `AsyncTestClient`."""
        return self.name in ASYNC

    @property
    def backend(self) -> str:
        """The async library."""
        return backend_of(self.name)

    @property
    def on_main_thread(self) -> bool:
        """Whether the app runs on the thread of the test."""
        return "driver" not in self.options

    @property
    def proves(self) -> bool:
        """Whether a deadlock can be proven: uvloop, where it is not ours, shows nothing that it waits for."""
        return self.name != "async-uvloop"

    @property
    def limit(self) -> float:
        """How long a call may rest that waits in vain: it reaches its limit only where that cannot be proven."""
        return FAR_OFF if self.proves else LIMIT

    def run(self, app: ASGIApp, scenario: Scenario, **options: Any) -> Any:
        """What the scenario returns; `options` are those of both clients."""
        __tracebackhide__ = True
        if self.is_async:
            return anyio.run(partial(_awaited, app, scenario, options), **self.options)
        client = TestClient(app, **self.options, **options)
        try:
            return at_once(scenario(Clothed(client)))
        finally:
            client.close()

    def answer(self, work: Callable[[], Awaitable[str]], **options: Any) -> str:
        """The text of the response of an app that answers with what `work()` returns."""
        __tracebackhide__ = True

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            answer = await work()
            await send(start())
            await send(body(answer.encode()))

        text: str = self.run(app, _get, **options).text
        return text

    def hang(self, app: ASGIApp, scenario: Scenario, **options: Any) -> str:
        """The text of the error of a scenario that can never end: a proof, or the limit only where there is none.

        The limit counts what a loop waits, look by look; no time passes between, however long the machine takes.
        """
        __tracebackhide__ = True
        with (
            pytest.MonkeyPatch.context() as patch,
            pytest.raises(Deadlock if self.proves else TimedOut) as caught,
        ):
            patch.setattr("asgi_lockstep._drivers.clock.idle_time.real_time", lambda: 0.0)
            self.run(app, scenario, timeout=self.limit, **options)
        return str(caught.value)

    def text(self, waits_for: str, *lines: str, advice: str = "") -> str:
        """The text that this driver has for a call that can never end.

        Args:
            waits_for: what the test waits for.
            lines: the lines about the test, the exchanges and the tasks.
            advice: the last line, if there is one.
        """
        waits = f"The test waits for {waits_for}, and "
        if self.proves:
            told = [f"{waits}nothing in the app can move any more.", *lines]
        else:
            idle = f"{waits}nothing has come from the app in {LIMIT:g} seconds of idle time."
            told = [idle, *lines, *_HIDDEN_BY_UVLOOP]
        return "\n".join([*told, advice] if advice else told)

    def made_at(self, place: str) -> str:
        """What is said about where a task was created, which trio does not tell."""
        return "" if self.backend == "trio" else f", created at {place.split(' ')[0]}"


EITHER = {name: Either(name, options) for name, options in {**SYNC, **ASYNC}.items()}


def only_on(backend: str = "", *, on_main_thread: bool = False) -> pytest.MarkDecorator:
    """Run a test with `either` on the drivers of one async library, or where the app is on the main thread."""
    chosen = [
        name
        for name in available(EITHER)
        if backend in ("", EITHER[name].backend) and (EITHER[name].on_main_thread or not on_main_thread)
    ]
    return pytest.mark.parametrize("either", chosen, indirect=True)


def line(function: Callable[..., Any], part: str) -> str:
    """The line of `function` with `part` in it, as the errors show where somebody stands."""
    lines, first = inspect.getsourcelines(function)
    ((number, source),) = [(number, source.strip()) for number, source in enumerate(lines, first) if part in source]
    file = inspect.getsourcefile(function)
    assert file is not None
    return f"{file.removeprefix(f'{Path.cwd()}/')}:{number} in {function.__name__}: {source}"


async def _get(client: Any) -> Any:
    return await client.get("/")


async def _awaited(app: ASGIApp, scenario: Scenario, options: Mapping[str, Any]) -> Any:
    __tracebackhide__ = True
    client = AsyncTestClient(app, **options)
    try:
        return await scenario(client)
    finally:
        await client.aclose()
