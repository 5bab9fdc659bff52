"""One call of the app: its `receive`, its `send`, and the record of what became of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextvars import ContextVar, copy_context
from itertools import count
from typing import Any, Generic, TypeVar

import anyio

from ..._protocol.exchange import WAIT, YIELD, Exchange
from ..._types import ASGI3App, Message, Scope
from ...diagnosis import Diagnosis
from ...errors import Deadlock
from ..clock.idle_time import Awaited
from ..happenings.exceptions import ExceptionSaid
from ..happenings.recorder import UNRECORDED, Note, Recorder, line_of
from ..inspection.known_code import Meaning, means
from ..inspection.senders import lines_of_send
from ..inspection.tracebacks import calls_the_user
from .tasks import NOT_SPAWNED, Signal, Spawned, Tasks

#: Exceptions that must end the test run, not just the app.
FATAL = (KeyboardInterrupt, SystemExit)

#: What an app receives again and again, once its client has gone or has everything.
_ENDS = frozenset(("http.disconnect", "websocket.disconnect"))

#: How often an app may receive() the end of its exchange before others run.
_YIELD_EVERY = 64

#: Calls are numbered as they begin, and tasks of them as they are made: the order in which a text lists them.
numbers = count()

#: Makes what is raised when the limit of a call has passed; see `Awaited.timed_out`.
TimedOutFactory = Callable[[Awaited, Diagnosis, bool], BaseException]

#: Asked for with every message.
_frame = sys._getframe

E = TypeVar("E", bound=Exchange)
F = TypeVar("F", bound=BaseException)


def _deadlock(_: object, diagnosis: Diagnosis, __: bool) -> BaseException:
    return Deadlock(diagnosis)


class AppCall(Generic[E]):
    """One call of `app`, from its request to its end, as a task in a copy of the caller's context.

    The exchange holds the rules of the protocol. The call knows everything else about it: its number, the line that
    has sent it, its limit, who waits, what cancels it, and who wants to know of its end. It waits where the exchange
    says that there is nothing to do yet.

    Args:
        app: the application.
        exchange: what is to be said.
        limit: how long the app may rest while the client waits, in seconds; None for as long as it takes.
        timed_out: makes what is raised after that; it is given the call, because an exception that somebody has made
            before would hold it, which is a cycle for each request.
        recorder: where what happens in it is kept for the timeline of its client; by default, where nobody looks.
        note: what is kept there of the exchange; None where no request has been sent for it.
    """

    #: Its place among the calls, and their tasks; -1 before it has begun.
    number = -1
    #: Whether the app has ended, and everyone has been told.
    over = False
    #: How many messages have passed, both ways.
    events = 0
    #: The types of the last message that the app has sent, and of the last that it has received.
    last_sent: str | None = None
    last_received: str | None = None

    # Who waits for the app, in its receive(), and in its send(): a signal is made when somebody does.
    client: Signal | None = None
    receivers: Signal | None = None
    senders: Signal | None = None

    _tasks: Tasks
    _task: Spawned = NOT_SPAWNED
    _receives_after_end = 0

    def __init__(
        self,
        app: ASGI3App,
        exchange: E,
        *,
        limit: float | None = None,
        timed_out: TimedOutFactory = _deadlock,
        recorder: Recorder = UNRECORDED,
        note: Note | None = None,
    ) -> None:
        self.exchange = exchange
        #: Where what happens is kept for the timeline of its client, and what is kept of the exchange.
        self.recorder = recorder
        self.note = recorder.exchange(exchange.scope) if note is None else note
        self.limit = limit
        self._app = app
        self.timed_out_as = timed_out
        self._when_ended: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.number} of {self.exchange!r}, sent at {self.sent_at}>"

    @property
    def scope(self) -> Scope:
        """What the app was called with."""
        return self.exchange.scope

    def coroutines(self) -> Iterable[Any]:
        """Those of the tasks that have come of it; asked for by the app itself."""
        return self._tasks.coroutines_of(self)

    @property
    def sent_at(self) -> str:
        """Where the request was sent, as `file:line`."""
        return str(line_of(self.note) or "an unknown line")

    def acts(self, action: str, value: object = None) -> None:
        """Keep for the timeline that the test does something with this exchange; see `Recorder.acts`."""
        self.recorder.acts(action, value, self.note, 3)

    # For those who make it and wait for it.

    def runs_on(self, tasks: Tasks) -> bool:
        """Whether it has begun on the loop of `tasks`."""
        return self.number >= 0 and self._tasks is tasks

    def begin(self, tasks: Tasks) -> None:
        """Call the app: its task begins when the loop of `tasks` moves next."""
        self._tasks = tasks
        self.number = next(numbers)
        self.exchange.observe(self)
        context = copy_context()
        context.run(calling.set, self)
        task = tasks.spawn(self._main, context, self._never_begun)
        if not self.over:  # as it is where a task factory of the user's begins tasks at once
            self._task = task

    def when_ended(self, callback: Callable[[], None]) -> None:
        """Have `callback()` called when the app has ended; not at all if it has ended already."""
        if not self.over:
            self._when_ended.append(callback)

    def changes(self) -> Signal:
        """What fires after each change that may let the client go on; for a client on the loop of the app."""
        if self.client is None:
            self.client = self._tasks.signal()
        return self.client

    @property
    def answered_by(self) -> AppCall[E]:
        """Itself: its `receive` and `send` are methods of it, and so are what the app refers to."""
        return self

    def timed_out(self, diagnosis: Diagnosis, endless: bool) -> BaseException:
        """What is raised when its limit has passed, as `Awaited` says."""
        return self.timed_out_as(self, diagnosis, endless)

    @property
    def waits_for_client(self) -> bool:
        """Whether the app waits in `receive()` or `send()` for what any part of the test can do.

        In a plain request it is the call of the client alone that sends and takes, and that waits already.
        """
        waits = any(who is not None and who.waiting for who in (self.receivers, self.senders))
        return waits and self.exchange.is_conversation

    # For the exchange.

    def cancel_app(self) -> None:
        """Cancel the app's task, if it runs."""
        self._task.cancel()

    def sent_from(self) -> tuple[object, ...]:
        """Where the `send()` stands that is running now."""
        return lines_of_send(self.exchange.scope)

    @property
    def app_waits(self) -> str:
        """Where in ASGI the app stands: what it waits for, and what it has received and sent last."""
        waiting = (("receive()", self.receivers), ("send()", self.senders))
        where = [name for name, who in waiting if who is not None and who.waiting]
        waits = f" in {' and '.join(where)}" if where else ""
        return f"{waits}, has received {self.last_received or 'nothing'} and sent {self.last_sent or 'nothing'} last"

    # The task of the app.

    @calls_the_user
    async def _main(self) -> None:
        exchange = self.exchange
        try:
            value: object = await self._app(exchange.scope, self._receive, self._send)  # type: ignore[func-returns-value]
        except GeneratorExit:  # its loop was thrown away, and there is no other library to be asked
            exchange.app_cancelled()
            raise
        except BaseException as exc:
            failure = _without_cancellations(exc)
            if failure is None:
                exchange.app_cancelled()  # by us, or by itself, or with its whole loop
                raise
            exchange.app_raised(failure)
            self.recorder.add("raises", ExceptionSaid.of(failure), self.note)
            if isinstance(failure, FATAL):
                raise
        else:
            exchange.app_returned(value)
        finally:
            self._app_ended()

    def _never_begun(self) -> None:
        self.exchange.app_cancelled()
        self._app_ended()

    def _app_ended(self) -> None:
        self.over = True
        self.recorder.ends(self.note, self.exchange)
        self._task.ends()
        self._task = NOT_SPAWNED  # it holds the task, whose context holds this call
        callbacks, self._when_ended = self._when_ended, []
        for callback in callbacks:
            callback()

    @means(Meaning.RECEIVES)
    async def _receive(self) -> Message:
        exchange = self.exchange
        while (message := exchange.to_app()) is None:
            if self.receivers is None:
                self.receivers = self._tasks.signal()
            self.recorder.waits(self.note, "receive", _frame(1))
            # Until the client has done something, of which the exchange tells its observer: this call.
            await self.receivers.wait()
        # Every message that an app receives passes here, and those that it sends in `_send`.
        self.last_received = message_type = message["type"]
        self.recorder.passes(self.note, "receives", message, _frame(1), self)
        if message_type not in _ENDS:
            self.events += 1
        else:
            # Frameworks look for a disconnect inside of a cancelled scope, where a checkpoint would lose the message;
            # but an app that does nothing except receive() has to let others run, or it could never be cancelled.
            self._receives_after_end += 1
            if self._receives_after_end % _YIELD_EVERY == 0:
                await self._tasks.checkpoint()
        return message

    async def _send(self, message: Message) -> None:
        exchange = self.exchange
        try:
            hold = exchange.from_app(message)
        except Exception as refusal:
            self.recorder.refuses(self.note, message, refusal, _frame(1))
            raise
        if not exchange.disconnected:
            self.last_sent = message["type"]
            self.events += 1
            self.recorder.passes(self.note, "sends", message, _frame(1), self)
        if hold is WAIT:
            while exchange.app_must_wait:
                if self.senders is None:
                    self.senders = self._tasks.signal()
                self.recorder.waits(self.note, "send", _frame(1))
                await self.senders.wait()  # until the client has taken what was sent, or has gone
        elif hold is YIELD:
            await self._tasks.checkpoint()


def coming_up(failure: F, awaited: object) -> F:
    """Have the timeline know when an exception about a call of the app has come up: before the call is ended for it."""
    if isinstance(awaited, AppCall):
        awaited.recorder.will_fail(failure)
    return failure


def _without_cancellations(exception: BaseException) -> BaseException | None:
    """What is left of an exception without those that only say that the app was cancelled; None if nothing is.

    A nursery of trio raises a group of them, which may hold what a clean-up has raised, too.
    """
    if isinstance(exception, GeneratorExit):
        return None  # thrown away with its loop, of which it cannot be asked any more what a cancellation is
    cancelled = anyio.get_cancelled_exc_class()
    if isinstance(exception, BaseExceptionGroup):
        cancellations, rest = exception.split(cancelled)
        return exception if cancellations is None else rest  # the rest is a new group, with fewer fields
    return None if isinstance(exception, cancelled) else exception


class Limited:
    """A call of the app, awaited with another limit than its own.

    Args:
        call: the call.
        limit: how long the app may rest meanwhile, in seconds; None for as long as it takes.
    """

    __slots__ = ("answered_by", "exchange", "limit")

    def __init__(self, call: AppCall[Any], limit: float | None) -> None:
        self.answered_by = call
        self.exchange = call.exchange
        self.limit = limit

    @property
    def events(self) -> int:
        """How many messages of the call have passed, both ways."""
        return self.answered_by.events

    def changes(self) -> Signal:
        """What fires after each change of the call that may let the client go on."""
        return self.answered_by.changes()

    def timed_out(self, diagnosis: Diagnosis, endless: bool) -> BaseException:
        """What is raised when this limit has passed, as `Awaited` says."""
        return self.answered_by.timed_out_as(self, diagnosis, endless)


#: The call of the app whose code, or a task of whose, is running.
calling: ContextVar[AppCall[Any] | None] = ContextVar("asgi_lockstep_calling", default=None)
