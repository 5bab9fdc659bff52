"""`AsyncTestClient`: httpx's async client, with the app on the loop that runs already instead of a network."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any, Literal, Self, Unpack

import anyio

from .._drivers.calls.app_call import AppCall
from .._drivers.turning.async_driver import AsyncDriver
from .._drivers.turning.backends import HOW_TO_BE_VIRTUAL, virtual_clock_here
from .._httpx import CookieTypes, HeaderTypes, httpx
from .._protocol.lifespan_exchange import LifespanExchange
from .._protocol.steps import start_lifespan, stop_lifespan
from .._types import ASGIApp
from ..errors import ClockNotVirtual, UsageError
from .client_base import ClientBase
from .conversations import AsyncConversations
from .endings.leftovers import aleave as leave_tasks
from .endings.lifespan import check_shutdown, check_startup
from .entrances import REQUESTS, entrances
from .lifespan_record import LifespanRecord
from .more_options import MoreOptions, Overrides, server_options
from .more_options import httpx_options as own_httpx_options
from .options import BASE_URL, BLOCK_WARNING, CLIENT, GRACE, ExchangeOptions, LifespanMode, client_headers, offered
from .pipeline.prepared import Preparation
from .pipeline.seams import Seams
from .pipeline.transport import AsyncTransport
from .time_passing.client_clock import AsyncClientClock
from .time_passing.wall_clock import WallClock, wall_clock_of, why_to_enter
from .values import ARGUMENT, check_seconds, checked_limit
from .wrong_colours import AsyncOnly


@entrances(*REQUESTS)
class AsyncTestClient(AsyncOnly, ClientBase, AsyncConversations):
    """A test client for async tests: the app runs on the test's own event loop, asyncio or trio.

    It has the whole interface of `httpx.AsyncClient`, and the features of `TestClient`, awaited.
    `async with AsyncTestClient(app) as client:` runs the lifespan of the app; it may be entered and left in different
    tasks, as fixtures do. Without `async with`, requests work and no lifespan runs.

    Args:
        app: the ASGI application (ASGI 3, or ASGI 2).
        base_url: what relative URLs are relative to.
        raise_server_exceptions: raise exceptions of the app in the test; with False they become responses of 500.
        root_path: the `root_path` of every scope.
        cookies, headers, follow_redirects: as in httpx. Redirects are followed.
        client: the address of the client in every scope.
        lifespan: `"auto"` runs it if the app has one, `"on"` insists on it, `"off"` leaves it out.
        grace: how long the app may take to end by itself after its client has gone, in seconds; then it is cancelled.
        on_disconnect: `"cancel"` cancels the app at once when its client goes.
        background: `"detach"` lets a request return at the last byte of its response, and not when the app has ended;
            `client.background` lists what still runs, and `settle()`, leaving and closing raise what failed in it.
        leftover_tasks: what becomes of tasks that the app has started and not ended when the client is left or closed:
            `"cancel"` cancels and logs them, `"wait"` waits for them, `"error"` raises `LeftoverTasks`. Those that
            a library has started for itself are cancelled, and logged at the level of debugging.
        extensions: the names of what the scope offers to the app beyond the debug and denial extensions:
            `"http.response.trailers"`, `"http.response.early_hint"`, `"http.response.push"`,
            `"http.response.pathsend"`, `"http.response.zerocopysend"`, `"tls"`; or a mapping from name to what it says.
            Requests to `http://` and `ws://` URLs have no `"tls"`, as on servers: give a `base_url` with `https`.
        clock: `"virtual"` insists on a loop of `asgi_lockstep.clock`, on which sleeps, timers and deadlines pass at
            once, in order, at their exact times; `client.clock` shows and advances it.
        wall_clock: whether `time.time()`, `time.monotonic()` and `datetime.now()` go with the virtual clock while the
            client is entered, before which it cannot be used then. Needs the extra `time`.
        quiet_threads: the names of threads, or patterns such as `"metrics-*"`, that never call into the app: a virtual
            clock is not held up by them. The text of a time-out names those that hold it up.
        block_warning: after how many seconds in which the app blocks its thread a `BlockingCall` warning is given; None
            for never.
        rules: what becomes of an app that breaks a rule of ASGI: `"servers"` raises out of its `send()` where most
            servers refuse, cut off or fail, and records the rest in `client.violations`; `"spec"` raises for each
            rule; `"off"` for none. A mapping names single rules: `{"upper-case-name": "error",
            "body-too-short": "record", "buffer": "off", "default": "servers"}`. docs/rules.md has all names, and what
            servers do; `Checked` says which of several layers it was.
        server: whose habits count where servers differ: `"uvicorn"`, `"hypercorn"`, `"daphne"` or `"granian"`.
        vary: the seed of a variation of what the app gets, within what servers may do; True for a random one. What
            comes out of a call says how to repeat it. A `Variation` says more; docs/variation.md has all of it.
        timeline: how many events `client.timeline` keeps, the newest; 0 for none, 200 by default.
        more_options: the four above, and `auth`, `params`, `event_hooks`, `timeout`, `max_redirects`,
            `default_encoding` as in httpx. The `read` of `timeout` (30 seconds) is how long the app may rest while the
            test waits for it: idle time only.

    Raises:
        UsageError (NotAnASGIApp, UnknownOption): the call is wrong; the text says what to write instead.

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
        base_url: httpx.URL | str = BASE_URL,
        raise_server_exceptions: bool = True,
        root_path: str = "",
        cookies: CookieTypes | None = None,
        headers: HeaderTypes | None = None,
        follow_redirects: bool = True,
        client: tuple[str, int] | None = CLIENT,
        *,
        lifespan: LifespanMode = "auto",
        grace: float = GRACE,
        on_disconnect: Literal["grace", "cancel"] = "grace",
        background: Literal["wait", "detach"] = "wait",
        leftover_tasks: Literal["cancel", "wait", "error"] = "cancel",
        extensions: Iterable[str] = (),
        clock: Literal["real", "virtual"] = "real",
        wall_clock: bool = False,
        quiet_threads: Iterable[str] = (),
        block_warning: float | None = BLOCK_WARNING,
        **more_options: Unpack[MoreOptions],
    ) -> None:
        __tracebackhide__ = True
        self._configure(app, lifespan, leftover_tasks, clock, wall_clock, block_warning, quiet_threads)
        self._options = ExchangeOptions(
            raise_server_exceptions,
            root_path,
            client,
            grace=grace,
            on_disconnect=on_disconnect,
            background=background,
            extensions=offered(extensions),
            lifespan=LifespanRecord(lifespan != "off", "async with AsyncTestClient(app)"),
            **server_options(more_options),
        )
        self._is_virtual, self._has_wall_clock, self._block_warning = clock == "virtual", wall_clock, block_warning
        self._quiet_threads = tuple(quiet_threads)
        self._set_up(headers, cookies, own_httpx_options(self, base_url, follow_redirects, more_options))

    def _set_up(self, headers: HeaderTypes | None, cookies: CookieTypes | None, httpx_options: dict[str, Any]) -> None:
        self._httpx_options = httpx_options
        self._preparation = Preparation(_SEAMS)
        self._entered: AsyncDriver | None = None
        self._wall_clock: WallClock | None = None
        #: The loop on which it was used last without being entered.
        self._visited: AsyncDriver | None = None
        self._lifespan: AppCall[LifespanExchange] | None = None
        self._to_app = AsyncTransport(self.app, self._options, self.app_state, self._driver)
        super().__init__(headers=client_headers(headers), cookies=cookies, transport=self._to_app, **httpx_options)
        checked_limit(self.timeout.read)  # a mistake shows here, and not in the first request

    def __repr__(self) -> str:
        entered = (self._derived_from or self)._entered is not None
        return f"<{type(self).__name__} of {self.app!r}, {self._state_words(entered)}>"

    def _driver(self) -> AsyncDriver:
        """The driver for a call that is made now: the loop of the entered client, or else the one that runs."""
        __tracebackhide__ = True
        if self._derived_from is not None:
            driver: AsyncDriver = self._derived_from._driver()
            return driver
        entered = self._entered
        if entered is None:
            why = why_to_enter(self._has_wall_clock, "async with AsyncTestClient")
            if why is not None:
                raise UsageError(why)
            if self._visited is None or not self._visited.is_current:
                self._visited = self._new_driver()
            return self._visited
        if not entered.is_current:
            raise UsageError(
                "This client was entered on another event loop than the one that runs now, and its app lives there. "
                "Give the fixture that enters it and the test the same loop scope, or enter it in the test."
            )
        return entered

    def _new_driver(self) -> AsyncDriver:
        __tracebackhide__ = True
        clock = virtual_clock_here() if self._is_virtual else None
        if clock is not None:
            clock.leave_out(self._quiet_threads)
        elif self._is_virtual:
            raise ClockNotVirtual("the event loop that runs here", HOW_TO_BE_VIRTUAL)
        self._options.recorder.follow(virtual_clock_here())
        return AsyncDriver(self._block_warning)

    @property
    def clock(self) -> AsyncClientClock:
        """The time of the loop: `clock.now`, and where it is virtual `await clock.advance(seconds)`."""
        return AsyncClientClock(virtual_clock_here, self.sleep)

    async def sleep(self, seconds: float) -> None:
        """Let time pass in the app, real or virtual, and see the app come to rest.

        Example:
            >>> import asyncio
            >>> async def app(scope, receive, send): ...
            >>> asyncio.run(AsyncTestClient(app).sleep(0.001))
        """
        __tracebackhide__ = True
        check_seconds("sleep", seconds, form=ARGUMENT, finite=True)
        self._acts("sleep", float(seconds))
        driver = self._driver()
        await anyio.sleep(seconds)
        await driver.settle()

    async def settle(self) -> None:
        """Let the app run until nothing of it is ready: tasks that it has started go on as far as they can.

        Raises:
            BackgroundFailed: work that nobody waited for has failed (`background="detach"`).

        Example:
            >>> import asyncio
            >>> async def app(scope, receive, send): ...
            >>> asyncio.run(AsyncTestClient(app).settle())
        """
        self._acts("settle")
        await self._driver().settle()
        self._to_app.background.raise_failure()

    def derive(
        self,
        *,
        headers: HeaderTypes | None = None,
        cookies: CookieTypes | None = None,
        client: tuple[str, int] | None = CLIENT,
        raise_server_exceptions: bool | None = None,
        root_path: str | None = None,
        **overrides: Unpack[Overrides],
    ) -> AsyncTestClient:
        """Another client of the same running app, on the same loop and lifespan: a second user.

        Args:
            headers, cookies: its own; nothing is taken over from this client.
            client: its address.
            raise_server_exceptions, root_path: as this client's unless given.
            overrides: `auth`, `params`, `base_url`, `follow_redirects`, ... as in the constructor.

        Returns:
            The client, of the same class; what a subclass has set on this one, it has as well. Entering and leaving it
            starts and stops nothing; this client's lifespan counts.
        """
        twin = type(self).__new__(type(self))
        twin._take_over(self, client, raise_server_exceptions, root_path)
        twin._set_up(headers, cookies, {**self._httpx_options, **overrides})
        return twin

    # Entering and leaving. httpx's own state is not touched: the client works before, inside and after the block.

    async def __aenter__(self) -> Self:
        __tracebackhide__ = True
        if self._derived_from is not None:
            return self
        if self._entered is not None:
            raise UsageError(
                "This client is entered already. Leave its `async with` block first, or use client.derive() for a "
                "second user."
            )
        self._acts("enter the client")
        self._entered = self._new_driver()
        try:
            self._wall_clock = wall_clock_of(virtual_clock_here(), self._has_wall_clock)
            if self._wall_clock is not None:
                self._wall_clock.start()
            await self._start_lifespan(self._entered)
        except BaseException:
            self._entered = None
            self._stop_wall_clock()
            raise
        return self

    def _stop_wall_clock(self) -> None:
        if self._wall_clock is not None:
            self._wall_clock.stop()

    async def _start_lifespan(self, driver: AsyncDriver) -> None:
        __tracebackhide__ = True
        self._lifespan = None
        if self._lifespan_mode == "off":
            return
        call = self._lifespan_call()
        await driver.begin(call, start_lifespan(call.exchange, GRACE))
        if check_startup(call.exchange, self._lifespan_mode, self._options, self._raises_refusals):
            self._lifespan = call

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        __tracebackhide__ = True
        if self._derived_from is None:
            self._acts("leave the client")
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
        if self._derived_from is not None:
            return
        driver, self._entered = self._entered, None
        if driver is None:
            return
        try:
            if self._lifespan is not None:
                call = self._lifespan
                await driver.run(stop_lifespan(call.exchange, GRACE), call)
                failure = check_shutdown(call.exchange, self._options)
                if failure is not None:
                    raise failure
        finally:
            try:
                await leave_tasks(driver, self._leftover_tasks, self._limit)
            finally:
                self._stop_wall_clock()

    async def aclose(self) -> None:
        """Abort open responses and end what the app has left behind; requests raise `RuntimeError` afterwards."""
        __tracebackhide__ = True
        try:
            await super().aclose()
        finally:
            visited, self._visited = self._visited, None
            if visited is not None and visited.is_current:
                await leave_tasks(visited, self._leftover_tasks, self._limit)


#: As they are now: whoever replaces one of them later has reached in.
_SEAMS = Seams(AsyncTestClient, httpx.AsyncClient, "handle_async_request")
