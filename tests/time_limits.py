"""What the tests of time limits have in common: limits, and apps that wait until they are told."""

from __future__ import annotations

import threading

import anyio
import anyio.abc

from asgi_lockstep._types import Receive, Scope, Send
from helpers import accept, answers, body, start

#: For how long is waited for what never comes, in seconds; how long that takes in truth is no matter.
LIMIT = 0.02

#: The same where something has to happen before; it does so at once.
LONGER = 0.1


def waits_in_a_thread(event: threading.Event) -> None:
    """What a thread does that goes on by itself, and may call in then."""
    event.wait(3600)


class Gate:
    """Waits, on every protocol, until a request for /open comes."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.gates: list[anyio.Event] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say what has become of it."""
        if scope["path"] == "/open":
            self.gates.pop(0).set()
            await answers(start(), body(b"opened"))(scope, receive, send)
        elif scope["type"] == "websocket":
            await accept(receive, send)
            await self.wait()
            await send({"type": "websocket.send", "text": "late"})
            await receive()
        else:
            await self.wait()  # a request
            await send(start())
            await send(body(b"late"))
            self.events.append("answered")

    async def wait(self) -> None:
        """Stand at the gate."""
        gate = anyio.Event()
        self.gates.append(gate)
        try:
            await gate.wait()
        except BaseException:
            self.events.append("cancelled")
            raise
