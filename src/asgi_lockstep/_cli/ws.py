"""`asgi-lockstep ws`: a websocket, whose frames are lines."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.text import Text

from .._client.websocket.session import WebSocketTestSession
from .._client.websocket_errors import WebSocketDenialResponse
from .heads import head_of_response
from .options import HEAD, Command, Head, Option
from .outcomes import say_error, status_of_close, status_of_response, tells_that_the_client_has_closed
from .setup import APP, APP_OPTIONS, CLOCK, RULES, SERVER, TIMELINE, Setup, client_of, with_setup
from .terminal import as_json, stderr, stdout

#: The code of a normal end, and the one that stands for the absence of a close (RFC 6455 section 7.4.1).
_NORMAL, _NO_CLOSE = 1000, 1006

FRAMES = (
    Option(
        ["--subprotocol", "subprotocols"],
        section="Request",
        multiple=True,
        metavar="NAME",
        help="A subprotocol that is offered, the best first.",
    ),
    Option(["--json"], section="Frames", is_flag=True, help="Lines are JSON; frames with JSON are shown on one line."),
    Option(["--binary"], section="Frames", is_flag=True, help="Lines are bytes in hexadecimal, for binary frames."),
    Option(
        ["--listen"],
        section="Frames",
        is_flag=True,
        help="After the last line, go on until the app closes, or Ctrl-C.  [default: close then]",
    ),
    TIMELINE,
)

EXAMPLES = (
    "asgi-lockstep ws shop:app /chat",
    'echo \'{"text": "hi"}\' | asgi-lockstep ws shop:app /chat --json',
    "asgi-lockstep ws shop:app /prices --listen --clock virtual < /dev/null",
)


@click.command(
    cls=Command,
    examples=EXAMPLES,
    short_help="Open a websocket; lines are frames.",
    params=[APP, click.Argument(["path"], metavar="PATH"), *HEAD, *FRAMES, *APP_OPTIONS, CLOCK, RULES, SERVER],
)
@with_setup
def ws(
    setup: Setup,
    path: str,
    subprotocols: tuple[str, ...],
    json: bool,
    binary: bool,
    listen: bool,
    **values: Any,
) -> None:
    """Open a websocket: each line of the terminal, or of a pipe, is sent as a text frame.

    After each line, all that the app has answered is printed: it runs until it rests. The last line (Ctrl-D in a
    terminal) closes the websocket.

    The exit status is 0 if the websocket was closed with 1000 or 1001, 5 if it failed (1006, 1011), 4 if it was closed
    with another code or the handshake was refused, 1 if the app has raised.
    """
    if json and binary:
        raise click.UsageError("--json and --binary are two ways to read a line. Leave one of them out.")
    head = Head(**values)
    with _unsaid(), client_of(setup, **head.of_client()) as client:
        session = client.websocket_connect(head.url(path), subprotocols or None, **head.of_request())
        closed_by_app: bool | None = None  # as long as nobody has closed
        try:
            with session:
                closed_by_app = _talk(session, _frames(json, binary), listen, as_json_line=json)
        except WebSocketDenialResponse as denial:
            raise click.exceptions.Exit(_denied(denial)) from None
        except Exception as exception:
            if closed_by_app is not False or not tells_that_the_client_has_closed(exception):
                raise
        code = session.close_code or _NORMAL
        stdout().text(_closed(code, session.close_reason, bool(closed_by_app)), style="dim")
    raise click.exceptions.Exit(status_of_close(code))


@contextmanager
def _unsaid() -> Iterator[None]:
    """Within the block, the package warns of nothing: that an app reads on behind its websocket is no news here."""
    logger = logging.getLogger("asgi_lockstep")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _closed(code: int, reason: str, by_app: bool) -> str:
    if code == _NO_CLOSE:
        return f"the app has ended without closing it ({code})"
    return f"closed by the {'app' if by_app else 'client'}: {code}" + (f" {reason}" if reason else "")


def _denied(denial: WebSocketDenialResponse) -> int:
    """Print how a handshake was refused; returns the exit status."""
    say_error(str(denial))
    if not denial.refused:
        stderr().text(head_of_response(denial), style="dim")
        stderr().text(f"\n{denial.text}", style="dim")
    return status_of_response(denial.status_code)


def _frames(json_lines: bool, binary: bool) -> Iterator[str | bytes]:
    """What to send: a frame for each line of stdin. Who has typed a line that is wrong types another one."""
    is_typed = sys.stdin.isatty()
    for line in _lines(is_typed):
        try:
            yield _bytes(line) if binary else _json(line) if json_lines else line
        except click.UsageError as wrong:
            if not is_typed:
                raise
            say_error(wrong.message)


def _lines(is_typed: bool) -> Iterator[str]:
    """The lines of stdin; on a terminal after a prompt, elsewhere they are shown as if somebody had typed them."""
    screen = stdout()
    while True:
        if is_typed:
            screen.print(Text("> ", style="green"), end="")
        line = sys.stdin.readline()
        if not line:
            break
        line = line.rstrip("\r\n")
        if not is_typed:
            screen.print(Text.assemble(("> ", "green"), line), soft_wrap=True)
        yield line
    if is_typed:
        screen.text()


def _bytes(line: str) -> bytes:
    try:
        return bytes.fromhex(line)
    except ValueError:
        raise click.UsageError(f"{line!r} is no bytes in hexadecimal: --binary sends lines such as 01 ff.") from None


def _json(line: str) -> str:
    try:
        return as_json(json.loads(line))
    except ValueError as error:
        raise click.UsageError(f"{line!r} is no JSON: {error}. Without --json, lines are sent as they are.") from None


def _talk(session: WebSocketTestSession, frames: Iterator[str | bytes], listen: bool, as_json_line: bool) -> bool:
    """Send frames, and print what comes, until one side has closed; returns whether that is the app."""
    if session.accepted_subprotocol:
        stdout().text(f"subprotocol {session.accepted_subprotocol}", style="dim")
    closed = _print_pending(session, as_json_line)
    while not closed and (frame := next(frames, None)) is not None:
        if isinstance(frame, bytes):
            session.send_bytes(frame)
        else:
            session.send_text(frame)
        closed = _print_pending(session, as_json_line)
    while listen and not closed:
        _print(session.receive(), as_json_line)
        closed = _print_pending(session, as_json_line)
    return closed


def _print_pending(session: WebSocketTestSession, as_json_line: bool) -> bool:
    """Print what has come; returns whether the app has closed, or ended."""
    while session.pending:
        _print(session.receive(), as_json_line)
    return session.close_code is not None


def _print(message: Any, as_json_line: bool) -> None:
    if message["type"] == "websocket.close":
        return  # that is said at the end
    text = message.get("text")
    if text is None:
        shown = f"{message['bytes'].hex(' ')}  ({len(message['bytes'])} bytes)"
    else:
        shown = _compact(text) if as_json_line else text.replace("\n", "\n  ")
    screen = stdout()
    screen.print(Text.assemble(("< ", "cyan"), shown), soft_wrap=True)
    screen.file.flush()


def _compact(text: str) -> str:
    try:
        return as_json(json.loads(text))
    except ValueError:
        return text
