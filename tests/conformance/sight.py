"""What the app of a case saw, one line for each thing: in memory, and in a file that a server process writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio

from asgi_lockstep._types import Message, Receive, Scope, Send
from conformance.case import Case

#: What the end of an app is called that has not ended, or was never called.
RUNNING, NOT_CALLED = "running", "not called"

#: The longest text that is kept as it is.
LONGEST = 150


class Sight:
    """What the app saw and did.

    Args:
        tell: is told each thing as it happens, for a file.
    """

    def __init__(self, tell: Callable[[str, Any], None] | None = None) -> None:
        self._tell = tell
        #: The types of what it has received, of equal ones beside each other one.
        self.events: list[str] = []
        #: The class of the first exception that a `send()` has raised, or None.
        self.error: str | None = None
        self.end = NOT_CALLED
        self.notes: dict[str, Any] = {}

    def take(self, what: str, value: Any) -> None:
        """Keep one thing."""
        if what == "event":
            self.events.append(value)
        elif what == "error":
            self.error = self.error or value
        elif what == "end":
            self.end = value
        else:
            self.notes[what.removeprefix("note ")] = value

    def happens(self, what: str, value: Any) -> None:
        """Keep one thing and tell it."""
        self.take(what, value)
        if self._tell is not None:
            self._tell(what, value)

    def note(self, key: str, value: Any) -> None:
        """What the app of a case takes down."""
        self.happens(f"note {key}", value)

    @property
    def ended(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.end not in (RUNNING, NOT_CALLED)

    @property
    def failed(self) -> bool:
        """Whether the app has raised, or a `send()` has."""
        return self.end == "raised" or self.error is not None

    def outcome(self) -> dict[str, Any]:
        """As a part of an outcome."""
        own = {"raised": self.error is not None, "end": self.end, "events": self.events}
        return {f"app.{key}": value for key, value in {**own, **self.notes}.items()}


async def run(case: Case, scope: Scope, receive: Receive, send: Send, sight: Sight) -> Any:
    """Run the app of `case`, seen by `sight`; returns what it returns."""

    async def listen() -> Message:
        message = await receive()
        if message["type"] != (sight.events or [""])[-1]:
            sight.happens("event", message["type"])
        return message

    async def speak(message: Message) -> None:
        try:
            await send(message)
        except Exception as exc:
            sight.happens("error", type(exc).__name__)
            raise

    sight.happens("end", RUNNING)
    try:
        value: Any = await case.app(scope, listen, speak, sight.note)
    except anyio.get_cancelled_exc_class():
        sight.happens("end", "cancelled")
        raise
    except BaseException:
        sight.happens("end", "raised")
        raise
    sight.happens("end", "returned")
    return value


def short(value: Any) -> Any:
    """A part of an outcome in a size that can be kept: of a long text only its length."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST else f"{len(value)} characters"
    if isinstance(value, dict):
        return {key: short(item) for key, item in value.items()}
    return [short(item) for item in value] if isinstance(value, list) else value


def writer(path: Path) -> Callable[[str, Any], None]:
    """Adds each thing to a file, so that it can be read while the app still runs."""

    def tell(what: str, value: Any) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([what, value]) + "\n")

    return tell


def read(path: Path) -> Sight:
    """What was written so far."""
    sight = Sight()
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            sight.take(*json.loads(line))
    return sight
