"""Startup and shutdown of one app (lifespan.rst)."""

from __future__ import annotations

from .._types import Message, Scope
from .exchange import NOTHING, Exchange, Hold
from .rule_book import BY_ITSELF, RuleBook
from .rules import SPECIFICATIONS, Content
from .servers import UVICORN, Server
from .tables import LIFESPAN, LifespanState, State


class LifespanExchange(Exchange):
    """The one lifespan conversation of an entered client.

    Args:
        scope: the lifespan scope; its `state` is shared with every request.
        rule_book, server: as in `Exchange`.
    """

    section = f"{SPECIFICATIONS}/lifespan.html"
    state: LifespanState
    whole = LifespanState.STOPPED

    def __init__(self, scope: Scope, rule_book: RuleBook = BY_ITSELF, server: Server = UVICORN) -> None:
        super().__init__(scope, LIFESPAN, LifespanState.STARTING, rule_book, server)
        #: What the app said in `lifespan.startup.failed` or `lifespan.shutdown.failed`.
        self.failure: str | None = None
        #: Whether the app has received or sent anything: before that, an exception means "not supported".
        self.touched = False
        self._events = [{"type": "lifespan.startup"}]

    def __repr__(self) -> str:
        return f"<lifespan: {self.state.value}; {self.app_words}>"

    @property
    def startup_answered(self) -> bool:
        """Whether the app said that its startup is complete, or has failed."""
        return self.state is not LifespanState.STARTING

    @property
    def startup_failed(self) -> bool:
        """Whether the app said that its startup has failed."""
        return self.state is LifespanState.FAILED

    @property
    def shutdown_answered(self) -> bool:
        """Whether the app said that its shutdown is complete, or has failed."""
        return self.state is LifespanState.STOPPED

    def stop(self) -> None:
        """Tell the app to shut down: it finds `lifespan.shutdown`."""
        self.state = LifespanState.STOPPING
        self._events.append({"type": "lifespan.shutdown"})
        if self.observer.receivers is not None:
            self.observer.receivers.fire()

    def to_app(self) -> Message | None:
        if not self._events:
            return None
        self.touched = True
        return self._events.pop(0)

    def _take(self, message_type: str, content: Content, after: State, message: Message) -> Hold:
        self.touched = True
        if message_type.endswith(".failed"):
            self.failure = content["message"]
        return NOTHING
