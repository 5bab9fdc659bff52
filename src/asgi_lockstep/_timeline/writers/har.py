"""HTTP archives (HAR 1.2), which the developer tools of Chromium and Firefox open, and many other tools.

The format: http://www.softwareishard.com/blog/har-12-spec/. Fields that it does not have begin with an underscore,
as it wants; where Chromium has such a field, it has Chromium's name.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from importlib import metadata
from typing import Any

from ..events import SourceLine
from ..timeline import Timeline
from .conversation import Conversation
from .har_request import as_request
from .har_response import as_response
from .har_websocket import websocket_fields


def as_har(timeline: Timeline) -> dict[str, Any]:
    """The HTTP archive of a timeline, ready for `json.dumps()`.

    Each request and each websocket is an entry, each step of the test a page. All times are real ones; with virtual
    time, `_loopTime` says how many milliseconds an entry took on the clock of the app.

    Args:
        timeline: what happened. Whatever is masked in it is masked in the archive.

    Returns:
        An object as HAR 1.2 wants it. Entries have these fields besides: `_sentAt` (the line of the test), `_endpoint`
        (the function that answered), `_appEnded` (how the call of the app ended, None if it has not), `_resourceType`,
        `_initiator`, and for websockets `_webSocketMessages` and `_webSocketClose`. `response._error` says why there is
        no response, or only a part of one.
    """
    began = datetime.fromisoformat(timeline.began)
    conversations = list(Conversation.all_of(timeline))
    pages = _pages(timeline, conversations, began)
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "asgi-lockstep", "version": metadata.version("asgi-lockstep")},
            "pages": list(pages.values()),
            "entries": [_entry(each, began, pages[_step_of(each)]["id"], timeline.clock) for each in conversations],
        }
    }


def written_har(timeline: Timeline) -> str:
    """The same as it is saved."""
    return json.dumps(as_har(timeline), ensure_ascii=False, indent=1)


def _step_of(conversation: Conversation) -> str:
    """The step in which an exchange began."""
    return conversation.events[0].step if conversation.events else ""


def _pages(timeline: Timeline, conversations: list[Conversation], began: datetime) -> dict[str, dict[str, Any]]:
    """A page for each step in which an exchange began, by the name of the step; one at least."""
    pages = {}
    for number, step in enumerate(dict.fromkeys(map(_step_of, conversations)) or [""], start=1):
        time = next((event.time for event in timeline if event.step == step), 0.0)
        pages[step] = {
            "startedDateTime": _moment(began, time).isoformat(timespec="microseconds"),
            "id": f"page_{number}",
            "title": step or timeline.title,
            "pageTimings": {"onContentLoad": -1, "onLoad": -1},
        }
    return pages


def _moment(began: datetime, time: float) -> datetime:
    return began + timedelta(seconds=time)


def _entry(conversation: Conversation, began: datetime, page: str, clock: str) -> dict[str, Any]:
    first, over, answered = conversation.events[:1], conversation.over, conversation.answered
    start = first[0].time if first else 0.0
    timings = _timings(conversation)
    websocket = conversation.exchange.kind == "websocket"
    entry: dict[str, Any] = {
        "pageref": page,
        "startedDateTime": _moment(began, start).isoformat(timespec="microseconds"),
        "time": round(sum(time for time in timings.values() if time > 0), 3),
        "request": as_request(conversation),
        "response": as_response(conversation, _moment(began, answered.time if answered else start)),
        "cache": {},
        "timings": timings,
        "_resourceType": "websocket" if websocket else "fetch",
        **_lines(conversation),
        "_appEnded": _app_ended(conversation, start),
    }
    if clock == "virtual" and over:
        entry["_loopTime"] = _milliseconds(over.loop_time - first[0].loop_time)
    if websocket:
        entry.update(websocket_fields(conversation, began.timestamp()))
    return entry


def _milliseconds(seconds: float) -> float:
    return round(max(seconds, 0.0) * 1000, 3)


def _timings(conversation: Conversation) -> dict[str, float]:
    """How long the request was read, the answer waited for, and read; -1 for what there is none of, or nobody knows.

    A body that the app did not read took no time.
    """
    timings: dict[str, float] = dict.fromkeys(("blocked", "dns", "connect", "ssl", "send", "wait", "receive"), -1)
    over, answered = conversation.over, conversation.answered
    if over is None:
        return timings
    start = conversation.events[0]
    sent = conversation.requested or start
    if conversation.beginning_lost:
        return {**timings, "receive": _milliseconds(over.time - start.time)}
    return {
        **timings,
        "send": _milliseconds(sent.time - start.time),
        "wait": _milliseconds((answered or over).time - sent.time),
        "receive": _milliseconds(over.time - answered.time) if answered else 0.0,
    }


def _app_ended(conversation: Conversation, start: float) -> dict[str, Any] | None:
    """How the call of the app ended, and how many milliseconds after the beginning of its exchange."""
    ended = conversation.of_kind("ends")
    return {"how": ended.text, "time": _milliseconds(ended.time - start)} if ended else None


def _lines(conversation: Conversation) -> dict[str, Any]:
    """The lines of code that are known of an exchange; `_initiator` is what Chromium has for the first of them."""
    sent_at, endpoint = conversation.exchange.sent_at, conversation.exchange.endpoint
    lines: dict[str, Any] = {}
    if sent_at:
        lines["_initiator"] = {"type": "script", "stack": {"callFrames": [_frame(sent_at)]}}
        lines["_sentAt"] = _line(sent_at)
    if endpoint:
        lines["_endpoint"] = _line(endpoint)
    return lines


def _line(place: SourceLine) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "function": place.function, "source": place.source}


def _frame(place: SourceLine) -> dict[str, Any]:
    """A line as the developer protocol of Chromium has it, which counts from 0."""
    frame = {"functionName": place.function, "scriptId": "", "url": place.file}
    return {**frame, "lineNumber": place.line - 1, "columnNumber": 0}
