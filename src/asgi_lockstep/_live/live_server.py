"""`LiveServer`: an app on a real socket, for the time of a block."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

import anyio
from anyio.to_thread import run_sync

from .._client.more_options import HTTPXOptions
from .._client.options import LIFESPAN_MODES, LifespanMode
from .._client.values import check_count, check_one_of, check_seconds, check_type
from .._drivers.calls.log_records import listen_to_logs
from .._drivers.happenings.recorder import KEPT, Recorder
from .._httpx import CookieTypes, HeaderTypes, httpx
from .._types import ASGIApp
from .clients.async_client import AsyncLiveClient
from .clients.client import LiveClient
from .running import Running, raise_first
from .serving.servers import SERVERS
from .serving.settings import Settings

if TYPE_CHECKING:
    from .._timeline.timeline import Timeline

#: How long a server may take to start, and to stop, in seconds.
_TIMEOUT = 10.0


class LiveServer:
    """An ASGI app on a real socket of this machine, for the time of a `with` or `async with` block.

    For what needs a network: browsers, clients in other languages, TCP itself, how a server behaves. For all else
    `TestClient` is faster, and says more.

    Args:
        app: the ASGI application, or its name as `"module:attribute"`. Servers that run in a child process (daphne,
            granian) have to import it: it has to be a global of a module.
        server: `"uvicorn"` or `"hypercorn"`, in a thread of this process; `"daphne"` or `"granian"`, in a
            child process.
        host: where to listen.
        port: the same; 0 for a free one, without a clash.
        lifespan: `"auto"` runs it if the app has one, `"on"` insists on it, `"off"` leaves it out. daphne has none.
        timeout: how long the server may take to start, and to stop, in seconds (10).
        server_options: what goes to the server's own configuration: `uvicorn.Config`, `hypercorn.Config`,
            `daphne.server.Server`, `granian.Granian`.
        timeline: how many events `live.timeline` keeps, the newest (200); 0 for none.

    Raises (from entering):
        MissingExtra: the server is not installed.
        UsageError: the port is taken, or there is no such option; the text says what to write instead.
        Exception: what the app has raised in its lifespan (`LifespanFailed`, where it has only said so).
        ServerFailed, ServerTimedOut: the server has not come up; the text says where the app stands.

    Raises (from leaving):
        Exception: what the app has raised and no client has; the first, with a note for each other.
        ServerTimedOut: the server has not stopped in time, and was cut off; the text says which requests hold it up.

    Limits: the app runs beside the test, on a thread or in a process of its own: a test that does not wait for an
    answer knows nothing of what the app has done.

    Example:
        >>> from asgi_lockstep.live import LiveServer
        >>> async def app(scope, receive, send):
        ...     await send({"type": "http.response.start", "status": 200, "headers": []})
        ...     await send({"type": "http.response.body", "body": b"Hello, world!"})
        >>> with LiveServer(app, lifespan="off") as live:
        ...     live.client().get("/").text
        'Hello, world!'
    """

    def __init__(
        self,
        app: ASGIApp | str,
        server: Literal["uvicorn", "hypercorn", "daphne", "granian"] = "uvicorn",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        lifespan: LifespanMode = "auto",
        timeout: float = _TIMEOUT,
        server_options: Mapping[str, Any] | None = None,
        timeline: int = KEPT,
    ) -> None:
        __tracebackhide__ = True
        check_one_of("server", server, tuple(SERVERS))
        check_one_of("lifespan", lifespan, LIFESPAN_MODES)
        check_type("host", host, str, 'a str, for example "127.0.0.1"')
        check_type("port", port, int, "a number, 0 for a free port")
        check_seconds("timeout", timeout, positive=True, finite=True)
        check_type("server_options", server_options, (Mapping, type(None)), "a dict of what the server takes")
        check_count("timeline", timeline, 0, "events", or_none=False)
        listen_to_logs()
        self.app = app
        #: Which one runs it.
        self.server: str = server
        settings = Settings(server, host, port, lifespan, dict(server_options or {}))
        self._recorder = Recorder(timeline)
        self._running = Running(app, settings, timeout, self._recorder)
        self._clients: list[LiveClient] = []
        self._async_clients: list[AsyncLiveClient] = []

    def __repr__(self) -> str:
        where = self.url if self._running.is_up else "not running"
        return f"<{type(self).__name__} of {self.app!r} on {self.server}, {where}>"

    @property
    def port(self) -> int:
        """The port on which the server listens.

        Raises:
            UsageError: it does not run.
        """
        __tracebackhide__ = True
        return self._running.serving("port").address[1]

    @property
    def url(self) -> str:
        """The URL of the server, for example `"http://127.0.0.1:50000"`.

        Raises:
            UsageError: it does not run.
        """
        __tracebackhide__ = True
        host, port = self._running.serving("url").address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def exceptions(self) -> list[BaseException]:
        """Everything that the app has raised, the oldest first.

        What you take out of the list is not raised when the block is left.
        """
        return self._running.exceptions

    @property
    def timeline(self) -> Timeline:
        """What has happened so far, in all clients and calls of the app, the oldest first; see `TestClient.timeline`.

        The app's side is there where the server runs in a thread of this process.
        """
        from .._timeline.reading import read  # most tests never look

        return read(self._recorder)

    def client(
        self,
        *,
        base_url: httpx.URL | str | None = None,
        raise_server_exceptions: bool = True,
        cookies: CookieTypes | None = None,
        headers: HeaderTypes | None = None,
        follow_redirects: bool = True,
        **httpx_options: Unpack[HTTPXOptions],
    ) -> LiveClient:
        """A client for this server, which is closed when the block is left.

        Args:
            base_url: what relative URLs are relative to: the URL of the server.
            raise_server_exceptions: raise what the app raises in a call of this client; with False nobody does, and the
                response is what the server makes of it.
            cookies, headers, follow_redirects: as in httpx. Redirects are followed.
            httpx_options: `auth`, `params`, `event_hooks`, `timeout` (30 seconds), `max_redirects`, `default_encoding`.

        Raises:
            UsageError: the server does not run.
        """
        __tracebackhide__ = True
        made = LiveClient(
            self._running.serving("client()"),
            self.url if base_url is None else base_url,
            raise_server_exceptions,
            cookies,
            headers,
            follow_redirects,
            **httpx_options,
        )
        self._clients.append(made)
        return made

    def async_client(
        self,
        *,
        base_url: httpx.URL | str | None = None,
        raise_server_exceptions: bool = True,
        cookies: CookieTypes | None = None,
        headers: HeaderTypes | None = None,
        follow_redirects: bool = True,
        **httpx_options: Unpack[HTTPXOptions],
    ) -> AsyncLiveClient:
        """The same for async tests. Leaving an `async with` block closes it; in a `with` block close it yourself.

        Args:
            base_url, raise_server_exceptions, cookies, headers, follow_redirects, httpx_options: as for `client()`.

        Raises:
            UsageError: the server does not run.
        """
        __tracebackhide__ = True
        made = AsyncLiveClient(
            self._running.serving("async_client()"),
            self.url if base_url is None else base_url,
            raise_server_exceptions,
            cookies,
            headers,
            follow_redirects,
            **httpx_options,
        )
        self._async_clients.append(made)
        return made

    def __enter__(self) -> Self:
        __tracebackhide__ = True
        self._recorder.acts("enter the server")
        self._running.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self._recorder.acts("leave the server")
        raise_first(self._running.stop(self._clients), exc)

    async def __aenter__(self) -> Self:
        __tracebackhide__ = True
        self._running.check_new()
        self._recorder.acts("enter the server")
        try:
            await run_sync(self._running.start)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await run_sync(self._running.kill)  # it may have come up after a cancellation
            raise
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self._recorder.acts("leave the server")
        with anyio.CancelScope(shield=True):
            for client in self._async_clients:
                await client.aclose()
            raise_first(await run_sync(self._running.stop, self._clients), exc)
