"""One websocket, from the handshake to its end (www.rst: WebSocket)."""

from __future__ import annotations

from collections import deque

from .._types import Message, Scope
from .exchange import NOTHING, WAIT, ClientDisconnected, Exchange, Hold
from .framing import framing_of
from .rule_book import BY_ITSELF, RuleBook
from .rules import SPECIFICATIONS, Content
from .servers import UVICORN, Server
from .tables import WEBSOCKET, State, WebSocketState

#: How many messages may wait for a client that does not read before the app's `send()` waits too. About what the
#: buffers of a server and two kernels hold of small messages, so that an app that only sends cannot fill the memory.
UNREAD_LIMIT = 1024

#: How long a message of the client may be, in bytes: the default of servers. What it is told of a longer one (RFC 6455
#: section 7.4.1).
MESSAGE_LIMIT = 16 * 1024 * 1024
TOO_BIG = 1009

#: What uvicorn closes a websocket with when it shuts down (the registry of RFC 6455 section 11.7).
SERVICE_RESTART = 1012

#: What stands for a close frame without a code (RFC 6455 section 7.4.1).
NO_CODE = 1005

#: What a client sees when the connection ends without a close frame (RFC 6455 section 7.1.5).
ABNORMAL_CLOSURE = 1006


#: Looked up for every message; see `exchange.NOTHING`.
_CONNECTING, _OPEN, _CLOSED = WebSocketState.CONNECTING, WebSocketState.OPEN, WebSocketState.CLOSED


class WebSocketExchange(Exchange):
    """A handshake and the messages after it, both ways.

    Args:
        scope: the websocket scope. The app finds `websocket.connect` as its first message.
        rule_book, server: as in `Exchange`.
    """

    section = f"{SPECIFICATIONS}/www.html#websocket"
    collect = False
    state: WebSocketState
    whole = WebSocketState.CLOSED

    def __init__(self, scope: Scope, rule_book: RuleBook = BY_ITSELF, server: Server = UVICORN) -> None:
        super().__init__(scope, WEBSOCKET, _CONNECTING, rule_book, server)
        #: The app's `websocket.accept`, once it was sent.
        self.accept: Message | None = None
        #: How it ended, or None while it has not: the app's close, or the client's disconnect.
        self.close_code: int | None = None
        self.close_reason = ""
        self.denial_status = 0
        self.denial_headers: list[tuple[bytes, bytes]] = []
        self.denial_body = bytearray()
        self._to_app: deque[Message] = deque([{"type": "websocket.connect"}])
        #: The messages that wait for the client, oldest first; they are taken by `take()`.
        self.to_client: deque[Message] = deque()
        self._disconnect: Message | None = None
        #: Whether the connection broke, and whether the app knows.
        self._dropped = self._was_told_of_drop = False

    def __repr__(self) -> str:
        end = f", ended with {self.close_code} {self.close_reason}".rstrip() if self.close_code is not None else ""
        return (
            f"<{self.request}: {self.state.value}{end}; {len(self._to_app)} messages wait for the app, "
            f"{len(self.to_client)} for the test; {self.app_words}>"
        )

    # The client's side.

    @property
    def answered(self) -> bool:
        """Whether the handshake was answered completely."""
        return self.state not in (_CONNECTING, WebSocketState.DENYING)

    @property
    def was_accepted(self) -> bool:  # type: ignore[override]  # nothing is but a websocket
        """Whether the app has accepted it."""
        return self.accept is not None

    @property
    def refused(self) -> bool:
        """Whether the handshake was answered with anything but an accept."""
        return self.state is _CLOSED and self.accept is None

    @property
    def denied(self) -> bool:
        """Whether the answer to the handshake is an HTTP response."""
        return self.denial_status != 0

    @property
    def pending(self) -> list[Message]:
        """The messages that wait for the client, oldest first."""
        return list(self.to_client)

    def take(self) -> Message:
        """Take the oldest message that waits for the client; an app that was held back goes on."""
        message = self.to_client.popleft()
        if len(self.to_client) == UNREAD_LIMIT - 1 and self.observer.senders is not None:
            self.observer.senders.fire()  # there is room again for an app that was held back
        return message

    def client_sends(self, message: Message) -> None:
        """Hand the app a message as it is; `websocket.disconnect` ends the client's side."""
        if message.get("type") == "websocket.disconnect":
            self.disconnect(message.get("code", 1000), message.get("reason"), message)
        elif not self.disconnected and _size(message) > MESSAGE_LIMIT:
            self.disconnect(TOO_BIG, "")
        elif not self.disconnected:
            self._to_app.append(message)
            if self.observer.receivers is not None:
                self.observer.receivers.fire()

    def drop(self) -> None:
        """Have the connection break, without a close frame: what the app is told of that is up to the server."""
        self._dropped = self._disconnect is None
        message = {"type": "websocket.disconnect", "code": self.server.code_of_drop, "reason": ""}
        self.disconnect(ABNORMAL_CLOSURE, "", message)

    def disconnect(self, code: int, reason: str | None, message: Message | None = None) -> None:
        """Have the client close, or leave: the app finds `websocket.disconnect` after what was sent before it.

        Where either side has ended the websocket already, that end stays as it is.

        Args:
            code, reason: of the close.
            message: what the app is to find, where the test has written it itself.
        """
        if self._disconnect is not None:
            return
        told = (code, reason or "") if self.server.tells_close else (ABNORMAL_CLOSURE, "")
        self._disconnect = message or {"type": "websocket.disconnect", "code": told[0], "reason": told[1]}
        self.disconnected = True
        self.close_code, self.close_reason = code, reason or ""
        self._all_may_go_on()

    def lose(self) -> Message:
        """Note that the app has ended without a close; the message that tells the client (RFC 6455 section 7.1.5)."""
        returned = self.app_end == "returned"
        self.close_code = self.server.code_of_return if returned else self.server.code_of_failure
        return {"type": "websocket.close", "code": self.close_code, "reason": ""}

    # The app's side.

    def to_app(self) -> Message | None:
        if self._to_app and (self.state is not _CLOSED or self.was_accepted):
            # www.rst: Connect. Nothing but the connect itself is delivered before the handshake is answered.
            if self.was_accepted or self._to_app[0]["type"] == "websocket.connect":
                return self._to_app.popleft()
        elif self._disconnect is not None:
            return self._told_of_end()
        return self._disconnect if self.disconnected and not self.answered else None

    def _told_of_end(self) -> Message | None:
        """How it ended; servers tell of a connection that broke only once."""
        message = None if self._was_told_of_drop else self._disconnect
        self._was_told_of_drop = self._dropped
        return message

    @property
    def app_must_wait(self) -> bool:
        return len(self.to_client) >= UNREAD_LIMIT and self.state is _OPEN and not self.disconnected

    def _ignores_after_disconnect(self) -> bool:
        if self.state is not _CLOSED and self.server.raises_after_disconnect:
            raise ClientDisconnected(self)
        return self.state is not _CLOSED

    def _take(self, message_type: str, content: Content, after: State, message: Message) -> Hold:
        message = {**message}  # the app may use its own again
        match message_type:
            case "websocket.send":
                if content["bytes"] is not None:
                    message["bytes"] = content["bytes"]
                    message |= {"text": None} if "text" in message else {}
            case "websocket.accept":
                if message.get("headers") is not None:
                    message["headers"] = content["headers"]
                self.accept = message
            case "websocket.close":
                code = content["code"]
                self.close_code, self.close_reason = NO_CODE if code is None else code, content["reason"] or ""
                # Of a refusal the client sees only that it is one: for servers the connection is lost.
                told = code if self.was_accepted else ABNORMAL_CLOSURE
                self._end_by_app(told, self.close_reason if self.was_accepted else "")
            case "websocket.http.response.start":
                self.denial_status, self.denial_headers = content["status"], content["headers"]
                self.framing = framing_of(None, self.denial_status, content["headers"].lengths)
            case _:  # websocket.http.response.body
                self.body_sent += len(content["body"])
                self.denial_body += content["body"]
                if after is _CLOSED:
                    self._end_by_app(ABNORMAL_CLOSURE, "")
        self.to_client.append(message)
        return WAIT if len(self.to_client) >= UNREAD_LIMIT else NOTHING

    def _end_by_app(self, code: int | None, reason: str) -> None:
        # www.rst: Disconnect. The app is told of the end that it brought about itself, too.
        self._disconnect = {"type": "websocket.disconnect", "code": code, "reason": reason}


def _size(message: Message) -> int:
    """How long a message of the client is, in characters or bytes."""
    return max(len(message.get("text") or ""), len(message.get("bytes") or b""))
