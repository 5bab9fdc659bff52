"""Timelines that are told event by event, and then read from JSON lines as a saved one would be."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from asgi_lockstep._timeline.json_lines import parts_of
from asgi_lockstep._timeline.timeline import Timeline


@dataclass
class Story:
    """What happened, told one event after the other; each takes 0.2 ms."""

    title: str
    clock: str = "virtual"
    lost: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list)
    step: str = ""
    requests: dict[int, str] = field(default_factory=dict)
    time: float = 0.0
    jumped: float = 0.0

    def exchange(self, number: int, kind: str, request: str, **scope: object) -> None:
        """A conversation begins; `scope` is what its scope has beside the usual."""
        sent_at = None if kind == "lifespan" else test_line(10 + number, f"client.call({request!r})")
        endpoint = None if kind == "lifespan" else app_line(20 + number, "async def endpoint():")
        self.requests[number] = request
        usual = {"type": kind, "asgi": {"version": "3.0", "spec_version": "2.5"}}
        self.lines.append(
            {
                "exchange": number,
                "kind": kind,
                "request": request,
                "scope": {**usual, **scope},
                "sent_at": sent_at,
                "endpoint": endpoint,
            }
        )

    def tell(self, kind: str, exchange: int | None, text: str, message: object = None, **more: Any) -> None:
        """Something happened; `more` are fields that are not what they usually are, `jump` moves the app's clock."""
        jump = more.get("jump", 0.0)
        self.time = round(self.time + more.pop("takes", 0.0002), 7)
        self.jumped += jump
        event = {
            "event": len(self.lines) - len(self.requests) + 1,
            "kind": kind,
            "time": self.time,
            "loop_time": round(self.time + self.jumped, 7),
            "jump": jump,
            "exchange": exchange,
            "request": "" if exchange is None else self.requests[exchange],
            "text": text,
            "message": message,
            "place": TEST if kind in ("test", "fails") else APP,
            "task": "",
            "step": self.step,
            "details": "",
        }
        self.lines.append({**event, **more})

    def timeline(self) -> Timeline:
        """All of it, read from JSON lines."""
        head = {
            "format": "asgi-lockstep timeline",
            "version": 1,
            "title": self.title,
            "began": "2026-11-26T21:00:00.000000+00:00",
            "clock": self.clock,
            "lost": self.lost,
        }
        heading, exchanges, events = parts_of((json.dumps(line) for line in (head, *self.lines)), "the story")
        return Timeline(events, exchanges, heading)


def test_line(line: int, source: str) -> dict[str, object]:
    """A line of the test."""
    return {"file": "tests/test_notes.py", "line": line, "function": "test_notes", "source": source}


def app_line(line: int, source: str) -> dict[str, object]:
    """A line of the app."""
    return {"file": "board/app.py", "line": line, "function": "notes", "source": source}


TEST = test_line(12, 'client.get("/notes")')
APP = app_line(8, "await send(message)")
