"""What an app does that the ASGI specification does not allow."""

from __future__ import annotations

from collections.abc import Sequence

from ._exception_parts import LockstepError


class ProtocolViolation(LockstepError, AssertionError):
    """The app sent a message that the ASGI specification does not allow at this point.

    Raised out of the app's own `send()`, at the line that sent it, as servers do; the test sees it unless the app
    handles it.

    Args:
        message_type: what the app sent, for example `"http.response.body"`.
        request: which exchange it was, for example `"GET /items"`.
        state: where that exchange stood, in words.
        allowed: the message types that would have been allowed there.
        words: a sentence to begin with instead of the general one.
        section: the address at which the specification says so, `""` for none.
        rule: the name of the rule, as `rules=` of a client has it, `""` for none.
        sent_from: where the message was sent, each a line when it is shown: who has sent it, and who has passed it on.
        servers: what servers do then, in a sentence.
        layer: the app that has sent it, where `Checked` has looked at one of several that lie inside of each other;
            `""` for the app of the test.
    """

    def __init__(
        self,
        message_type: str,
        *,
        request: str,
        state: str,
        allowed: Sequence[str] = (),
        words: str | None = None,
        section: str = "",
        rule: str = "",
        sent_from: Sequence[object] = (),
        servers: str = "",
        layer: str = "",
    ) -> None:
        self.message_type = message_type
        self.request = request
        self.state = state
        self.allowed = tuple(allowed)
        self.section = section
        self.rule = rule
        self.servers = servers
        self.layer = layer
        self._sent_from = tuple(sent_from)
        sentence = words or f'Received "{message_type}", which is not allowed here.'
        may = " or ".join(f'"{name}"' for name in self.allowed) or "nothing more"
        source = f" See {section}" if section else ""
        where = f"{request}, in {layer}" if layer else request
        super().__init__(f"{sentence} The app broke ASGI in {where} ({state}): it may send {may} now.{source}")

    @property
    def sent_from(self) -> tuple[str, ...]:
        """Where the message was sent, in lines; they are read from files when somebody asks, and not in the app."""
        return tuple(map(str, self._sent_from))

    def __str__(self) -> str:
        lines = [f"  {line}" for line in self.sent_from]
        if self.rule:
            lines.append(f'  The rule is "{self.rule}". {self.servers}')
        return "\n".join([*self.args, *lines])

    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "_sent_from": self.sent_from}


class NoResponse(ProtocolViolation):
    """The app returned (or was cancelled) and never sent `http.response.start`."""

    def __init__(self, *, request: str, cancelled: bool = False) -> None:
        super().__init__(
            "http.response.start",
            request=request,
            state="the app was cancelled" if cancelled else "the app has returned",
            words="TestClient did not receive any response.",
        )
        ended = "was cancelled in" if cancelled else "returned from"
        text = (
            f"TestClient did not receive any response. The app {ended} {request} without sending "
            '"http.response.start": await a response on every path through it.'
        )
        self.args = (text,)


class IncompleteResponse(ProtocolViolation):
    """The app returned in the middle of its response.

    A server cuts the connection here; a real client sees a truncated body, never a success.
    """

    def __init__(self, *, request: str, state: str, status: int, received: bytes) -> None:
        self.status = status
        self.received = received
        super().__init__("http.response.body", request=request, state=state)
        text = (
            f"The app returned from {request} before its response was complete ({state}; status {status}, "
            f"{len(received)} bytes received): a server would cut the connection. Send "
            '"http.response.body" with more_body=False last.'
        )
        self.args = (text,)
