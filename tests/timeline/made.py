"""Timelines for tests, always the same: a small one with each kind of event, and one with as many as asked for."""

from __future__ import annotations

import functools
import json

from asgi_lockstep._timeline.timeline import Timeline
from timeline.small_story import told
from timeline.story import Story


def small() -> Timeline:
    """Each kind of event at least once: log-in, a search, a chat, an hour of waiting, and three failures."""
    return told(Story("test_notes_are_shared", lost=3)).timeline()


@functools.cache
def many(count: int) -> Timeline:
    """Requests of seven events each until there are `count` events; every hundredth jumps an hour."""
    story = Story(f"{count} events")
    number = 0
    while True:
        number += 1
        request = f"GET /notes/{number}"
        story.exchange(number, "http", request, method="GET", path=f"/notes/{number}", headers=[["host", "testserver"]])
        story.step = f"page {number // 10}"
        for kind, text, message in _request(number):
            story.tell(kind, number, text, message, jump=3600.0 if number % 100 == 0 and kind == "waits" else 0.0)
            if story.lines[-1]["event"] == count:
                return story.timeline()


def _request(number: int) -> list[tuple[str, str, object]]:
    headers = [["content-type", "application/json"], ["x-number", str(number)]]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    body = json.dumps({"note": number, "text": f"note number {number} of many"})
    return [
        ("test", f"test: GET /notes/{number}", None),
        ("receives", "app receives http.request, 0 bytes", {"type": "http.request", "body": "", "more_body": False}),
        ("logs", f"INFO board: note {number} is read", None),
        ("waits", "app waits in receive()", None),
        ("sends", "app sends http.response.start, status 200", start),
        ("sends", f"app sends http.response.body, {len(body)} bytes", {"type": "http.response.body", "body": body}),
        ("ends", "app returned", None),
    ]
