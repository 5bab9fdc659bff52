"""`asgi-lockstep sse`: events as they arrive."""

from __future__ import annotations

import pytest

from cli.runs import CommandLine, Ran

TICKER = """
import anyio

STREAM = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}

async def app(scope, receive, send):
    if scope["path"] == "/json":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        return await send({"type": "http.response.body", "body": b"{}\\n"})
    if scope["path"] == "/nowhere":
        await send({"type": "http.response.start", "status": 404})
        return await send({"type": "http.response.body", "body": b"no\\n"})
    await send(STREAM)
    events = [b"data: one\\ndata: two\\n\\n", b"event: tick\\nid: 7\\nretry: 10\\ndata: {}\\n\\n"]
    if scope["path"] == "/ends":
        for event in events:
            await send({"type": "http.response.body", "body": event, "more_body": True})
        return await send({"type": "http.response.body"})
    number = 0
    while True:
        number += 1
        await send({"type": "http.response.body", "body": b"data: %d\\n\\n" % number, "more_body": True})
        if scope["path"] == "/raises" and number == 2:
            raise ValueError("no")
        await anyio.sleep(60)
"""


@pytest.fixture
def ticker(command_line: CommandLine) -> CommandLine:
    """The command line, with an app that sends events."""
    command_line.write(ticker=TICKER)
    return command_line


def test_events_are_printed_as_they_stand_in_the_stream(ticker: CommandLine) -> None:
    """Until it ends."""
    assert ticker("sse", "ticker:app", "/ends", "--no-lifespan") == Ran(
        0, "data: one\ndata: two\n\nevent: tick\nid: 7\nretry: 10\ndata: {}\n\n"
    )


def test_events_are_printed_as_lines_of_json(ticker: CommandLine) -> None:
    """What an event does not say is left out."""
    assert ticker("sse", "ticker:app", "/ends", "--no-lifespan", "--json") == Ran(
        0,
        '{"event": "message", "data": "one\\ntwo"}\n{"event": "tick", "data": "{}", "id": "7", "retry": 10}\n',
    )


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_endless_ticker_comes_at_once_on_a_virtual_clock(ticker: CommandLine, backend: str) -> None:
    """Up to the limit, and with the second at which each event came."""
    args = ("--no-lifespan", "--clock", "virtual", "--limit", "3", "--backend", backend)
    assert ticker("sse", "ticker:app", "/", *args) == Ran(
        0, ": at 0 s\ndata: 1\n\n: at 60 s\ndata: 2\n\n: at 120 s\ndata: 3\n\n"
    )
    assert ticker("sse", "ticker:app", "/", *args, "--json").out.splitlines()[-1] == (
        '{"event": "message", "data": "3", "time": 120.0}'
    )


def test_what_is_no_stream_is_shown_and_said(ticker: CommandLine) -> None:
    """With the exit status 1, since it was answered well."""
    assert ticker("sse", "ticker:app", "/json", "--no-lifespan") == Ran(
        1, "{}\n", "Error: GET /json was answered with 200 and application/json, and not with text/event-stream.\n"
    )


def test_a_response_of_an_error_has_its_exit_status(ticker: CommandLine) -> None:
    """Whatever its content type."""
    assert ticker("sse", "ticker:app", "/nowhere", "--no-lifespan") == Ran(
        4, "no\n", "Error: GET /nowhere was answered with 404 and no content type, and not with text/event-stream.\n"
    )


def test_an_exception_comes_after_the_events_before_it(ticker: CommandLine) -> None:
    """With its traceback, and the exit status 1."""
    assert ticker("sse", "ticker:app", "/raises", "--no-lifespan", "--clock", "virtual") == Ran(
        1,
        ": at 0 s\ndata: 1\n\n: at 60 s\ndata: 2\n\n",
        "Traceback (most recent call last):\n"
        '  File "FOLDER/ticker.py", line 24, in app\n'
        '    raise ValueError("no")\n'
        "ValueError: no\n",
    )


def test_verbose_shows_the_heads(ticker: CommandLine) -> None:
    """On stderr."""
    ran = ticker("sse", "ticker:app", "/ends", "--no-lifespan", "-v")
    head, rest = ran.err.split("\n\n", 1)
    assert "Accept: text/event-stream" in head.splitlines()
    assert rest == "HTTP/1.1 200 OK\ncontent-type: text/event-stream\n\n"
