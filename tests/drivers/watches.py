"""Client calls that wait on a loop which is not ours."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

import anyio
import anyio.to_thread

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.calls.tasks import Signal
from asgi_lockstep._drivers.rest.watch import Watch
from asgi_lockstep._drivers.turning.backends import running_backend
from asgi_lockstep._protocol.steps import Move
from asgi_lockstep.clock import virtual_loop_factory, virtual_trio_clock
from drivers.awaiting import request
from drivers.worlds import World

Main = Callable[[], Awaitable[None]]

BACKENDS: Final[dict[str, Callable[[Main], Any]]] = {
    "asyncio": lambda main: anyio.run(main, backend="asyncio"),
    "trio": lambda main: anyio.run(main, backend="trio"),
    "virtual-asyncio": lambda main: anyio.run(main, backend_options={"loop_factory": virtual_loop_factory}),
    "virtual-trio": lambda main: anyio.run(main, backend="trio", backend_options={"clock": virtual_trio_clock()}),
}

#: Those whose clock is real, and that show what they wait for.
REAL: Final = ["asyncio", "trio"]


class ScriptedWatch(Watch):
    """A watch of a loop whose time is what the test says, and that calls what is called in when the test has it run."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.time = 0.0
        self.called_in: list[Callable[[], object]] = []

    def run(self) -> None:
        """Do what was called in."""
        while self.called_in:
            self.called_in.pop(0)()

    def call_in(self, function: Callable[[], object]) -> None:
        self.called_in.append(function)

    def _now(self) -> float:
        return self.time

    def _look_soon(self) -> None:
        pass

    def _current_task(self) -> object:
        return None

    def _is_idle(self) -> bool:
        return False


def never() -> bool:
    """A condition that never holds."""
    return False


def watch_here() -> Watch:
    """The watch of the running loop."""
    return running_backend().caller_loop().watch


def signal_here() -> Signal:
    """A new signal of the running loop."""
    return running_backend().caller_loop().signal()


async def readable(ours: socket.socket) -> None:
    """Wait for bytes."""
    await anyio.wait_readable(ours)


async def waits(watch: Watch, move: Move, changed: Signal, limit: float | None = None) -> Outcome | None:
    """Why a wait was in vain; None if it was not."""
    waiter = await watch.wait(move, request(limit), changed)
    return None if waiter is None else waiter.outcome


async def waits_in_vain(limit: float | None = None) -> Outcome | None:
    """What becomes of a wait for what never comes."""
    return await waits(watch_here(), Move(never, "the moon"), signal_here(), limit)
