"""What the two clients share beyond httpx: the app, the options, and how a second user is made."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .._drivers.calls.app_call import AppCall
from .._drivers.calls.log_records import listen_to_logs
from .._httpx import no_attribute
from .._protocol.lifespan_exchange import LifespanExchange
from .._protocol.scope import lifespan_scope
from .._protocol.variation import Variation
from .._protocol.varied_exchanges import VariedLifespanExchange
from .._types import ASGI3App, ASGIApp
from ..errors import ProtocolViolation, UsageError
from .app_kinds import as_asgi3
from .endings.background import BackgroundWork
from .entrances import Explains
from .network_errors import app_timeout
from .options import CLOCKS, LEFTOVER_TASKS, LIFESPAN_MODES, ExchangeOptions, LifespanMode
from .values import check_flag, check_names, check_one_of, check_seconds, check_type, checked_limit

if TYPE_CHECKING:
    from .._timeline.timeline import Timeline

#: What a client has only while it is entered.
_OF_ENTERING = ("portal", "task", "exit_stack")


class ClientBase(Explains):
    """The attributes of both clients that are ours."""

    #: The ASGI 3 app, and what its lifespan has put into `scope["state"]`; both are kept after the client is left.
    app: ASGI3App
    app_state: dict[str, Any]
    _options: ExchangeOptions
    _lifespan_mode: LifespanMode
    _leftover_tasks: str
    _httpx_options: dict[str, Any]
    _to_app: Any
    #: Whether an exception on the lifespan scope is raised, whatever it means; Starlette's client does.
    _raises_refusals = False
    #: The client that runs the app, where this one is another user of it.
    _derived_from: Any = None

    if not TYPE_CHECKING:  # to whom a class with this method has every attribute

        def __getattr__(self, name: str) -> Any:
            raise no_attribute(self, name)

    @property
    def raise_server_exceptions(self) -> bool:
        """Whether exceptions of the app are raised in the test; can be set."""
        return self._options.raise_server_exceptions

    @raise_server_exceptions.setter
    def raise_server_exceptions(self, value: bool) -> None:
        __tracebackhide__ = True
        check_flag("raise_server_exceptions", value)
        self._options.raise_server_exceptions = value

    @property
    def violations(self) -> list[ProtocolViolation]:
        """What the app did that breaks a rule of ASGI and is not off, the oldest first.

        The newest 1,000 are kept. What was an error is among them, too, since the app may have handled it.
        """
        return [*self._options.violations]

    @property
    def timeline(self) -> Timeline:
        """What has happened: what the test did, each ASGI message, what the app has logged and raised; oldest first.

        It is a snapshot, and shared with the clients that were derived from this one. The newest 200 events are kept,
        or as many as `timeline=` says.

        Example:
            >>> from asgi_lockstep import TestClient
            >>> async def app(scope, receive, send):
            ...     await send({"type": "http.response.start", "status": 404})
            ...     await send({"type": "http.response.body", "body": b"no"})
            >>> client = TestClient(app)
            >>> response = client.get("/notes")
            >>> [event.text for event in client.timeline.of("/notes").of_kind("sends")]
            ['app sends http.response.start 404', "app sends http.response.body 'no'"]
        """
        from .._timeline.reading import read  # most tests never look

        return read(self._options.recorder)

    def _acts(self, action: str, value: object = None) -> None:
        """Keep for the timeline that the test does something with the app, besides requests."""
        self._options.recorder.acts(action, value)

    def step(self, title: str) -> AbstractContextManager[None]:
        """Group what happens inside of the block under `title` in the timeline; blocks may stand in each other.

        Example:
            >>> from asgi_lockstep import TestClient
            >>> async def app(scope, receive, send):
            ...     await send({"type": "http.response.start", "status": 204})
            ...     await send({"type": "http.response.body"})
            >>> client = TestClient(app)
            >>> with client.step("log in"):
            ...     response = client.post("/login")
            >>> client.timeline[0].step
            'log in'
        """
        check_type("step", title, str, 'a str, for example "log in"')
        return self._options.recorder.grouped(title)

    @property
    def background(self) -> list[BackgroundWork]:
        """What the app still does behind complete responses, the oldest first (`background="detach"`)."""
        work: list[BackgroundWork] = self._to_app.background.work
        return work

    @property
    def vary(self) -> Variation | None:
        """How what the app gets is varied, with the seed that repeats it; None if it is not."""
        variations = self._options.variations
        return None if variations is None else variations.variation

    def _explain(self, exception: BaseException) -> None:
        options = vars(self).get("_options")  # there are none yet where a constructor has failed
        if options is None:
            return
        options.recorder.fails(exception)
        if options.variations is not None:
            options.variations.explain(exception)

    def _state_words(self, entered: bool) -> str:
        """What `repr` says besides the app."""
        state = "closed" if self.is_closed else "entered" if entered else "not entered"  # type: ignore[attr-defined]
        return state if self.vary is None else f"{state}, vary={self.vary.written}"

    def _configure(
        self,
        app: ASGIApp,
        lifespan: LifespanMode,
        leftover_tasks: str,
        clock: str,
        wall_clock: bool,
        block_warning: float | None,
        quiet_threads: Iterable[str],
    ) -> None:
        """Take over what every client of one running app shares."""
        __tracebackhide__ = True
        check_flag("wall_clock", wall_clock)
        check_seconds("block_warning", block_warning, none="for never", positive=True)
        check_one_of("lifespan", lifespan, LIFESPAN_MODES)
        check_one_of("leftover_tasks", leftover_tasks, LEFTOVER_TASKS)
        check_one_of("clock", clock, CLOCKS)
        check_names("quiet_threads", quiet_threads)
        if quiet_threads and clock != "virtual":
            raise UsageError('quiet_threads= is about what holds up a virtual clock: it needs clock="virtual", too.')
        listen_to_logs()
        self.app = as_asgi3(app)
        self.app_state = {}
        self._lifespan_mode = lifespan
        self._leftover_tasks = leftover_tasks

    @property
    def _limit(self) -> float | None:
        """How long the app may rest in calls that are no requests: the `read` of the client's timeout."""
        __tracebackhide__ = True
        return checked_limit(self.timeout.read)  # type: ignore[attr-defined]  # of httpx's client, beside which this is

    def _lifespan_call(self) -> AppCall[LifespanExchange]:
        """The call of the app for its lifespan."""
        scope, options = lifespan_scope(self.app_state), self._options
        conduct = options.rule_book, options.habits
        if options.variations is None:
            exchange = LifespanExchange(scope, *conduct)
        else:
            exchange = VariedLifespanExchange(options.variations.begin_lifespan(), scope, *conduct)
        return AppCall(self.app, exchange, limit=self._limit, timed_out=app_timeout, recorder=options.recorder)

    def _take_over(self, origin: Any, client: Any, raising: bool | None, root_path: str | None) -> None:
        """Become another user of the app that `origin` runs, with whatever a subclass has set on it.

        All that httpx and our own classes keep is made anew after this, except for what lasts while one is entered.
        """
        vars(self).update({name: value for name, value in vars(origin).items() if name not in _OF_ENTERING})
        self._derived_from = origin._derived_from or origin
        self.app = origin.app
        self.app_state = origin.app_state
        self._lifespan_mode = origin._lifespan_mode
        self._leftover_tasks = origin._leftover_tasks
        self._options = replace(
            origin._options,
            client=client,
            raise_server_exceptions=origin.raise_server_exceptions if raising is None else raising,
            root_path=origin._options.root_path if root_path is None else root_path,
        )
