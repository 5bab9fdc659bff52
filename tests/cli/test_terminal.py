"""What a terminal shows: heads, indented JSON, colours; and nothing of it in a pipe."""

from __future__ import annotations

import pytest

from asgi_lockstep._cli.terminal import language_of
from cli.runs import CommandLine, Ran

KINDS = """
BODIES = {
    "/json": (b"application/json", b'{"a": [1, "caf\\xc3\\xa9"], "b": {}}'),
    "/problem": (b"application/problem+json", b'{"title": "no"}'),
    "/wrong": (b"application/json", b'{"a": '),
    "/text": (b"text/plain; charset=utf-8", b"[bold]as it is[/bold]\\n"),
    "/image": (b"image/png", b"\\x89PNG"),
    "/html": (b"text/html", b"<p>hi</p>"),
    "/none": (None, b"plain"),
    "/empty": (None, b""),
}

async def app(scope, receive, send):
    if scope["path"] == "/raises":
        raise ValueError("no")
    kind, body = BODIES[scope["path"]]
    headers = [] if kind is None else [(b"content-type", kind)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
"""


@pytest.fixture
def terminal(command_line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line as it prints to a terminal that has no colours."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "60")
    command_line.write(kinds=KINDS)
    return command_line


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/json", '{\n  "a": [\n    1,\n    "café"\n  ],\n  "b": {}\n}\n'),
        ("/problem", '{\n  "title": "no"\n}\n'),
        ("/wrong", '{"a":\n'),
        ("/text", "[bold]as it is[/bold]\n"),
        ("/image", "<4 bytes, image/png: --download FILE saves them>\n"),
        ("/html", "<p>hi</p>\n"),
        ("/none", "plain\n"),
        ("/empty", ""),
    ],
)
def test_a_terminal_shows_bodies_for_people(terminal: CommandLine, path: str, shown: str) -> None:
    """JSON indented, text as it is, and of bytes how many there are."""
    ran = terminal("request", "kinds:app", path, "--no-lifespan")
    assert (ran.status, ran.out) == (0, shown)


def test_a_terminal_shows_the_head_of_the_response(terminal: CommandLine) -> None:
    """On stderr, as it does not belong to the body."""
    assert terminal("request", "kinds:app", "/html", "--no-lifespan") == Ran(
        0, "<p>hi</p>\n", "HTTP/1.1 200 OK\ncontent-type: text/html\n\n"
    )


def test_a_terminal_has_colours(terminal: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """For JSON, heads and tracebacks."""
    monkeypatch.setenv("TERM", "xterm-256color")
    shown = terminal("request", "kinds:app", "/problem", "--no-lifespan")
    raised = terminal("request", "kinds:app", "/raises", "--no-lifespan")
    assert '\x1b[94;49m"title"' in shown.out
    assert "\x1b[96;49mcontent-type" in shown.err
    assert "\x1b[91;49mValueError" in raised.err


def test_no_color_leaves_them_out(terminal: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As no-color.org has it."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal("request", "kinds:app", "/problem", "--no-lifespan").out == '{\n  "title": "no"\n}\n'


def test_a_pipe_gets_the_bytes(command_line: CommandLine) -> None:
    """Whatever they are."""
    command_line.write(kinds=KINDS)
    assert command_line("request", "kinds:app", "/wrong", "--no-lifespan") == Ran(0, '{"a": ')


@pytest.mark.parametrize(
    ("content_type", "language"),
    [
        ("application/json", "json"),
        ("application/vnd.api+json; charset=utf-8", "json"),
        ("TEXT/HTML", "html"),
        ("image/svg+xml", "xml"),
        ("text/csv", ""),
        ("application/octet-stream", None),
        ("", None),
    ],
)
def test_the_language_is_that_of_the_content_type(content_type: str, language: str | None) -> None:
    """A body that is no text has none."""
    assert language_of(content_type) == language
