"""The response of an exchange, as HAR has it."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from .conversation import FILES, Conversation
from .har_bodies import content
from .har_cookies import response_cookies
from .har_request import http_version
from .recorded_bytes import Body, HeaderLine, body_of, content_length, header_lines, value_of, values_of


def as_response(conversation: Conversation, now: datetime) -> dict[str, Any]:
    """`response` of an entry; it came at `now`. The status is 0 where there was none, and `_error` says why."""
    answer = conversation.answer
    lines = header_lines(answer.get("headers"))
    if answer.get("subprotocol") and not value_of(lines, "sec-websocket-protocol"):
        lines.append(("sec-websocket-protocol", str(answer["subprotocol"])))
    body = _body(conversation, lines)
    status = _status(answer)
    made = {
        "status": status,
        "statusText": _reason(status),
        "httpVersion": http_version(conversation.exchange.scope),
        "cookies": response_cookies(values_of(lines, "set-cookie"), now),
        "headers": [{"name": name, "value": value} for name, value in lines],
        "content": content(lines, body),
        "redirectURL": value_of(lines, "location"),
        "headersSize": -1,
        "bodySize": body.size,
        # Without it, Chromium adds the -1 of `headersSize` to the size of the body.
        "_transferSize": body.size,
    }
    error = _error(conversation, status)
    if error:
        made["_error"] = error
    return made


def _status(answer: dict[str, Any]) -> int:
    if answer.get("type") == "websocket.accept":
        return HTTPStatus.SWITCHING_PROTOCOLS.value
    if answer.get("type") == "websocket.close":
        return HTTPStatus.FORBIDDEN.value
    status = answer.get("status")
    return status if isinstance(status, int) else 0


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _body(conversation: Conversation, lines: list[HeaderLine]) -> Body:
    """What the client gets: nothing of the body of a HEAD, and a file of which only the name is known."""
    if conversation.exchange.scope.get("method") == "HEAD":
        return Body()
    if next(conversation.passed("sends", *FILES), None):
        length = content_length(lines)
        return Body(size=-1 if length is None else length)
    return body_of(conversation.pieces)


def _error(conversation: Conversation, status: int) -> str:
    """What went wrong with a response, in one line; `""` if nothing did.

    A refused websocket is put in the words of Chromium, by which people look for it.
    """
    if conversation.exchange.kind == "websocket" and status not in (0, HTTPStatus.SWITCHING_PROTOCOLS):
        return f"Error during WebSocket handshake: Unexpected response code: {status}"
    if conversation.beginning_lost:
        return "the timeline no longer has the beginning of this exchange"
    raised = conversation.of_kind("raises")
    if raised and (conversation.finished is None or raised.number < conversation.finished.number):
        return raised.text
    if conversation.finished or conversation.accepted:
        return ""
    missing = "the response was complete" if conversation.answered else "there was a response"
    if conversation.left:
        return f"the client left before {missing}"
    ended = conversation.of_kind("ends")
    return f"{ended.text} before {missing}" if ended else f"the timeline ends before {missing}"
