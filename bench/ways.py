"""The operations, and how each test client does them.

A way is one operation with one client. What it needs is opened before it is measured, and closed after that, so that
nothing is measured while the threads and loops of another client are alive.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import falcon.testing
import starlette.testclient

import asgi_lockstep
from asgi_lockstep._httpx import httpx

from . import apps

Opened = Callable[[], AbstractContextManager[Any] | AbstractAsyncContextManager[Any]]


@dataclass(frozen=True, eq=False)
class Way:
    """One operation with one client.

    Args:
        client: its name.
        open: opens what `do` is called with.
        do: the operation.
        expected: what it returns, or the body of it.
        library: what runs it, if it has to be awaited.
        slow: whether it takes milliseconds.
    """

    client: str
    open: Opened
    do: Callable[[Any], Any]
    expected: object
    library: Literal["asyncio", "trio"] | None = None

    def check(self, result: Any) -> None:
        """Raise if the operation has not done what it is for."""
        answer = getattr(result, "content", result)
        if answer != self.expected:
            raise AssertionError(f"{self.client}: {answer!r} instead of {self.expected!r}")


# Operations.


def get(client: Any) -> Any:
    """The simplest request."""
    return client.get("/")


def get_all(client: Any) -> Any:
    """One with a header and a parameter, by a client that has a cookie."""
    return client.get("/", headers={"x-request-id": "1"}, params={"page": "2"})


def post_json(client: Any) -> Any:
    """A small object."""
    return client.post("/", json=apps.ITEM)


def post_form(client: Any) -> Any:
    """Two fields."""
    return client.post("/", data={"name": "chair", "price": "9.5"})


def round_trip(session: Any) -> Any:
    """A text there and back."""
    session.send_text("hi")
    return session.receive_text()


def connect(client: Any) -> None:
    """A websocket that is opened and closed."""
    with client.websocket_connect("/"):
        pass


def stream(client: Any) -> int:
    """A body that is read as it comes, held back chunk by chunk."""
    with client.stream("GET", "/stream") as response:
        return sum(len(piece) for piece in response.iter_raw())


def create(client: Any) -> Any:
    """A body that FastAPI validates, with a dependency."""
    return client.post("/items", json=apps.ITEM)


def of_path(path: str) -> Callable[[Any], Any]:
    """A request of another path."""
    return lambda client: client.get(path)


def entering(make: Callable[[], Any]) -> Callable[[Any], Any]:
    """A client that is entered for one request."""

    def do(_: None) -> Any:
        with make() as client:
            return client.get("/")

    return do


async def get_async(client: Any) -> Any:
    """The simplest request, awaited."""
    return await client.get("/")


# What they are done with.


@contextlib.contextmanager
def not_entered(make: Callable[[], Any]) -> Iterator[Any]:
    """A client that is used as it is."""
    with contextlib.closing(make()) as client:
        yield client


class InTurn:
    """Many clients that are not entered, of which each call uses the next."""

    def __init__(self, clients: list[Any]) -> None:
        self.clients = clients
        self._at = 0

    def get(self, url: str) -> Any:
        """A request of the next one."""
        self._at = (self._at + 1) % len(self.clients)
        return self.clients[self._at].get(url)


@contextlib.contextmanager
def in_turn(make: Callable[[], Any], count: int) -> Iterator[InTurn]:
    """So many of them, each of which has been used once."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(not_entered(make)) for _ in range(count)]
        for client in clients:
            client.get("/")
        yield InTurn(clients)


@contextlib.contextmanager
def session(make: Callable[[], Any]) -> Iterator[Any]:
    """A websocket that is open."""
    with make() as client, client.websocket_connect("/") as opened:
        yield opened


@contextlib.asynccontextmanager
async def awaited(make: Callable[[], Any]) -> AsyncIterator[Any]:
    """An async client."""
    async with make() as client:
        yield client


def floor() -> Any:
    """Httpx's own client over a transport that does nothing."""
    return httpx.Client(transport=apps.MOCK, base_url=apps.BASE_URL)


def floor_with_cookie() -> Any:
    """The same with a cookie."""
    return httpx.Client(transport=apps.MOCK, base_url=apps.BASE_URL, cookies={"session": "abc"})


def ours(app: Any = apps.app, **options: Any) -> Callable[[], Any]:
    """Makes clients of ours."""
    return partial(asgi_lockstep.TestClient, app, **options)


def theirs(app: Any = apps.app, **options: Any) -> Callable[[], Any]:
    """Makes Starlette's clients."""
    return partial(starlette.testclient.TestClient, app, **options)


def ours_async() -> Any:
    """An async client of ours."""
    return asgi_lockstep.AsyncTestClient(apps.app)


def conductor() -> Any:
    """Falcon's."""
    return falcon.testing.ASGIConductor(apps.falcon_app())


def over_asgi() -> Any:
    """Httpx's async client over its own transport for ASGI apps."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=apps.app), base_url=apps.BASE_URL)
