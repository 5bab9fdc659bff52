"""`TestClient`: httpx's client, with the app on this thread instead of a network."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Coroutine, Iterable
from contextlib import ExitStack
from functools import partial
from types import NoneType, TracebackType
from typing import Any, Literal, Self, TypeVar, Unpack

import anyio

from .._drivers.clock.virtual_clock import VirtualClock
from .._drivers.inspection.held_signals import SIGNALS
from .._drivers.turning.backends import check
from .._drivers.turning.client_loops import ClientLoops
from .._drivers.turning.sync_driver import SyncDriver
from .._httpx import CookieTypes, HeaderTypes, httpx
from .._protocol.steps import start_lifespan
from .._types import ASGIApp
from .client_base import ClientBase
from .conversations import Conversations
from .endings.leftovers import leave as leave_tasks
from .endings.lifespan import check_startup, stop
from .endings.waited_in_vain import note_waiting
from .entrances import REQUESTS, entrances
from .lifespan_record import LifespanRecord
from .more_options import MoreOptions, Overrides, server_options
from .more_options import httpx_options as own_httpx_options
from .options import BASE_URL, BLOCK_WARNING, CLIENT, GRACE, ExchangeOptions, LifespanMode, client_headers, offered
from .pipeline.prepared import Preparation
from .pipeline.seams import Seams
from .pipeline.transport import SyncTransport
from .portal import LockstepFuture, Portal, resolve_with_end
from .time_passing.client_clock import ClientClock
from .time_passing.wall_clock import wall_clock_of, why_to_enter
from .values import ARGUMENT, check_function, check_seconds, check_type, checked_limit, name_of
from .wrong_colours import SyncOnly

T = TypeVar("T")


@entrances(*REQUESTS)
class TestClient(SyncOnly, ClientBase, Conversations):
    """A test client for ASGI applications that runs the app in lockstep with the test, on the test's own thread.

    It has httpx's whole interface, with httpx2's `sse()`, and that of `starlette.testclient.TestClient`.
    `with TestClient(app) as client:` runs the lifespan of the app, and `client.app_state` is what that has put into
    `scope["state"]`; without `with`, requests work and no lifespan runs.

    Args:
        app: the ASGI application (ASGI 3, or ASGI 2).
        base_url: what relative URLs are relative to.
        raise_server_exceptions: raise exceptions of the app in the test; with False they become responses of 500.
        root_path: the `root_path` of every scope.
        backend: `"asyncio"` or `"trio"`.
        backend_options: asyncio: `use_uvloop`, `loop_factory`, `debug`; trio: the options of `trio.run`. Without the
            first two, an event loop policy that you have set makes the loop (not where the clock is virtual).
        cookies, headers, follow_redirects: as in httpx. Redirects are followed.
        client: the address of the client in every scope.
        lifespan: `"auto"` runs it if the app has one, `"on"` insists on it, `"off"` leaves it out.
        grace: how long the app may take to end by itself after its client has gone, in seconds; then it is cancelled.
            Leaving the client waits no longer for what does not end: jobs in threads are named in the log.
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
        driver: `"auto"` runs the app on the calling thread where that is possible, `"thread"` on a thread of its own;
            both in calls of the client alone. `"free"` runs it on a thread as long as the client is entered, also while
            the test does something else.
        clock: `"virtual"` makes time free: the app's sleeps, timers and deadlines pass at once, in order, at their
            exact times, while the test waits in a call of the client; `client.clock` shows and advances it.
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
        UsageError (NotAnASGIApp, UnknownOption, MissingExtra): the call is wrong; the text says what to write instead.

    Limits: usable from several threads, one at a time; `driver="thread"` keeps the app on one of its own.

    Example:
        >>> async def app(scope, receive, send):
        ...     await send({"type": "http.response.start", "status": 200})
        ...     await send({"type": "http.response.body", "body": b"Hello, world!"})
        >>> TestClient(app).get("/").text
        'Hello, world!'
    """

    __test__ = False

    #: Whether tasks of the app end with the last call of a client that is not entered, as under Starlette's names.
    _ends_tasks = False

    #: While the client is entered: the way onto its loop, the future of its lifespan, and what runs when it is left.
    portal: Portal | None = None
    task: LockstepFuture[None] | None = None
    exit_stack: ExitStack

    def __init__(
        self,
        app: ASGIApp,
        base_url: httpx.URL | str = BASE_URL,
        raise_server_exceptions: bool = True,
        root_path: str = "",
        backend: Literal["asyncio", "trio"] = "asyncio",
        backend_options: dict[str, Any] | None = None,
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
        driver: Literal["auto", "thread", "free"] = "auto",
        clock: Literal["real", "virtual"] = "real",
        wall_clock: bool = False,
        quiet_threads: Iterable[str] = (),
        block_warning: float | None = BLOCK_WARNING,
        **more_options: Unpack[MoreOptions],
    ) -> None:
        __tracebackhide__ = True
        check(backend, driver)
        check_type("backend_options", backend_options, (dict, NoneType), "a dict, or None")
        self._configure(app, lifespan, leftover_tasks, clock, wall_clock, block_warning, quiet_threads)
        self._options = ExchangeOptions(
            raise_server_exceptions,
            root_path,
            client,
            grace=grace,
            on_disconnect=on_disconnect,
            background=background,
            extensions=offered(extensions),
            lifespan=LifespanRecord(lifespan != "off"),
            **server_options(more_options),
        )
        self.async_backend: dict[str, Any] = {"backend": backend, "backend_options": backend_options or {}}
        virtual = VirtualClock(quiet_threads) if clock == "virtual" else None
        self._options.recorder.follow(virtual)
        self._wall_clock = wall_clock_of(virtual, wall_clock)
        self._loops = self._make_loops(driver, virtual, block_warning, wall_clock)
        self._set_up(headers, cookies, own_httpx_options(self, base_url, follow_redirects, more_options))
        self._loops.before_the_end(partial(leave_tasks, mode=leftover_tasks, limit=self._limit))
        weakref.finalize(self, self._loops.abandon)

    def _make_loops(
        self, driver: str, virtual: VirtualClock | None, block_warning: float | None, wall_clock: bool
    ) -> ClientLoops:
        where, grace = self.async_backend, self._options.grace
        enter = why_to_enter(wall_clock, "with TestClient")
        kind, options = where["backend"], where["backend_options"]
        return ClientLoops(kind, options, driver, virtual, block_warning, grace, enter, self._ends_tasks)

    def _set_up(self, headers: HeaderTypes | None, cookies: CookieTypes | None, httpx_options: dict[str, Any]) -> None:
        self._httpx_options = httpx_options
        self._preparation = Preparation(_SEAMS)
        self._to_app = SyncTransport(self.app, self._options, self.app_state, self._loops)
        super().__init__(headers=client_headers(headers), cookies=cookies, transport=self._to_app, **httpx_options)
        checked_limit(self.timeout.read)  # a mistake shows here, and not in the first request

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.app!r}, {self._state_words(self._loops.entered is not None)}>"

    def run(self, func: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        """Run `await func(*args)` on the loop of the app, and return its result.

        Example:
            >>> async def app(scope, receive, send): ...
            >>> async def double(number):
            ...     return 2 * number
            >>> TestClient(app).run(double, 21)
            42
        """
        __tracebackhide__ = True
        check_function("run", func)
        self._acts("run", name_of(func))
        return Portal(self._loops, self._limit).call(func, *args)  # type: ignore[no-any-return]

    @property
    def clock(self) -> ClientClock:
        """The time of the app: `clock.now`, and where it is virtual `clock.advance(seconds)`."""
        return ClientClock(lambda: self._loops.clock, self.sleep)

    def sleep(self, seconds: float) -> None:
        """Let time pass in the app, real or virtual, and see the app come to rest.

        Example:
            >>> async def app(scope, receive, send): ...
            >>> client = TestClient(app, clock="virtual")
            >>> client.sleep(3600)
            >>> client.clock.now
            3600.0
        """
        __tracebackhide__ = True
        check_seconds("sleep", seconds, form=ARGUMENT, finite=True)
        self._acts("sleep", float(seconds))
        Portal(self._loops).call(anyio.sleep, seconds)

    def settle(self) -> None:
        """Let the app run until nothing of it is ready: tasks that it has started go on as far as they can.

        Raises:
            BackgroundFailed: work that nobody waited for has failed (`background="detach"`).

        Example:
            >>> async def app(scope, receive, send): ...
            >>> TestClient(app).settle()
        """
        __tracebackhide__ = True
        self._acts("settle")
        self._loops.current().settle()
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
    ) -> TestClient:
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

    def __enter__(self) -> Self:
        __tracebackhide__ = True
        with ExitStack() as stack:
            try:
                SIGNALS.hold()
                if self._derived_from is None:
                    self._enter(stack)
                stack.callback(self._to_app.close)
            finally:
                SIGNALS.release()  # what has come is raised here, where the stack can still be closed
            self.exit_stack = stack.pop_all()
        return self

    def _enter(self, stack: ExitStack) -> None:
        __tracebackhide__ = True
        self._acts("enter the client")
        driver = self._loops.enter()
        if self._wall_clock is not None:
            stack.callback(self._wall_clock.stop)  # what the loop still does at its end sees it, too
        stack.callback(self._loops.leave)
        if self._wall_clock is not None:
            self._wall_clock.start()
        stack.callback(lambda: leave_tasks(driver, self._leftover_tasks, self._limit))
        self._start_lifespan(driver, stack)
        self.portal = Portal(self._loops)
        stack.callback(setattr, self, "portal", None)

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        __tracebackhide__ = True
        if self._derived_from is None:
            self._acts("leave the client")
        note_waiting(exc, self._loops.entered)
        try:
            SIGNALS.hold()
            self.exit_stack.close()
        except Exception as failure:
            if exc is None:
                raise
            exc.add_note(f"After that, leaving the client failed: {failure!r}")
        finally:
            SIGNALS.release()

    def _start_lifespan(self, driver: SyncDriver, stack: ExitStack) -> None:
        __tracebackhide__ = True
        if self._lifespan_mode == "off":
            return
        call = self._lifespan_call()
        driver.begin(call, start_lifespan(call.exchange, GRACE))
        if check_startup(call.exchange, self._lifespan_mode, self._options, self._raises_refusals):
            self.task = LockstepFuture(driver)
            call.when_ended(partial(resolve_with_end, self.task, call.exchange))
            stack.callback(stop, driver, call, self._options)

    def close(self) -> None:
        """Abort open responses and end the lazy loop, if there is one; requests raise `RuntimeError` afterwards."""
        with SIGNALS.held():
            try:
                super().close()
            finally:
                if self._derived_from is None:
                    self._loops.close_lazy()


#: As they are now: whoever replaces one of them later has reached in.
_SEAMS = Seams(TestClient, httpx.Client, "handle_request")
