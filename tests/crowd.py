"""Several threads that use one client at the same time, each of which knows what it must be given."""

from __future__ import annotations

import random
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.lowlevel

from asgi_lockstep import TestClient
from asgi_lockstep._types import Receive, Scope, Send
from helpers import accept, body, read_body, simple_lifespan, start
from matrix import SYNC, available

#: How often Python changes threads, in seconds: at nearly every line.
OFTEN = 1e-6


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with its path, or echoes, or streams; some rest in the middle of it, so that others come in between."""
    kind, *rest = scope["path"].strip("/").split("/")
    if kind == "rest":
        await anyio.lowlevel.checkpoint()
    if kind == "timer":
        await anyio.sleep(0.0001)
    sent = await read_body(receive)
    await send(start())
    if kind == "stream":
        for number in range(int(rest[0])):
            await send(body(b"%d," % number, more=True))
    await send(body(sent or scope["path"].encode()))


async def websocket(_scope: Scope, receive: Receive, send: Send) -> None:
    """Echoes."""
    await accept(receive, send)
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


async def double(number: int) -> int:
    """Something to call on the loop."""
    await anyio.lowlevel.checkpoint()
    return 2 * number


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """All three protocols."""
    await {"http": http, "websocket": websocket, "lifespan": simple_lifespan}[scope["type"]](scope, receive, send)


#: One call of a client: what it is made with, and a number by which its answer is known.
Call = Callable[[TestClient, int], None]


def gets(client: TestClient, number: int) -> None:
    """A request, of an app that may rest in the middle of it."""
    path = f"/{('at-once', 'rest', 'timer')[number % 3]}/{number}"
    assert client.get(path).text == path


def posts(client: TestClient, number: int) -> None:
    """A request with a body that is made while it is sent."""
    pieces = [b"%d" % number, b"", b"x"]
    assert client.post("/echo", content=iter(pieces)).content == b"".join(pieces)


def streams(client: TestClient, number: int) -> None:
    """A response that is read piece by piece."""
    with client.stream("GET", f"/stream/{number % 5}") as response:
        pieces = list(response.iter_raw())
    assert pieces == [*(b"%d," % piece for piece in range(number % 5)), f"/stream/{number % 5}".encode()]


def leaves(client: TestClient, number: int) -> None:
    """A response that is left in the middle."""
    with client.stream("GET", "/stream/9") as response:
        pieces = response.iter_raw()
        assert next(pieces) == b"0,"


def sends_by_hand(client: TestClient, number: int) -> None:
    """A request whose body is sent by hand."""
    with client.open("POST", "/echo") as exchange:
        exchange.send(b"%d" % number)
        exchange.end()
        assert exchange.receive() == b"%d" % number


def talks(client: TestClient, number: int) -> None:
    """A websocket."""
    with client.websocket_connect("/") as session:
        session.send_text(f"{number}")
        assert session.receive_text() == f"{number}"
        session.send_text("more")
        assert session.receive()["text"] == "more"


def runs(client: TestClient, number: int) -> None:
    """A coroutine function of the test."""
    assert client.run(double, number) == 2 * number


def settles(client: TestClient, number: int) -> None:
    """Nothing but the rest of the app."""
    client.settle()


def calls_the_portal(client: TestClient, number: int) -> None:
    """The same by the portal, which only an entered client has."""
    if client.portal is not None:
        future = client.portal.start_task_soon(double, number)
        assert client.portal.call(double, 1) == 2
        assert future.result() == 2 * number


def derives(client: TestClient, number: int) -> None:
    """Another user of the app."""
    assert client.derive(headers={"user-agent": f"{number}"}).get(f"/{number}").text == f"/{number}"


CALLS: tuple[Call, ...] = (
    gets, posts, streams, leaves, sends_by_hand, talks, runs, settles, calls_the_portal, derives,
)  # fmt: skip


@contextmanager
def switching_often() -> Iterator[None]:
    """Python changes threads at nearly every line."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(OFTEN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@dataclass(frozen=True)
class Way:
    """One way to use a client from several threads.

    Args:
        options: those of the client.
        entered: whether it is.
    """

    options: Mapping[str, Any]
    entered: bool


#: Every one, but for a trio run on the thread that has entered it: no other thread can turn that.
WAYS: Mapping[str, Way] = {
    f"{name}-{'entered' if entered else 'lazy'}": Way(SYNC[name], entered)
    for name in available(SYNC)
    for entered in (True, False)
    if (name, entered) != ("trio", True)
}


def crowd(way: Way, *, threads: int, calls: int, seed: int = 0) -> list[str]:
    """What has gone wrong where so many threads have made so many calls of one client: a traceback each.

    Args:
        way: how they use it.
        threads: how many.
        calls: how many each of them makes.
        seed: by which they choose.
    """
    failures: list[str] = []
    client = TestClient(app, **way.options)
    together = threading.Barrier(threads)

    def work(number: int) -> None:
        choose = random.Random(f"{seed} {number}")
        together.wait()
        for count in range(calls):
            call = choose.choice(CALLS)
            try:
                call(client, 1000 * number + count)
            except BaseException:
                failures.append(f"{call.__name__}:\n{traceback.format_exc()}")

    users = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    with switching_often():
        try:
            if way.entered:
                client.__enter__()
            for user in users:
                user.start()
            for user in users:
                user.join()
        finally:
            if way.entered:
                client.__exit__()
            client.close()
    return failures
