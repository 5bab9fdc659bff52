"""The drivers on which each behaviour runs, and what makes a client on one of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final, Self

from asgi_lockstep import AsyncTestClient, TestClient
from asgi_lockstep._types import ASGIApp
from blocking import Blocking


@dataclass
class Driver:
    """One way to run an app; makes clients for it."""

    name: str
    backend: str
    options: Mapping[str, Any]
    portal: Any = None
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def is_async(self) -> bool:
        """Whether the client is an `AsyncTestClient`."""
        return self.portal is not None

    @property
    def inline(self) -> bool:
        """Whether the app runs on the thread of the test."""
        return not self.is_async and "driver" not in self.options

    def client(self, app: ASGIApp, cls: Any = None, **options: Any) -> Any:
        """A client that is closed when the test is over; of a subclass, if it is given."""
        if self.portal is not None:
            return Blocking(self.portal, (cls or AsyncTestClient)(app, **options))
        client = (cls or TestClient)(app, **self.options, **options)
        self._stack.callback(client.close)
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()


UVLOOP: Final = {"use_uvloop": True}

#: The drivers of the sync client, and what makes them.
SYNC: Final[Mapping[str, Mapping[str, Any]]] = {
    "asyncio": {},
    "uvloop": {"backend_options": UVLOOP},
    "trio": {"backend": "trio"},
    "asyncio-thread": {"driver": "thread"},
    "uvloop-thread": {"backend_options": UVLOOP, "driver": "thread"},
    "trio-thread": {"backend": "trio", "driver": "thread"},
    "asyncio-free": {"driver": "free"},
    "uvloop-free": {"backend_options": UVLOOP, "driver": "free"},
    "trio-free": {"backend": "trio", "driver": "free"},
}

#: The loops of the async client, as anyio makes them.
ASYNC: Final[Mapping[str, Mapping[str, Any]]] = {
    "async-asyncio": {"backend": "asyncio"},
    "async-uvloop": {"backend": "asyncio", "backend_options": UVLOOP},
    "async-trio": {"backend": "trio"},
}


#: One of each kind: two libraries, two clients. It serves where the client alone decides what happens (options, request
#: building, the attributes of a response, texts), and every driver only carries that out.
FEW: Final = ("asyncio", "trio", "async-asyncio")


#: The driver of an app that runs by itself is, in a call, the one with a thread, and one thread more that uses the
#: client. Every test runs on it in `make test-all`; what is its own is in `tests/client/test_free.py`.
FREE: Final = ("asyncio-free", "uvloop-free", "trio-free")


def available(names: Mapping[str, object]) -> list[str]:
    """Uvloop does not exist for Windows."""
    return [name for name in names if "uvloop" not in name or sys.platform != "win32"]


def backend_of(name: str) -> str:
    """The async library of a driver."""
    return "trio" if "trio" in name else "asyncio"
