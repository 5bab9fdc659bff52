"""The transports for clients of httpx that a test has, or makes, itself: what they send goes to an app in lockstep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Final, Literal, NoReturn, Self, Unpack

from .._httpx import CHOICE, VARIABLE, httpx
from .._types import ASGIApp
from ..errors import UsageError, WrongColour
from .async_client import AsyncTestClient
from .entrances import Explains, entrances
from .lifespan_record import LifespanRecord
from .more_options import ServerOptions
from .options import CLIENT, LifespanMode
from .sync_client import TestClient


class TransportOptions(ServerOptions, total=False):
    """What a transport takes besides, as the clients do; all else is the business of the client of httpx."""

    lifespan: LifespanMode
    grace: float
    on_disconnect: Literal["grace", "cancel"]
    background: Literal["wait", "detach"]
    leftover_tasks: Literal["cancel", "wait", "error"]
    extensions: Iterable[str]
    clock: Literal["real", "virtual"]
    quiet_threads: Iterable[str]
    block_warning: float | None


class SyncTransportOptions(TransportOptions, total=False):
    """What only the transport of a sync client takes, whose app has a loop of its own."""

    backend: Literal["asyncio", "trio"]
    backend_options: dict[str, Any] | None
    driver: Literal["auto", "thread", "free"]


#: What an option of `httpx.ASGITransport` is called here.
_OTHER_NAMES: Final = {"raise_app_exceptions": "raise_server_exceptions"}


_FIRST: Final = frozenset(("raise_server_exceptions", "root_path", "client"))


class _OwnTransport(Explains):
    """What both transports share: a client that runs the app, and that httpx never sees."""

    #: The options that there are.
    _known: frozenset[str]
    _client: Any = None

    def _set_up(self, kind: Any, app: ASGIApp, block: str, said: Mapping[str, Any]) -> None:
        """Make the client that runs the app.

        Args:
            kind: its class.
            app: the app.
            block: what opens the block of a client of httpx that has this transport.
            said: the options.

        Raises:
            TypeError: an option does not exist.
        """
        __tracebackhide__ = True
        for name in said.keys() - self._known:
            text = f"{type(self).__name__}() got an unexpected keyword argument {name!r}"
            raise TypeError(f"{text}: it is {_OTHER_NAMES[name]} here" if name in _OTHER_NAMES else text)
        self._client = kind(app, **said)
        self._client._options.lifespan = LifespanRecord(said.get("lifespan") != "off", block)
        #: How many clients of httpx have entered it: the app lives from the first to the last.
        self._entered = 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client.app!r}, {'entered' if self._entered else 'not entered'}>"

    def _explain(self, exception: BaseException) -> None:
        if self._client is not None:  # or its constructor has failed
            self._client._explain(exception)

    def _check(self, request: httpx.Request) -> None:
        """Refuse what no response can answer.

        Raises:
            UsageError: it is of another library, or opens a websocket.
        """
        __tracebackhide__ = True
        if not isinstance(request, httpx.Request):
            theirs = type(request).__module__.partition(".")[0]
            raise UsageError(
                f"{type(self).__name__} is a transport for {CHOICE.name}, because {CHOICE.reason}, and the request is "
                f"one of {theirs}. Make the client with {CHOICE.name}, or set {VARIABLE}={theirs}."
            )
        if request.url.scheme in ("ws", "wss") or request.headers.get("upgrade", "").lower() == "websocket":
            raise UsageError(
                f"{request.url} is to be a websocket, and a transport of {CHOICE.name} has none. Write: "
                f'transport.test_client.websocket_connect("{request.url.path}").'
            )


@entrances()
class LockstepTransport(_OwnTransport, httpx.BaseTransport):
    """A transport for an `httpx.Client` of your own: its requests go to the app, on the thread that makes them.

    For code that is handed a client, or makes one itself; a test that makes its own is shorter with `TestClient`.
    `with httpx.Client(transport=LockstepTransport(app), base_url="http://testserver") as client:` runs the lifespan of
    the app; without `with`, requests work and no lifespan runs. Several clients may share one transport, and with it
    the app; the lifespan ends when the last one that was entered is left.

    Args:
        app: the ASGI application (ASGI 3, or ASGI 2).
        raise_server_exceptions: raise exceptions of the app in the test; with False they become responses of 500.
        root_path: the `root_path` of every scope.
        client: the address of the client in every scope.
        options: `lifespan`, `grace`, `on_disconnect`, `background`, `leftover_tasks`, `extensions`, `clock`,
            `quiet_threads`, `block_warning`, `rules`, `server`, `vary`, `backend`, `backend_options`, `driver`: as of
            `TestClient`. Cookies, redirects, auth and the like are the client's; the `read` of its timeout is how long
            the app may rest while the test waits for it.

    Raises:
        UsageError (NotAnASGIApp, UnknownOption, MissingExtra): the call is wrong; the text says what to write instead.

    Limits: websockets need the `test_client`.

    Example:
        >>> import httpx2
        >>> from asgi_lockstep import LockstepTransport
        >>> async def app(scope, receive, send):
        ...     await send({"type": "http.response.start", "status": 200})
        ...     await send({"type": "http.response.body", "body": b"Hello, world!"})
        >>> with httpx2.Client(transport=LockstepTransport(app, lifespan="off"), base_url="http://shop") as client:
        ...     client.get("/").text
        'Hello, world!'
    """

    _known = _FIRST | SyncTransportOptions.__annotations__.keys()

    def __init__(
        self,
        app: ASGIApp,
        raise_server_exceptions: bool = True,
        root_path: str = "",
        client: tuple[str, int] | None = CLIENT,
        **options: Unpack[SyncTransportOptions],
    ) -> None:
        __tracebackhide__ = True
        block = f"with {CHOICE.name}.Client(transport=transport)"
        said = {"raise_server_exceptions": raise_server_exceptions, "root_path": root_path, "client": client}
        self._set_up(TestClient, app, block, {**said, **options})

    @property
    def test_client(self) -> TestClient:
        """The client that runs the app: its `clock`, `sleep()`, `settle()`, `violations`, `websocket_connect()`, ..."""
        client: TestClient = self._client
        return client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response to a request, when it has started (or is complete, if nobody looks before)."""
        __tracebackhide__ = True
        self._check(request)
        response: httpx.Response = self._client._to_app.handle_request(request)
        return response

    def __enter__(self) -> Self:
        __tracebackhide__ = True
        if not self._entered:
            self._client.__enter__()
        self._entered += 1
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        __tracebackhide__ = True
        self._entered -= 1
        if not self._entered:
            self._client.__exit__(exc_type, exc, traceback)

    async def __aenter__(self) -> NoReturn:
        __tracebackhide__ = True
        raise _other_colour(self, "AsyncClient", "AsyncLockstepTransport")

    async def handle_async_request(self, request: httpx.Request) -> NoReturn:
        """A mistake: this is the transport of a sync client."""
        __tracebackhide__ = True
        raise _other_colour(self, "AsyncClient", "AsyncLockstepTransport")

    def close(self) -> None:
        """Abort open responses, and end the loop of an app that was used without `with`."""
        __tracebackhide__ = True
        self._client.close()


@entrances()
class AsyncLockstepTransport(_OwnTransport, httpx.AsyncBaseTransport):
    """A transport for an `httpx.AsyncClient` of your own: its requests go to the app, on the loop that runs.

    It stands where `httpx.ASGITransport(app=app)` stands, and gives each piece of a response when the app sends it. For
    code that is handed a client, or makes one itself; a test that makes its own is shorter with `AsyncTestClient`.
    `async with httpx.AsyncClient(transport=AsyncLockstepTransport(app), base_url="http://testserver") as client:` runs
    the lifespan of the app; without `async with`, requests work and no lifespan runs. Several clients may share one
    transport, and with it the app; the lifespan ends when the last one that was entered is left.

    Args:
        app: the ASGI application (ASGI 3, or ASGI 2).
        raise_server_exceptions: raise exceptions of the app in the test (`raise_app_exceptions` of `ASGITransport`);
            with False they become responses of 500.
        root_path: the `root_path` of every scope.
        client: the address of the client in every scope.
        options: `lifespan`, `grace`, `on_disconnect`, `background`, `leftover_tasks`, `extensions`, `clock`,
            `quiet_threads`, `block_warning`, `rules`, `server` and `vary`, as of `AsyncTestClient`. Cookies, redirects,
            auth and the like are the client's; the `read` of its timeout is how long the app may rest while the test
            waits for it.

    Raises:
        UsageError (NotAnASGIApp, UnknownOption): the call is wrong; the text says what to write instead.

    Limits: websockets need the `test_client`. Once entered, it belongs to the loop on which it was.

    Example:
        >>> import asyncio
        >>> import httpx2
        >>> from asgi_lockstep import AsyncLockstepTransport
        >>> async def app(scope, receive, send):
        ...     await send({"type": "http.response.start", "status": 200})
        ...     await send({"type": "http.response.body", "body": b"Hello, world!"})
        >>> async def test_app():
        ...     transport = AsyncLockstepTransport(app, lifespan="off")
        ...     async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
        ...         return (await client.get("/")).text
        >>> asyncio.run(test_app())
        'Hello, world!'
    """

    _known = _FIRST | TransportOptions.__annotations__.keys()

    def __init__(
        self,
        app: ASGIApp,
        raise_server_exceptions: bool = True,
        root_path: str = "",
        client: tuple[str, int] | None = CLIENT,
        **options: Unpack[TransportOptions],
    ) -> None:
        __tracebackhide__ = True
        block = f"async with {CHOICE.name}.AsyncClient(transport=transport)"
        said = {"raise_server_exceptions": raise_server_exceptions, "root_path": root_path, "client": client}
        self._set_up(AsyncTestClient, app, block, {**said, **options})

    @property
    def test_client(self) -> AsyncTestClient:
        """The client that runs the app: its `clock`, `sleep()`, `settle()`, `violations`, `websocket_connect()`, ..."""
        client: AsyncTestClient = self._client
        return client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response to a request, when it has started (or is complete, if nobody looks before)."""
        __tracebackhide__ = True
        self._check(request)
        response: httpx.Response = await self._client._to_app.handle_async_request(request)
        return response

    async def __aenter__(self) -> Self:
        __tracebackhide__ = True
        if not self._entered:
            await self._client.__aenter__()
        self._entered += 1
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        __tracebackhide__ = True
        self._entered -= 1
        if not self._entered:
            await self._client.__aexit__(exc_type, exc, traceback)

    def __enter__(self) -> NoReturn:
        __tracebackhide__ = True
        raise _other_colour(self, "Client", "LockstepTransport")

    def handle_request(self, request: httpx.Request) -> NoReturn:
        """A mistake: this is the transport of an async client."""
        __tracebackhide__ = True
        raise _other_colour(self, "Client", "LockstepTransport")

    async def aclose(self) -> None:
        """Abort open responses, and end what the app has left behind."""
        __tracebackhide__ = True
        await self._client.aclose()


def _other_colour(transport: object, client: str, instead: str) -> WrongColour:
    name = type(transport).__name__
    return WrongColour(name, f"{CHOICE.name}.{client}", f"Write {CHOICE.name}.{client}(transport={instead}(app)).")
