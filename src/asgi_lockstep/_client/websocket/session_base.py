"""What both websocket sessions share: what the state of the exchange means for the test."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, TypeVar, TypeVarTuple

import anyio

from ..._drivers.calls.app_call import AppCall
from ..._httpx import httpx
from ..._protocol.steps import Steps, next_message
from ..._protocol.tables import WebSocketState
from ..._protocol.varied_exchanges import explained
from ..._protocol.websocket_exchange import ABNORMAL_CLOSURE, WebSocketExchange
from ..._types import ASGI3App, Message, Scope
from ...errors import ProtocolViolation, SessionNotOpen, UnexpectedMessage, UsageError, WrongFrame
from ..entrances import Explains
from ..failures import app_failure, raises
from ..handed_over import Asked, HandedOver
from ..options import ExchangeOptions
from ..websocket_errors import denied, disconnected, failed, is_expected_failure, log_end, refused
from .handshake import extract_cookies

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


#: How many functions of ours there are from a method that a test calls to where its line is looked for.
FUNCTIONS_OF_OURS = 4


class SessionBase(Explains):
    """State and decisions of a websocket session; the sync and async classes add the waiting."""

    #: What the error about a session outside of its block suggests.
    _enter = "with"

    #: The call of the app, before it begins.
    _handshake: AppCall[WebSocketExchange]
    _exchange: WebSocketExchange
    _options: ExchangeOptions
    _asked: Asked

    def __init__(self, app: ASGI3App, cookies: httpx.Cookies) -> None:
        self.app = app
        self._cookies = cookies
        self.accepted_subprotocol: str | None = None
        #: The raw header pairs of the accept, or None if it had none.
        self.extra_headers: list[tuple[bytes, bytes]] | None = None
        self._call: AppCall[WebSocketExchange] | None = None
        self._ended = False
        self._raised: BaseException | None = None

    def __repr__(self) -> str:
        if self._call is None:
            return f"<{type(self).__name__}, not opened yet>"
        return f"<{type(self).__name__}, {'ended' if self._ended else 'open'}: {self._exchange!r}>"

    def _explain(self, exception: BaseException) -> None:
        if self._call is not None:
            self._call.recorder.fails(exception)
            explained(exception, self._exchange)

    def _upgrade(self, upgrade: HandedOver) -> None:
        """The handshake has passed httpx's pipeline."""
        self._handshake = upgrade.call
        self._exchange = upgrade.call.exchange
        self._options = upgrade.options
        self._asked = upgrade.asked

    @property
    def scope(self) -> Scope:
        """The scope that the app was called with."""
        return self._exchange.scope

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the app has accepted, or None."""
        return self.accepted_subprotocol

    @property
    def headers(self) -> httpx.Headers:
        """The headers of the accept; empty if it had none."""
        return httpx.Headers(self.extra_headers)

    @property
    def close_code(self) -> int | None:
        """The close code of whoever closed first, or None while the websocket is open."""
        if self._exchange.close_code is None and self._exchange.ended:
            return ABNORMAL_CLOSURE
        return self._exchange.close_code

    @property
    def close_reason(self) -> str:
        """The close reason that goes with `close_code`, `""` if none was given."""
        return self._exchange.close_reason

    @property
    def pending(self) -> list[Message]:
        """The messages of the app that wait to be received, oldest first; they stay where they are."""
        return self._exchange.pending

    def receive_nowait(self) -> Message:
        """The next message as the app sent it, which must be there already.

        Raises:
            anyio.WouldBlock: there is none. The app rests whenever the test runs, so there will be none without another
                call of the client.
            WebSocketDisconnect: the websocket has ended.
        """
        __tracebackhide__ = True
        self._check_open("receive_nowait")
        with self._changing():
            if self._exchange.to_client or self._exchange.close_code is not None or self._exchange.ended:
                return self._taken()
        raise anyio.WouldBlock

    def _changing(self) -> AbstractContextManager[None]:
        """The block in which an exchange may be changed: the loop of an async session belongs to its caller."""
        return nullcontext()

    def _sends(self, method: str, value: object = None) -> Callable[[Message], None]:
        """What hands the app a message, in `method`, which was given `value`."""
        __tracebackhide__ = True
        call = self._call
        if call is None or self._ended:
            raise self._not_open(method)
        call.recorder.acts(method, value, call.note, FUNCTIONS_OF_OURS)
        return self._exchange.client_sends

    def _receiving(self, decide: Callable[[*Ts], T], *args: *Ts) -> Steps[T]:
        """Run the app until a message is there, or none can come any more; then return what `decide()` makes of it."""
        yield from next_message(self._exchange)
        return decide(*args)

    # Decisions after a step.

    def _check_nothing(self) -> None:
        """Raise if a message waits for the test, or the app has failed."""
        __tracebackhide__ = True
        if self._exchange.pending:
            raise UnexpectedMessage(self._exchange.request, self._exchange.pending)
        if self._exchange.exception is not None and not self._exchange.disconnected:
            self._taken()

    def _opened(self) -> None:
        """The handshake was answered, or the app has ended: set what was accepted, or raise."""
        __tracebackhide__ = True
        exchange = self._exchange
        if exchange.refusal is not None and raises(exchange, self._options):
            self._raise(exchange.refusal)
        if exchange.accept is not None and exchange.refusal is None:
            self.accepted_subprotocol = exchange.accept.get("subprotocol")
            headers = exchange.accept.get("headers")
            self.extra_headers = headers
            extract_cookies(self._cookies, headers or (), self._asked)
            return
        self._ended = True
        failure = app_failure(exchange, self._options)
        if exchange.state is WebSocketState.CLOSED and exchange.refusal is None:
            refusal = denied if exchange.denied else refused
            self._raise(self._refused(refusal(exchange, self._asked.request)))
        if not raises(exchange, self._options):
            self._raise(failed(exchange, self._asked.request))
        if failure is not None:
            self._raise(failure)
        missing = "completing its denial response" if exchange.denied else "accepting or closing it"
        raise ProtocolViolation(
            "websocket.accept",
            request=exchange.request,
            state=exchange.state.value,
            allowed=("websocket.http.response.body",) if exchange.denied else ("websocket.accept", "websocket.close"),
            words=f"The app returned from the handshake without {missing}; a server answers 500 here.",
            section=exchange.section,
        )

    def _raise(self, exception: BaseException) -> None:
        __tracebackhide__ = True
        self._raised = exception
        raise exception

    def _refused(self, refusal: BaseException) -> BaseException:
        """What to raise for a handshake that the app has refused; what it raised after that is a note."""
        failure = self._exchange.exception
        if failure is not None and not is_expected_failure(failure, self._exchange):
            refusal.add_note(f"After that, the app failed in {self._exchange.request}: {failure!r}")
        return refusal

    def _taken(self) -> Message:
        """The next message, as the app sent it; where none can come any more, how it ended."""
        __tracebackhide__ = True
        exchange = self._exchange
        if exchange.to_client:
            return exchange.take()
        if exchange.exception is not None and self._raised is None and not exchange.disconnected:
            failure = app_failure(exchange, self._options)
            if failure is not None and raises(exchange, self._options):
                self._raise(failure)
        if exchange.close_code is None:
            return exchange.lose()  # it is returned once
        raise disconnected(exchange.close_code, exchange.close_reason)

    def _frame(self, kind: Literal["text", "bytes"]) -> Any:
        """The content of the next message, which must be of this kind; it stays where it is if it is not."""
        __tracebackhide__ = True
        exchange = self._exchange
        if exchange.to_client and (following := exchange.to_client[0])["type"] == "websocket.send":
            if following.get(kind) is not None:
                return exchange.take()[kind]
            other = "bytes" if kind == "text" else "text"
            raise WrongFrame(kind, other, exchange.scope["path"])
        message = self._taken()
        self._raise_on_close(message)
        return message[kind]

    def _any_frame(self) -> str | bytes | None:
        """The content of the next message of either kind, or None if the websocket was closed."""
        if not self._exchange.to_client and (self._exchange.close_code is not None or self._exchange.ended):
            if self._exchange.exception is not None:
                self._taken()
            return None
        message = self._taken()
        if message["type"] == "websocket.close":
            return None
        content: str | bytes = message["bytes"] if message.get("text") is None else message["text"]
        return content

    def _raise_on_close(self, message: Message) -> None:
        """Raise if `message`, as `receive()` returned it, is the end of the websocket."""
        __tracebackhide__ = True
        if message["type"] == "websocket.close":
            raise disconnected(message.get("code", 1000), message.get("reason") or "")
        if message["type"] == "websocket.http.response.start":
            raise denied(self._exchange, self._asked.request)

    def _left(self, on_its_way: BaseException | None) -> None:
        """The session is over and the app has ended: raise what it raised, or note it on what is raised already."""
        __tracebackhide__ = True
        exception = self._exchange.exception
        if exception is None or exception is self._raised:
            return
        if app_failure(self._exchange, self._options) is None or not raises(self._exchange, self._options):
            return
        if on_its_way is None:
            log_end(exception, self._exchange)
            raise exception
        if on_its_way is not exception and not is_expected_failure(exception, self._exchange):
            on_its_way.add_note(f"After that, the app failed in {self._exchange.request}: {exception!r}")

    def _check_new(self) -> None:
        """Raise if this session was opened before: a websocket has one handshake."""
        __tracebackhide__ = True
        if self._call is not None:
            raise UsageError(
                "This websocket session was opened before, and a websocket has one handshake. Write: "
                f"{self._enter} client.websocket_connect(...) as session: ..., for each."
            )

    def _check_open(self, method: str) -> AppCall[WebSocketExchange]:
        __tracebackhide__ = True
        if self._call is None or self._ended:
            raise self._not_open(method)
        return self._call

    def _not_open(self, method: str) -> SessionNotOpen:
        return SessionNotOpen(method, self._ended, self._enter)
