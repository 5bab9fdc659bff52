"""What an app of the fuzzer does: a program of actions, whose `repr` is the Python that makes it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread

from asgi_lockstep._types import Receive, Scope, Send

#: How long a sleep takes, in seconds of the clock of the loop.
SHORT = 0.001

#: asyncio itself holds no task.
_TASKS: set[asyncio.Task[None]] = set()


class AppError(Exception):
    """What the app of a program raises."""


#: What an app can raise by name; each is made anew.
FAILURES: dict[str, Callable[[], BaseException]] = {
    "AppError": AppError,
    "OSError": lambda: OSError("of the app"),
    "group": lambda: ExceptionGroup("of the app", [AppError(), OSError("of the app")]),
    "KeyboardInterrupt": lambda: KeyboardInterrupt("of the app"),
    "SystemExit": lambda: SystemExit("of the app"),
    "cancelled": lambda: _cancelled("of the app"),
    "cancelled group": lambda: BaseExceptionGroup("of the app", [AppError(), _cancelled("of the app")]),
}


def _cancelled(words: str) -> BaseException:
    """Only asyncio lets anybody raise it; on trio, some other failure."""
    kind = anyio.get_cancelled_exc_class()
    return kind(words) if kind is asyncio.CancelledError else AppError(words)


@dataclass
class Call:
    """One call of the app, as its actions see it."""

    receive: Receive
    send: Send
    seen: list[Any]
    event: anyio.Event = field(default_factory=anyio.Event)


@dataclass(frozen=True)
class Action:
    """Something that an app does."""

    async def do(self, call: Call) -> None:
        """Do it."""
        raise NotImplementedError("of the app")


Actions = tuple[Action, ...]


async def play(actions: Actions, call: Call) -> None:
    """Do all of them, one after the other."""
    for action in actions:
        await action.do(call)


@dataclass(frozen=True)
class Receives(Action):
    """Awaits `receive()`."""

    async def do(self, call: Call) -> None:
        message = await call.receive()
        call.seen.append({**message})


@dataclass(frozen=True)
class ReceivesAll(Action):
    """Awaits `receive()` until the client has gone, or has sent its whole request."""

    async def do(self, call: Call) -> None:
        while True:
            message = await call.receive()
            call.seen.append({**message})
            if not message.get("more_body", message["type"] == "websocket.receive"):
                return


@dataclass(frozen=True)
class Sends(Action):
    """Awaits `send()`."""

    message: Any

    async def do(self, call: Call) -> None:
        await call.send(dict(self.message) if isinstance(self.message, dict) else self.message)


@dataclass(frozen=True)
class Checkpoint(Action):
    """Lets others run."""

    async def do(self, call: Call) -> None:
        await anyio.lowlevel.checkpoint()


@dataclass(frozen=True)
class Sleeps(Action):
    """Waits for a timer."""

    async def do(self, call: Call) -> None:
        await anyio.sleep(SHORT)


@dataclass(frozen=True)
class Waits(Action):
    """Waits for the event of the call."""

    async def do(self, call: Call) -> None:
        await call.event.wait()


@dataclass(frozen=True)
class Sets(Action):
    """Sets the event of the call."""

    async def do(self, call: Call) -> None:
        call.event.set()


@dataclass(frozen=True)
class Job(Action):
    """Has something done in a thread."""

    async def do(self, call: Call) -> None:
        await anyio.to_thread.run_sync(int)


@dataclass(frozen=True)
class Raises(Action):
    """Raises something of `FAILURES`."""

    failure: str

    async def do(self, call: Call) -> None:
        raise FAILURES[self.failure]()


@dataclass(frozen=True)
class Gives(Action):
    """Is done by a part of the program that ends early."""

    actions: Actions

    async def do(self, call: Call) -> None:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await play(self.actions, call)


@dataclass(frozen=True)
class Goes(Action):
    """Goes on after exceptions."""

    actions: Actions

    async def do(self, call: Call) -> None:
        with suppress(Exception):
            await play(self.actions, call)


@dataclass(frozen=True)
class Cleans(Action):
    """Does some more in a `finally`."""

    actions: Actions
    finally_: Actions
    shield: bool = False

    async def do(self, call: Call) -> None:
        try:
            await play(self.actions, call)
        finally:
            with anyio.CancelScope(shield=self.shield):
                await play(self.finally_, call)


@dataclass(frozen=True)
class Ignores(Action):
    """Goes on after everything, also after its cancellation."""

    actions: Actions

    async def do(self, call: Call) -> None:
        try:
            await play(self.actions, call)
        except BaseException as exc:
            if isinstance(exc, (KeyboardInterrupt, SystemExit)):
                raise


@dataclass(frozen=True)
class Group(Action):
    """Has a child do something meanwhile, in a task group."""

    child: Actions
    actions: Actions

    async def do(self, call: Call) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(play, self.child, call)
            await play(self.actions, call)


@dataclass(frozen=True)
class Leaves(Action):
    """Starts a task and leaves it alone, on asyncio, where that is possible."""

    actions: Actions

    async def do(self, call: Call) -> None:
        if anyio.get_cancelled_exc_class() is asyncio.CancelledError:
            task = asyncio.create_task(play(self.actions, call))
            _TASKS.add(task)
            task.add_done_callback(_TASKS.discard)


@dataclass(frozen=True)
class Streams(Action):
    """Takes one step of an async generator, and leaves it to the loop."""

    actions: Actions

    async def do(self, call: Call) -> None:
        async for _ in _steps(self.actions, call):
            break


async def _steps(actions: Actions, call: Call) -> AsyncIterator[None]:
    for action in actions:
        await action.do(call)
        yield


@dataclass(frozen=True)
class Program:
    """An app.

    Args:
        http, websocket, lifespan: what it does on each scope; None to refuse it.
    """

    http: Actions = ()
    websocket: Actions = ()
    lifespan: Actions | None = None
    #: What it has received, call by call.
    seen: list[list[Any]] = field(default_factory=list, repr=False, compare=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        actions: Actions | None = getattr(self, scope["type"])
        if actions is None:
            raise NotImplementedError("of the app")
        call = Call(receive, send, [])
        self.seen.append(call.seen)
        await play(actions, call)
