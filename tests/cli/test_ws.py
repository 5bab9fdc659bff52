"""`asgi-lockstep ws`: lines in, frames out, and how it ends."""

from __future__ import annotations

import pytest

from cli.apps import FASTAPI
from cli.runs import CommandLine, Ran

SOCKET = """
import anyio

async def app(scope, receive, send):
    await receive()
    path = scope["path"]
    if path == "/denied":
        await send({"type": "websocket.http.response.start", "status": 401, "headers": [(b"x-why", b"token")]})
        return await send({"type": "websocket.http.response.body", "body": b"who are you?"})
    if path == "/refused":
        return await send({"type": "websocket.close", "code": 4000})
    await send({"type": "websocket.accept", "subprotocol": next(iter(scope["subprotocols"]), None)})
    if path == "/returns":
        return
    if path.startswith("/close/"):
        return await send({"type": "websocket.close", "code": int(path.removeprefix("/close/")), "reason": "so"})
    if path == "/later":
        for number in (1, 2):
            await anyio.sleep(60)
            await send({"type": "websocket.send", "text": f"{number}\\nmore"})
        return await send({"type": "websocket.close"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})
"""


@pytest.fixture
def socket(command_line: CommandLine) -> CommandLine:
    """The command line, with an app of websockets."""
    command_line.write(sockets=SOCKET)
    return command_line


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_each_line_is_answered_below_it(socket: CommandLine, backend: str) -> None:
    """The last line closes the websocket."""
    ran = socket("ws", "sockets:app", "/", "--no-lifespan", "--backend", backend, stdin="one\n\n[b]two")
    assert ran == Ran(0, "> one\n< one\n> \n< \n> [b]two\n< [b]two\nclosed by the client: 1000\n")


def test_json_is_checked_and_shown_on_one_line(socket: CommandLine) -> None:
    """As it is sent."""
    ran = socket("ws", "sockets:app", "/", "--no-lifespan", "--json", stdin='{"a" :   "é"}\n')
    assert ran == Ran(0, '> {"a" :   "é"}\n< {"a": "é"}\nclosed by the client: 1000\n')


def test_frames_that_are_no_json_are_shown_as_they_are(command_line: CommandLine) -> None:
    """Nobody has promised that the app answers with JSON."""
    command_line.write(shop=FASTAPI)
    ran = command_line("ws", "shop:app", "/echo", "--json", stdin="1\n")
    assert ran == Ran(0, "> 1\n< you said 1\nclosed by the client: 1000\n")


def test_lines_that_are_no_json_end_it(socket: CommandLine) -> None:
    """With what is wrong, and the exit status of a command that is wrong."""
    ran = socket("ws", "sockets:app", "/", "--no-lifespan", "--json", stdin="hi\n")
    assert (ran.status, ran.out) == (2, "> hi\n")
    assert ran.err.splitlines()[-1] == (
        "Error: 'hi' is no JSON: Expecting value: line 1 column 1 (char 0). Without --json, lines are sent as they are."
    )


def test_lines_that_are_no_bytes_end_it(socket: CommandLine) -> None:
    """In the same way."""
    ran = socket("ws", "sockets:app", "/", "--no-lifespan", "--binary", stdin="hi\n")
    assert (ran.status, ran.out) == (2, "> hi\n")
    assert ran.err.splitlines()[-1] == "Error: 'hi' is no bytes in hexadecimal: --binary sends lines such as 01 ff."


def test_binary_frames_are_hexadecimal(socket: CommandLine) -> None:
    """In both directions."""
    ran = socket("ws", "sockets:app", "/", "--no-lifespan", "--binary", stdin="01 ff\n")
    assert ran == Ran(0, "> 01 ff\n< 01 ff  (2 bytes)\nclosed by the client: 1000\n")


def test_the_subprotocol_is_shown(socket: CommandLine) -> None:
    """The one that the app has chosen."""
    ran = socket("ws", "sockets:app", "/", "--no-lifespan", "--subprotocol", "chat", "--subprotocol", "other")
    assert ran == Ran(0, "subprotocol chat\nclosed by the client: 1000\n")


def test_listen_waits_until_the_app_closes(socket: CommandLine) -> None:
    """On a virtual clock at once; a frame of several lines is indented."""
    ran = socket("ws", "sockets:app", "/later", "--no-lifespan", "--listen", "--clock", "virtual")
    assert ran == Ran(0, "< 1\n  more\n< 2\n  more\nclosed by the app: 1000\n")


@pytest.mark.parametrize(
    ("code", "status"), [(1000, 0), (1001, 0), (1003, 4), (1008, 4), (1011, 5), (1013, 5), (3000, 4), (4999, 4)]
)
def test_the_exit_status_is_the_kind_of_the_close_code(socket: CommandLine, code: int, status: int) -> None:
    """0 for a normal end, 5 for a failure, 4 for what the app refuses."""
    ran = socket("ws", "sockets:app", f"/close/{code}", "--no-lifespan", stdin="not read\n")
    assert ran == Ran(status, f"closed by the app: {code} so\n")


def test_an_app_that_returns_has_not_closed(socket: CommandLine) -> None:
    """1006 stands for the absence of a close."""
    ran = socket("ws", "sockets:app", "/returns", "--no-lifespan")
    assert ran == Ran(5, "the app has ended without closing it (1006)\n")


def test_a_denied_handshake_shows_the_response(socket: CommandLine) -> None:
    """With the exit status of its class."""
    assert socket("ws", "sockets:app", "/denied", "--no-lifespan") == Ran(
        4,
        "",
        "Error: the websocket handshake was refused with status 401\n"
        "HTTP/1.1 401 Unauthorized\nx-why: token\n\nwho are you?\n",
    )


def test_a_refused_handshake_is_a_403(socket: CommandLine) -> None:
    """As servers answer it."""
    assert socket("ws", "sockets:app", "/refused", "--no-lifespan") == Ran(
        4,
        "",
        "Error: the app has refused ws://testserver/refused (code 4000) before it accepted: a server answers 403.\n",
    )


def test_an_exception_of_the_app_is_shown(command_line: CommandLine) -> None:
    """With the exit status 1."""
    command_line.write(shop=FASTAPI)
    ran = command_line("ws", "shop:app", "/fails", stdin="one\n")
    assert (ran.status, ran.out) == (1, "> one\n")
    assert ran.err.splitlines()[-2] == "ValueError: no"


def test_an_app_that_ends_because_its_client_has_closed_has_not_failed(command_line: CommandLine) -> None:
    """Frameworks end it with an exception."""
    command_line.write(shop=FASTAPI)
    ran = command_line("ws", "shop:app", "/echo", stdin="one\n")
    assert ran == Ran(0, "> one\n< you said one\nclosed by the client: 1000\n")


def test_json_and_binary_exclude_each_other(socket: CommandLine) -> None:
    """Nothing is sent."""
    ran = socket("ws", "sockets:app", "/", "--json", "--binary")
    assert (ran.status, ran.err.splitlines()[-1]) == (
        2,
        "Error: --json and --binary are two ways to read a line. Leave one of them out.",
    )
