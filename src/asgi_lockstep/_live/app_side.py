"""One call of the app by a server, as the timeline has it: what passes, what is raised, how it ends."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from .._drivers.calls.log_records import logs_of
from .._drivers.happenings.exceptions import ExceptionSaid
from .._drivers.happenings.recent import RECENT
from .._drivers.happenings.recorder import PAYLOAD, Begun, Note, Recorder, own_template
from .._drivers.inspection.tracebacks import calls_the_user
from .._protocol.exchange import AppEnd
from .._protocol.layer import Layer
from .._protocol.rule_book import RuleBook, verdicts_of
from .._protocol.scope import request_of
from .._protocol.tables import PROTOCOLS, State
from .._types import ASGI3App, Message, Receive, Scope, Send

#: What a message breaks is between the app and its server here.
_NO_RULES: Final = RuleBook(verdicts_of("off"))

#: What has to have a length, where a message has it.
_CONTENTS: Final = ("body", "text", "bytes")


class AppSide:
    """One call of the app, with a note of what happens in it.

    Args:
        recorder: where that is kept.
        sent: what is kept of the request, where a client of ours has sent it; None where another one has.
        scope, receive, send: what the app is to be called with.
    """

    def __init__(self, recorder: Recorder, sent: Note | None, scope: Scope, receive: Receive, send: Send) -> None:
        self.recorder = recorder
        self.scope = scope
        self._receive = receive
        self._send = send
        self._layer = Layer(scope, _NO_RULES, str, tuple)
        self._raised_by_send: OSError | None = None
        self.app_end: AppEnd = "running"
        #: What the app has raised, and not because its client has gone.
        self.failure: BaseException | None = None
        self.note = recorder.exchange(scope) if sent is None else _as_called(sent, scope)
        if sent is None and RECENT.newest is not recorder:
            RECENT.put(recorder)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {request_of(self.scope)}: {self.state.value}, {self.app_words}>"

    @property
    def state(self) -> State:
        """How far the app has come with what it has to say."""
        return self._layer.standing.state

    @property
    def disconnected(self) -> bool:
        """Whether the client has gone before the app had said all; servers say so after that, too."""
        return self._layer.standing.disconnected and bool(PROTOCOLS[self.scope["type"]][0][self.state])

    @property
    def app_words(self) -> str:
        """How the app has ended."""
        by_itself = self.app_end != "cancelled" and self.disconnected
        return f"app {self.app_end}{' by itself after its client had gone' if by_itself else ''}"

    @calls_the_user
    async def run(self, app: ASGI3App) -> None:
        """Call the app; what it raises is kept, and raised."""
        try:
            with logs_of(self):
                await app(self.scope, self.receive, self.send)
            self.app_end = "returned"
        except asyncio.CancelledError:
            self.app_end = "cancelled"
            raise
        except BaseException as exc:
            self.app_end = "raised"
            if not self._has_ended_with(exc):
                self.failure = exc
                self.recorder.add("raises", ExceptionSaid.of(exc), self.note)
            raise
        finally:
            self.recorder.ends(self.note, self)

    def coroutines(self) -> Iterable[Any]:
        """None: a server does not tell which tasks have come of a call."""
        return ()

    async def receive(self) -> Message:
        """See ASGI."""
        message = await self._receive()
        self._layer.receives(message)
        self.recorder.passes(self.note, "receives", message, sys._getframe(1), self)
        return message

    async def send(self, message: Message) -> None:
        """See ASGI. A message is kept before the server has it, or the test might be first to say that it came."""
        before = self._layer.standing
        message = self._layer.sends(message)
        after = self._layer.standing
        if _can_be_kept(message):
            self.recorder.passes(self.note, "sends", message, sys._getframe(1), self)
        try:
            with logs_of(None):  # what the server logs is not the app's
                await self._send(message)
        except OSError as exc:  # www.rst, Disconnected Client
            self._raised_by_send = exc
            self._layer.lost()
            raise
        except Exception as refusal:
            self._layer.takes_back(before, after)
            self.recorder.refuses(self.note, message, refusal, sys._getframe(1))
            raise

    def _has_ended_with(self, exception: BaseException) -> bool:
        """Whether an app has ended with what `send()` raised, or because of it: no failure, as its client has gone."""
        raised = self._raised_by_send
        return raised is not None and any(one is raised for one in _chain(exception))


def _as_called(sent: Note, scope: Scope) -> Note:
    """The note of an exchange that the test has begun, now that it is known what the app is called with."""
    begun = Begun(*sent[PAYLOAD])
    called = begun.exchange, own_template(scope), ()
    return *sent[:PAYLOAD], called, *sent[PAYLOAD + 1 :]


def _can_be_kept(message: Any) -> bool:
    """Whether it looks like a message; what does not is kept in words, where the server refuses it."""
    if not isinstance(message, Mapping):
        return False
    contents = [message.get(key) for key in _CONTENTS]
    return all(content is None or hasattr(content, "__len__") for content in contents)


def _chain(exception: BaseException) -> Iterator[BaseException]:
    """An exception, what it came of, and so on."""
    cause: BaseException | None = exception
    seen: list[BaseException] = []
    while cause is not None and not any(cause is one for one in seen):
        seen.append(cause)
        yield cause
        cause = cause.__cause__ or cause.__context__
