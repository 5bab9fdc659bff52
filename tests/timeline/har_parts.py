"""The parts of HAR files that most tests of them share."""

from __future__ import annotations

from typing import Any

from asgi_lockstep._timeline.writers.har import as_har
from timeline.standing import Story


def entries(story: Story, **fields: Any) -> list[dict[str, Any]]:
    """The entries of the HAR file of a story."""
    found: list[dict[str, Any]] = as_har(story.timeline(**fields))["log"]["entries"]
    return found


def entry(story: Story, **fields: Any) -> dict[str, Any]:
    """The only one."""
    (found,) = entries(story, **fields)
    return found


def timings(send: float = -1, wait: float = -1, receive: float = -1) -> dict[str, float]:
    """What an entry says about its time; nothing of it is known without arguments."""
    return {"blocked": -1, "dns": -1, "connect": -1, "ssl": -1, "send": send, "wait": wait, "receive": receive}


def pairs(*lines: tuple[str, str]) -> list[dict[str, str]]:
    """Header lines, or the parts of a query."""
    return [{"name": name, "value": value} for name, value in lines]


def a_request(**fields: Any) -> dict[str, Any]:
    """`GET http://testserver/notes` with what is different."""
    return {
        "method": "GET",
        "url": "http://testserver/notes",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(("host", "testserver")),
        "queryString": [],
        "headersSize": -1,
        "bodySize": 0,
        **fields,
    }


def a_response(body_size: int = 0, **fields: Any) -> dict[str, Any]:
    """An empty 200 with what is different."""
    return {
        "status": 200,
        "statusText": "OK",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": body_size,
        "_transferSize": body_size,
        **fields,
    }
