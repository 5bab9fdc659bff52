"""What a test of the fuzzer does: visits of a client to its app, each of which notes what it was given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any


class TestError(Exception):
    """What the test raises in the middle of a block."""

    __test__ = False


@dataclass(frozen=True)
class Visit:
    """Something that a test does with a client: written for the async one, whose clothes the sync one wears."""

    async def do(self, client: Any, note: Any) -> None:
        """Do it.

        Args:
            client: the client.
            note: called with what the app has given.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Request(Visit):
    """A request whose response is collected.

    Args:
        method: its method.
        chunks: its body, piece by piece; None for none.
        whole: whether the body is given as a whole.
        options: what holds for this request.
    """

    method: str = "GET"
    chunks: tuple[bytes, ...] | None = None
    whole: bool = True
    options: tuple[tuple[str, Any], ...] = ()

    async def do(self, client: Any, note: Any) -> None:
        response = await client.request(
            self.method, "/", **body_of(client, self.chunks, self.whole), **asgi(self.options)
        )
        note((response.status_code, response.content))


@dataclass(frozen=True)
class Stream(Visit):
    """A response that is read piece by piece.

    Args:
        reads: how many pieces are read; None for all.
        end: how the block ends: "leave", "disconnect", "read on" after that, "raise", "expect nothing".
        method, chunks, options: as of a request.
    """

    reads: int | None = None
    end: str = "leave"
    method: str = "GET"
    chunks: tuple[bytes, ...] | None = None
    options: tuple[tuple[str, Any], ...] = ()

    async def do(self, client: Any, note: Any) -> None:
        sends = body_of(client, self.chunks, whole=False)
        async with client.stream(self.method, "/", **sends, **asgi(self.options)) as response:
            note(response.status_code)
            pieces = response.aiter_raw()
            await read(pieces, self.reads, note)
            match self.end:
                case "disconnect":
                    await response.disconnect()
                case "read on":
                    await response.disconnect()
                    await read(pieces, None, note)
                case "expect nothing":
                    await response.expect_nothing()
                case "raise":
                    raise TestError


@dataclass(frozen=True)
class Kept(Visit):
    """A streamed response that nobody closes."""

    async def do(self, client: Any, note: Any) -> None:
        response = await client.send(client.build_request("GET", "/"), stream=True)
        note(response.status_code)


@dataclass(frozen=True)
class ByHand(Visit):
    """A request whose body is sent by hand.

    Args:
        acts: what is done in the block, in order.
        options: as of a request.
    """

    acts: tuple[str | bytes, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()

    async def do(self, client: Any, note: Any) -> None:
        async with client.open("POST", "/", **asgi(self.options)) as exchange:
            for act in self.acts:
                match act:
                    case bytes():
                        await exchange.send(act)
                    case "end":
                        await exchange.end()
                    case "receive":
                        note(await exchange.receive())
                    case "response":
                        note((await response_of(exchange)).status_code)
                    case "disconnect":
                        await exchange.disconnect()
                    case "expect nothing":
                        await exchange.expect_nothing()
                    case "iterate":
                        await read(aiter(exchange), None, note)
                    case "raise":
                        raise TestError


@dataclass(frozen=True)
class Socket(Visit):
    """A websocket.

    Args:
        acts: what is done in the block, in order; bytes and texts are sent as they are.
        options: as of a request.
    """

    acts: tuple[Any, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()

    async def do(self, client: Any, note: Any) -> None:
        async with client.websocket_connect("/", **asgi(self.options)) as session:
            note("accepted")
            for act, *args in self.acts:
                match act:
                    case "text":
                        await session.send_text(*args)
                    case "bytes":
                        await session.send_bytes(*args)
                    case "json":
                        await session.send_json(*args)
                    case "send":
                        await session.send(*args)
                    case "receive_nowait":
                        note(session.receive_nowait())
                    case "iterate":
                        await read(aiter(session), None, note)
                    case "raise":
                        raise TestError
                    case _:
                        result = await getattr(session, act)(*args)
                        if act.startswith("receive"):
                            note(result)


@dataclass(frozen=True)
class Does(Visit):
    """A call of a method of the client without arguments: `settle`, `aclose`."""

    method: str

    async def do(self, client: Any, note: Any) -> None:
        await getattr(client, self.method)()


@dataclass(frozen=True)
class Passes(Visit):
    """Lets time pass."""

    seconds: float = 0.002

    async def do(self, client: Any, note: Any) -> None:
        await client.sleep(self.seconds)


@dataclass(frozen=True)
class ByAnother(Visit):
    """The same by another user."""

    visit: Visit

    async def do(self, client: Any, note: Any) -> None:
        await self.visit.do(client.derive(), note)


async def read(pieces: AsyncIterator[Any], count: int | None, note: Any) -> None:
    """Read so many of the pieces; None for all."""
    while count is None or count > 0:
        try:
            note(await anext(pieces))
        except StopAsyncIteration:
            return
        if count is not None:
            count -= 1


def asgi(options: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """The options of one request."""
    return {"extensions": {"asgi": dict(options)}} if options else {}


def body_of(client: Any, chunks: tuple[bytes, ...] | None, whole: bool) -> dict[str, Any]:
    """The body of a request, as the client takes it."""
    if chunks is None:
        return {}
    if whole:
        return {"content": b"".join(chunks)}
    return {"content": _iterated(chunks) if is_async(client) else iter(chunks)}


async def _iterated(chunks: tuple[bytes, ...]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def response_of(exchange: Any) -> Any:
    """The response of a request by hand: what is awaited is a property."""
    return await exchange.response


def is_async(client: Any) -> bool:
    """Whether it is an `AsyncTestClient`."""
    return not hasattr(client, "_target")
