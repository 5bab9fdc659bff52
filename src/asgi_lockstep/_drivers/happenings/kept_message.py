"""What is kept of a message: as much as somebody reads, and why the app has sent it, if that is a failure."""

from __future__ import annotations

from types import FrameType
from typing import Any, Final

from ..inspection.endpoints import endpoint_of_request
from ..inspection.known_code import Meaning, Meanings
from ..inspection.source_lines import frame_is_in
from .exceptions import ExceptionSaid
from .handled import Answering, caught_before, handled_by, of_app

#: After how many bytes or characters the content of a message is cut.
CONTENT: Final = 1024

#: From which status on a response says that something has failed, and from which on the server.
_OF_FAILURES, _OF_SERVER = 400, 500

#: The close code of a websocket that has ended as it should (RFC 6455 section 7.4.1), and one that says that it goes.
_NORMAL: Final = 1000
_GOOD: Final = (_NORMAL, 1001)

#: The keys of a message that is kept under which the exception stands that the app handles as it sends that, or has
#: caught before.
HANDLED: Final = "asgi_lockstep.handled"
CAUGHT: Final = "asgi_lockstep.caught"

#: And the one under which the view of a request of Django stands, an `Endpoint`.
ENDPOINT: Final = "asgi_lockstep.endpoint"

_OF_DJANGO: Meanings = (Meaning.SENDS_FOR_DJANGO,)


def cut(value: Any) -> Any:
    """A value that is kept: content that is long is cut."""
    if isinstance(value, str):
        return value[:CONTENT]
    return bytes(value[:CONTENT]) if isinstance(value, (bytes, bytearray, memoryview)) else value


def cut_in(kept: dict[str, Any], *keys: str) -> None:
    """Cut what is long in a message that is kept, and keep how long it was."""
    for key in keys:
        content = kept.get(key)
        if content is not None and len(content) > CONTENT:
            kept[key], kept[f"{key}_length"] = cut(content), len(content)


def explain(kept: dict[str, Any], frame: FrameType, call: Answering) -> None:
    """Keep who answers, and which exception the app handles as it sends a failure, or has caught before.

    Args:
        kept: the message.
        frame: where it is sent.
        call: the call of the app.
    """
    if frame_is_in(frame, _OF_DJANGO) and (endpoint := endpoint_of_request(of_app(frame))) is not None:
        kept[ENDPOINT] = endpoint
    status = kept.get("status", 0)
    if status < _OF_FAILURES and kept.get("code", _NORMAL) in _GOOD:
        return
    handled = handled_by(frame, call)
    if handled is not None:
        kept[HANDLED] = ExceptionSaid.of(handled)
    elif status >= _OF_SERVER and (caught := caught_before(call.scope)) is not None:
        kept[CAUGHT] = ExceptionSaid.of(caught)
