"""What is kept of what an app saw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest

from asgi_lockstep._types import Message, Receive, Scope, Send
from conformance.case import Case, Note
from conformance.sight import Sight, read, run, short, writer


def sight_of(app: Any, *events: str, refuses: bool = False) -> Sight:
    """What is kept of an app that is given these events, and whose `send()` may raise."""
    sight = Sight()
    waiting = [*events]

    async def receive() -> Message:
        return {"type": waiting.pop(0)}

    async def send(message: Message) -> None:
        if refuses:
            raise ValueError(message)

    async def call() -> None:
        await run(Case("a case", app), {"type": "http"}, receive, send, sight)

    try:
        anyio.run(call)
    except ValueError:
        assert sight.end == "raised"
    return sight


async def _reads_three(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    for _ in range(3):
        note("last", (await receive())["type"])


async def _sends(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await send({"type": "http.response.start"})


def test_equal_events_beside_each_other_are_one() -> None:
    """In how many pieces a body comes, each server decides."""
    sight = sight_of(_reads_three, "http.request", "http.request", "http.disconnect")
    assert sight.outcome() == {
        "app.raised": False,
        "app.end": "returned",
        "app.events": ["http.request", "http.disconnect"],
        "app.last": "http.disconnect",
    }


def test_a_send_that_raises_is_kept() -> None:
    """With the name of its exception, which is not compared."""
    sight = sight_of(_sends, refuses=True)
    assert sight.error == "ValueError"
    assert sight.outcome() == {"app.raised": True, "app.end": "raised", "app.events": []}


def test_an_app_that_was_not_called_has_seen_nothing() -> None:
    """A request may be refused before it."""
    assert Sight().outcome() == {"app.raised": False, "app.end": "not called", "app.events": []}


def test_a_file_has_what_was_told(tmp_path: Path) -> None:
    """Another process reads it, while the app still runs as well."""
    path = tmp_path / "run"
    assert read(path).end == "not called"
    sight = Sight(writer(path))
    sight.happens("end", "running")
    sight.happens("event", "http.request")
    sight.note("size", 5)
    assert not read(path).ended
    sight.happens("end", "returned")
    assert read(path).ended
    assert read(path).outcome() == sight.outcome()


@pytest.mark.parametrize(
    ("value", "kept"),
    [("x" * 150, "x" * 150), ("x" * 151, "151 characters"), ([["a", "x" * 200]], [["a", "200 characters"]]), (5, 5)],
)
def test_of_a_long_text_the_length_is_kept(value: Any, kept: Any) -> None:
    """Also inside of lists and dicts."""
    assert short(value) == kept
    assert short({"a": value}) == {"a": kept}
