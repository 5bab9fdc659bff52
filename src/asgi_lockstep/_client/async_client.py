"""`AsyncTestClient`: httpx2's async client, with the app on the loop that runs already instead of a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Literal, NoReturn, Self

import httpx2
from httpx2 import USE_CLIENT_DEFAULT

from .._drivers.app_call import AppCall
from .._drivers.caller_loop import CallerLoop
from .._protocol.lifespan_exchange import LifespanExchange
from .._protocol.scope import lifespan_scope
from .._protocol.steps import start_lifespan, stop_lifespan
from .._types import ASGIApp
from ..errors import UsageError, WrongColour
from .client_base import ClientBase, httpx_options
from .conversations import AsyncConversations
from .leftovers import aleave as leave_tasks
from .lifespan import check_shutdown, check_startup
from .options import (
    BASE_URL,
    CLIENT,
    GRACE,
    LEFTOVER_TASKS,
    LIFESPAN_MODES,
    TIMEOUT,
    ExchangeOptions,
    LifespanMode,
    as_asgi3,
    check_one_of,
    client_headers,
    offered,
)
from .request_parts import collecting
from .transport import AsyncTransport


class AsyncTestClient(ClientBase, AsyncConversations):
    """A test client for async tests: the app runs on the test's own event loop, asyncio or trio.

    It has the whole interface of `httpx2.AsyncClient`, and the features of `TestClient`, awaited.
    `async with AsyncTestClient(app) as client:` runs the lifespan of the app; it may be entered and left in different
    tasks, as fixtures do. Without `async with`, requests work and no lifespan runs.

    Args:
        app: the ASGI application (ASGI 3, or ASGI 2).
        base_url: what relative URLs are relative to.
        raise_server_exceptions: raise exceptions of the app in the test; with False they become responses of 500.
        root_path: the `root_path` of every scope.
        cookies, headers, follow_redirects: as in httpx2. Redirects are followed.
        client: the address of the client in every scope.
        auth, params, event_hooks, timeout, max_redirects, default_encoding: as in httpx2.
        lifespan: `"auto"` runs it if the app has one, `"on"` insists on it, `"off"` leaves it out.
        grace: how long the app may take to end by itself after its client has gone, in seconds; then it is cancelled.
        on_disconnect: `"cancel"` cancels the app at once when its client goes.
        background: `"detach"` lets a request return at the last byte of its response, and not when the app has ended;
            `client.background` lists what still runs, and `settle()`, leaving and closing raise what failed in it.
        leftover_tasks: what becomes of tasks that the app has started and not ended when the client is left or closed:
            `"cancel"` cancels and logs them, `"wait"` waits for them, `"error"` raises `LeftoverTasks`.
        extensions: the names of what the scope offers to the app beyond the debug, trailers and denial extensions:
            `"http.response.early_hint"`, `"http.response.push"`, `"http.response.pathsend"`,
            `"http.response.zerocopysend"`, `"tls"`; or a mapping from name to what it says.

    Raises:
        NotAnASGIApp, UnknownOption: the call is wrong; the text says what to write instead.

    Limits: an entered client belongs to the loop on which it was entered.

    Example:
        >>> async def app(scope, receive, send):
        ...     await send({"type": "http.response.start", "status": 200})
        ...     await send({"type": "http.response.body", "body": b"Hello, world!"})
        >>> import asyncio
        >>> async def test_app():
        ...     async with AsyncTestClient(app) as client:
        ...         response = await client.get("/")
        ...     return response.text
        >>> asyncio.run(test_app())
        'Hello, world!'
    """

    __test__ = False

    def __init__(
        self,
        app: ASGIApp,
        base_url: httpx2.URL | str = BASE_URL,
        raise_server_exceptions: bool = True,
        root_path: str = "",
        cookies: Any = None,
        headers: Any = None,
        follow_redirects: bool = True,
        client: tuple[str, int] | None = CLIENT,
        *,
        lifespan: LifespanMode = "auto",
        grace: float = GRACE,
        on_disconnect: Literal["grace", "cancel"] = "grace",
        background: Literal["wait", "detach"] = "wait",
        leftover_tasks: Literal["cancel", "wait", "error"] = "cancel",
        extensions: Iterable[str] = (),
        auth: Any = None,
        params: Any = None,
        event_hooks: Any = None,
        timeout: Any = TIMEOUT,
        max_redirects: int = 20,
        default_encoding: str | Callable[[bytes], str | None] = "utf-8",
    ) -> None:
        __tracebackhide__ = True
        check_one_of("lifespan", lifespan, LIFESPAN_MODES)
        check_one_of("leftover_tasks", leftover_tasks, LEFTOVER_TASKS)
        self.app = as_asgi3(app)
        self.app_state = {}
        self._lifespan_mode = lifespan
        self._leftover_tasks = leftover_tasks
        self._options = ExchangeOptions(
            raise_server_exceptions,
            root_path,
            client,
            grace=grace,
            on_disconnect=on_disconnect,
            background=background,
            extensions=offered(extensions),
        )
        self._set_up(
            headers,
            cookies,
            httpx_options(
                base_url, follow_redirects, auth, params, event_hooks, timeout, max_redirects, default_encoding
            ),
        )

    def _set_up(self, headers: Any, cookies: Any, httpx_options: dict[str, Any]) -> None:
        self._httpx_options = httpx_options
        self._entered: CallerLoop | None = None
        #: The loop on which it was used last without being entered.
        self._visited: CallerLoop | None = None
        self._lifespan: tuple[LifespanExchange, AppCall] | None = None
        self._to_app = AsyncTransport(self.app, self._options, self.app_state, self._driver)
        super().__init__(headers=client_headers(headers), cookies=cookies, transport=self._to_app, **httpx_options)

    def __repr__(self) -> str:
        entered = (self._origin or self)._entered is not None
        state = "closed" if self.is_closed else "entered" if entered else "not entered"
        return f"<{type(self).__name__} of {self.app!r}, {state}>"

    def _driver(self) -> CallerLoop:
        """The driver for a call that is made now: the loop of the entered client, or else the one that runs."""
        entered: CallerLoop | None = self._entered if self._origin is None else self._origin._entered
        if entered is None:
            if self._visited is None or not self._visited.is_current:
                self._visited = CallerLoop()
            return self._visited
        if not entered.is_current:
            raise UsageError(
                "This client was entered on another event loop than the one that runs now, and its app lives there. "
                "Give the fixture that enters it and the test the same loop scope, or enter it in the test."
            )
        return entered

    async def send(
        self,
        request: httpx2.Request,
        *,
        stream: bool = False,
        auth: Any = USE_CLIENT_DEFAULT,
        follow_redirects: Any = USE_CLIENT_DEFAULT,
    ) -> httpx2.Response:
        """Send a request that `build_request()` made; see `httpx2.AsyncClient.send`."""
        __tracebackhide__ = True
        request = collecting(request, not stream)
        return await super().send(request, stream=stream, auth=auth, follow_redirects=follow_redirects)

    async def settle(self) -> None:
        """Let the app run until nothing of it is ready: tasks that it has started go on as far as they can.

        Raises:
            BackgroundFailed: work that nobody waited for has failed (`background="detach"`).

        Example:
            >>> import asyncio
            >>> async def app(scope, receive, send): ...
            >>> asyncio.run(AsyncTestClient(app).settle())
        """
        await self._driver().settle()
        self._to_app.background.raise_failure()

    def derive(
        self,
        *,
        headers: Any = None,
        cookies: Any = None,
        client: tuple[str, int] | None = CLIENT,
        raise_server_exceptions: bool | None = None,
        root_path: str | None = None,
        **overrides: Any,
    ) -> AsyncTestClient:
        """Another client of the same running app, on the same loop and lifespan: a second user.

        Args:
            headers, cookies: its own; nothing is taken over from this client.
            client: its address.
            raise_server_exceptions, root_path: as this client's unless given.
            overrides: `auth`, `params`, `base_url`, `follow_redirects`, ... as in the constructor.

        Returns:
            The client. Entering and leaving it starts and stops nothing; this client's lifespan counts.
        """
        twin = type(self).__new__(type(self))
        twin._take_over(self, client, raise_server_exceptions, root_path)
        twin._set_up(headers, cookies, {**self._httpx_options, **overrides})
        return twin

    # Entering and leaving. httpx2's own state is not touched: the client works before, inside and after the block.

    async def __aenter__(self) -> Self:
        __tracebackhide__ = True
        if self._origin is not None:
            return self
        if self._entered is not None:
            raise UsageError(
                "This client is entered already. Leave its `async with` block first, or use client.derive() for a "
                "second user."
            )
        self._entered = CallerLoop()
        try:
            await self._start_lifespan(self._entered)
        except BaseException:
            self._entered = None
            raise
        return self

    def __enter__(self) -> NoReturn:
        __tracebackhide__ = True
        raise WrongColour("AsyncTestClient", "`with`", "Write `async with`, or use TestClient in sync tests.")

    def __exit__(self, *exc_info: object) -> None:
        """Never reached: `__enter__` raises."""

    def close(self) -> NoReturn:
        """A mistake: this client has `aclose()`."""
        __tracebackhide__ = True
        raise WrongColour("AsyncTestClient", "`close()`", "Write `await client.aclose()`.")

    async def _start_lifespan(self, driver: CallerLoop) -> None:
        __tracebackhide__ = True
        self._lifespan = None
        if self._lifespan_mode == "off":
            return
        exchange = LifespanExchange(lifespan_scope(self.app_state))
        call = driver.start(self.app, exchange)
        await driver.run(start_lifespan(exchange, GRACE), call)
        if check_startup(exchange, self._lifespan_mode):
            self._lifespan = exchange, call

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        __tracebackhide__ = True
        try:
            try:
                await self._to_app.aclose()
            finally:
                await self._stop_lifespan()
        except Exception as failure:
            if exc is None:
                raise
            exc.add_note(f"After that, leaving the client failed: {failure!r}")

    async def _stop_lifespan(self) -> None:
        __tracebackhide__ = True
        if self._origin is not None:
            return
        driver, self._entered = self._entered, None
        if driver is None:
            return
        try:
            if self._lifespan is not None:
                exchange, call = self._lifespan
                await driver.run(stop_lifespan(exchange, GRACE), call)
                failure = check_shutdown(exchange)
                if failure is not None:
                    raise failure
        finally:
            await leave_tasks(driver, self._leftover_tasks)

    async def aclose(self) -> None:
        """Abort open responses and end what the app has left behind; requests raise `RuntimeError` afterwards."""
        __tracebackhide__ = True
        await super().aclose()
        visited, self._visited = self._visited, None
        if visited is not None and visited.is_current:
            await leave_tasks(visited, self._leftover_tasks)
