"""Timelines that are made by hand, for the tests of what is written of them."""

from __future__ import annotations

from typing import Any

from asgi_lockstep._timeline.events import Heading, SourceLine, TimelineEvent, TimelineExchange
from asgi_lockstep._timeline.timeline import Timeline

#: When all of them began.
BEGAN = "2026-11-26T21:00:00.000000+00:00"

#: The same in seconds since 1970.
EPOCH = 1795726800.0

TEST_LINE = SourceLine("tests/test_notes.py", 12, "test_notes", 'client.get("/notes")')
ENDPOINT = SourceLine("app.py", 8, "notes", "async def notes():")


class Story:
    """What happened, one event a millisecond."""

    def __init__(self) -> None:
        self.events: list[TimelineEvent] = []
        self.exchanges: list[TimelineExchange] = []

    def http(self, method: str = "GET", path: str = "/notes", /, **scope: Any) -> Story:
        """A request begins."""
        scope = {"method": method, "raw_path": path, "scheme": "http", **scope}
        return self._exchange("http", f"{method} {path}", scope)

    def websocket(self, path: str = "/chat", /, **scope: Any) -> Story:
        """A websocket begins."""
        return self._exchange("websocket", f"websocket {path}", {"raw_path": path, "scheme": "ws", **scope})

    def _exchange(self, kind: str, request: str, scope: dict[str, Any]) -> Story:
        whole = {"type": kind, "http_version": "1.1", "headers": [["host", "testserver"]], "query_string": "", **scope}
        number = len(self.exchanges) + 1
        self.exchanges.append(TimelineExchange(number, kind, request, whole))
        return self

    def lines(self, sent_at: SourceLine | None, endpoint: SourceLine | None) -> Story:
        """Where the last exchange was sent, and who answers."""
        last = self.exchanges.pop()
        self.exchanges.append(TimelineExchange(last.number, last.kind, last.request, last.scope, sent_at, endpoint))
        return self

    def event(self, kind: str, text: str = "", message: dict[str, Any] | None = None, **fields: Any) -> Story:
        """Something happens, in the last exchange if none is named."""
        number = len(self.events)
        last = self.exchanges[-1] if self.exchanges else None
        exchange = fields.setdefault("exchange", last.number if last else None)
        request = next((each.request for each in self.exchanges if each.number == exchange), "")
        time = fields.pop("time", number / 1000)
        fields = {"loop_time": time, "request": request, **fields}
        self.events.append(TimelineEvent(number=number, kind=kind, time=time, text=text, message=message, **fields))
        return self

    def receives(self, type_: str, **message: Any) -> Story:
        """The app gets a message."""
        return self.event("receives", f"app receives {type_}", {"type": type_, **message})

    def sends(self, type_: str, **message: Any) -> Story:
        """The app has sent a message."""
        return self.event("sends", f"app sends {type_}", {"type": type_, **message})

    def asks(self, body: Any = "", **message: Any) -> Story:
        """The app gets a piece of a request."""
        return self.receives("http.request", body=body, **{"more_body": False, **message})

    def answers(self, status: int = 200, body: Any = "", headers: Any = (), **message: Any) -> Story:
        """The app sends a response."""
        self.sends("http.response.start", status=status, headers=[list(line) for line in headers])
        return self.sends("http.response.body", body=body, **{"more_body": False, **message})

    def ends(self, text: str = "app returned") -> Story:
        """The call of the app is over."""
        return self.event("ends", text)

    def timeline(self, **fields: Any) -> Timeline:
        """All of it."""
        made = {"title": "test_notes", "began": BEGAN, "clock": "real", "lost": 0, **fields}
        return Timeline(self.events, self.exchanges, Heading(**made))
