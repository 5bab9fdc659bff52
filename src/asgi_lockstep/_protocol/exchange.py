"""One conversation between the app and whoever called it, without any I/O.

An exchange is passed messages by the app (`from_app`), hands it messages (`to_app`) and is told how the app ended.
It never waits. Where somebody has to, the floor above waits, and asks again when its observer is told that they may
go on. What belongs to one call of the app and is no protocol (who waits, how long, since where) is the observer's.
"""

from __future__ import annotations

from enum import Enum
from functools import partial
from typing import Any, Literal, Protocol

from .._types import Message, Scope
from ..errors import ProtocolViolation
from .checks import Checked, check
from .consequences import fails_quietly
from .ending_rules import RETURN_VALUE, broken_by_returning
from .findings import violation_of
from .framing import NOT_BEGUN, Framing
from .rule_book import BY_ITSELF, RuleBook
from .rules import SPECIFICATIONS, Broken, Content, Finding, Rule
from .scope import request_of
from .servers import UVICORN, Server
from .tables import State, Table

AppEnd = Literal["running", "returned", "raised", "cancelled"]


class Hold(Enum):
    """What the app's `send()` has to do when its message has been accepted."""

    NOTHING = "go on"
    YIELD = "let others run, and go on"
    WAIT = "wait until the other side has taken what was sent: as long as `app_must_wait`"


#: Asked for with every message: to look a member up in its Enum takes 60 ns on Python 3.11.
NOTHING, YIELD, WAIT = Hold.NOTHING, Hold.YIELD, Hold.WAIT


class Waiting(Protocol):
    """Those who wait for one thing, on one of the floors above."""

    @property
    def waiting(self) -> int:
        """How many wait."""
        ...

    def fire(self) -> None:
        """Wake them, for what they wait for may be there; they look, and wait again if it is not."""


class Observer(Protocol):
    """Whom an exchange tells of its changes: the record of the call that it belongs to."""

    # Those who wait for the app, in the app's `receive()`, and in its `send()`; None as long as nobody has. They are
    # fired after all that may let them go on.

    @property
    def client(self) -> Waiting | None: ...

    @property
    def receivers(self) -> Waiting | None: ...

    @property
    def senders(self) -> Waiting | None: ...

    @property
    def app_waits(self) -> str:
        """Where in ASGI the app stands, for the `repr` of the exchange."""
        ...

    def cancel_app(self) -> None:
        """Cancel the app's task; nothing, if it has ended."""

    def sent_from(self) -> tuple[object, ...]:
        """Where the `send()` stands that is running now, lines when they are shown: who has sent, who has passed on."""
        ...


class _Unobserved:
    """The observer of an exchange whose call has not begun, or is over."""

    client: Waiting | None = None
    receivers: Waiting | None = None
    senders: Waiting | None = None
    app_waits = ""

    def cancel_app(self) -> None:
        """Do nothing: there is no task that could be cancelled."""

    def sent_from(self) -> tuple[object, ...]:
        """Nothing: nobody knows."""
        return ()


UNOBSERVED = _Unobserved()


class Exchange:
    """What all three protocols share: the table, the app's end, and who is told about changes.

    Args:
        scope: the scope the app was, or will be, called with.
        table: the order rules of the protocol.
        state: where the table starts.
        rule_book: what becomes of a message that breaks a rule.
        server: whose habits count where servers differ.
    """

    #: Where the part of the specification stands from which the table was read.
    section = f"{SPECIFICATIONS}/main.html"

    # What most exchanges leave as it is stands here once. An instance with more than 30 attributes of its own would be
    # slow: Python shares the keys of no more than that.

    #: Whether the client takes the whole answer at once, and sends by hand.
    collect, by_hand = True, False
    #: Whether the response declared trailers, which only HTTP can; whether the app has accepted the websocket.
    declared_trailers = was_accepted = False
    app_end: AppEnd = "running"
    #: True once the client has closed or gone away, as far as the app can tell.
    disconnected = False
    #: The state in which the app has said all that it has to say.
    whole: State
    #: What the app raised, whatever became of it.
    exception: BaseException | None = None
    #: Whether the client had gone before the app ended, whether we have ended it, and whether it had time before that.
    outlived_client = was_ended = had_grace = False
    #: Told of every change; see `observe()`.
    observer: Observer = UNOBSERVED
    #: How long the body of the response is to be.
    framing: Framing = NOT_BEGUN
    #: What the client sees no answer for, although nobody has told the app: servers send it, and the connection breaks.
    refusal: ProtocolViolation | None = None
    #: How many bytes of that the app has sent, where it was checked.
    body_sent = 0

    def __init__(
        self, scope: Scope, table: Table, state: State, rule_book: RuleBook = BY_ITSELF, server: Server = UVICORN
    ) -> None:
        self.scope = scope
        self.rule_book = rule_book
        self.server = server
        self.state = state
        self._table = table

    @property
    def is_conversation(self) -> bool:
        """Whether the client can send and take as it likes, and not only in the one call in which it waits.

        So it does, unless the whole answer is the result of the call.
        """
        return not self.collect or self.by_hand

    @property
    def request(self) -> str:
        """The exchange in a word or two, for error texts."""
        return request_of(self.scope)

    @property
    def is_whole(self) -> bool:
        """Whether the app has ended, and the client has all that it wanted of it in one call."""
        return False

    @property
    def ended(self) -> bool:
        """Whether the app has ended, in whatever way."""
        return self.app_end != "running"

    def observe(self, observer: Observer) -> None:
        """From now on, tell `observer` of the changes; with `UNOBSERVED`, they are told to nobody."""
        self.observer = observer

    def end_app(self, had_grace: bool) -> None:
        """Have the app cancelled, once: a second time would cancel its clean-up.

        Args:
            had_grace: whether it had time to end by itself before.
        """
        if not self.was_ended:
            self.was_ended, self.had_grace = True, had_grace
            self.observer.cancel_app()

    @property
    def app_words(self) -> str:
        """How the app ended, for `repr`: by itself, or cancelled with or without a grace after its client had gone."""
        if not self.ended:
            return f"app running{self.observer.app_waits}"
        if self.app_end == "cancelled" and self.was_ended:
            gone = ", its client had gone" if self.outlived_client else ""
            return f"app cancelled {'after its grace' if self.had_grace else 'at once'}{gone}"
        if not self.outlived_client:
            return f"app {self.app_end}"
        return f"app {self.app_end} by itself after its client had gone"

    def app_returned(self, value: object = None) -> None:
        """The app's coroutine returned `value`, which servers expect to be None."""
        if value is not None:
            self._found_at_the_end(RETURN_VALUE, value=value)
        if self.state is not self.whole and not self.disconnected:
            rule = broken_by_returning(self)
            if rule is not None:
                self._found_at_the_end(rule)
        self._end("returned")

    def app_raised(self, exception: BaseException) -> None:
        """The app's coroutine raised `exception`."""
        self.exception = exception
        self._end("raised")

    def app_cancelled(self) -> None:
        """The app was cancelled: by us, by itself, or with its whole loop."""
        self._end("cancelled")

    def _end(self, how: AppEnd) -> None:
        if self.state is not self.whole:
            self._ends_early(how)
        self.app_end = how
        self.outlived_client = self.disconnected
        if self.observer.client is not None:
            self.observer.client.fire()
        self.observer = UNOBSERVED  # nothing changes any more; and each would hold the other

    def _ends_early(self, how: AppEnd) -> None:
        """The app ends before it has said all that it had to say."""

    def to_app(self) -> Message | None:
        """The next message for the app's `receive()`, or None while there is none."""
        raise NotImplementedError

    def from_app(self, message: Message) -> Hold:
        """Take a message from the app's `send()`: check it, take what it carries, and move to its next state.

        A message that is refused has not been sent: nothing changes before all of it was checked.

        Returns:
            What `send()` has to do then.

        Raises:
            ProtocolViolation: the message breaks a rule of which that is the verdict, or nothing can be made of it. The
                app's `send()` is to raise it.
            OSError: the client has gone, or a file cannot be opened. The same.
        """
        if self.disconnected and self._ignores_after_disconnect():
            # Nothing waits for a client that has gone: without this, an app that only sends would never stop for us.
            return YIELD
        checked = check(message, self)
        if isinstance(checked, Broken):
            as_servers_have_it = self._judged(checked)
            if as_servers_have_it is None:
                return NOTHING
            checked = as_servers_have_it
        message_type, content, after = checked
        hold = self._take(message_type, content, after, message)
        if after is self.state:
            if self.observer.client is not None:
                self.observer.client.fire()
        else:
            self.state = after
            self._all_may_go_on()
        return hold

    @property
    def app_must_wait(self) -> bool:
        """Whether an app that was told to wait has to go on waiting."""
        return False

    def _ignores_after_disconnect(self) -> bool:
        """Whether a message to a client that has gone is accepted unread; raises what `send()` is to raise then."""
        return False

    def _all_may_go_on(self) -> None:
        observer = self.observer
        if observer.client is not None:
            observer.client.fire()
        if observer.receivers is not None:
            observer.receivers.fire()
        if observer.senders is not None:
            observer.senders.fire()

    def _take(self, message_type: str, content: Content, after: State, message: Message) -> Hold:
        """Take what a message of the app carries; nothing is wrong with it. Returns what `send()` has to do then.

        Args:
            message_type: its type.
            content: what it carries, as its shape says: each key, and of the kind that we work with.
            after: the state that it leads to.
            message: the message itself.
        """
        raise NotImplementedError

    def _judged(self, broken: Broken) -> Checked | None:
        """What servers make of a message that breaks rules, if no verdict is against it; raises otherwise."""
        book = self.rule_book
        for finding in broken.findings:
            verdict = book.verdicts[finding.rule.id]
            if verdict == "off" and broken.readable:
                continue
            made = partial(violation_of, finding, self, self._table, sent_from=self.observer.sent_from())
            # Also an error: the app may handle it, and nobody else would know. What is raised is another one, because
            # its traceback holds whatever the app was about.
            book.recorded.append(made())
            if not broken.readable or (verdict == "error" and not self._is_quiet(finding, broken)):
                raise made()
            if verdict == "error":
                self.refusal = self.refusal or made()
        return broken.checked

    def _is_quiet(self, finding: Finding, broken: Broken) -> bool:
        """Whether a server would not tell the app, and not deliver the answer either."""
        return broken.checked is not None and fails_quietly(finding.rule.id)

    def _found_at_the_end(self, rule: Rule, **fields: Any) -> None:
        """Note, or keep for the client, which rule the app has broken by how it has ended."""
        verdict = self.rule_book.verdicts[rule.id]
        if verdict == "off":
            return
        finding = Finding(rule, self.request, fields)
        self.rule_book.recorded.append(violation_of(finding, self, self._table))
        if verdict == "error":
            self.refusal = self.refusal or violation_of(finding, self, self._table)


class ClientDisconnected(OSError):
    """What the app's `send()` raises once the client has gone, where the announced spec version says so.

    Args:
        exchange: the exchange whose client that is.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        super().__init__(f"the client of {exchange.request} has disconnected")
