"""`python -m asgi_lockstep` as a process: pipes, Ctrl-C, and what it needs."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from cli.apps import ECHO, FASTAPI
from cli.runs import CommandLine, Ran, environment

TICKER = """
import anyio
from contextlib import asynccontextmanager

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        open("stopped", "w").close()
        return await send({"type": "lifespan.shutdown.complete"})
    await send({
        "type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]
    })
    while True:
        await send({"type": "http.response.body", "body": b"data: tick\\n\\n", "more_body": True})
        await anyio.sleep(0.001 if scope["path"] == "/fast" else 3600)
"""

NOT_ON_WINDOWS = pytest.mark.skipif(sys.platform == "win32", reason="its pipes and interrupts are others")


def test_an_app_of_fastapi_in_a_process(command_line: CommandLine) -> None:
    """Stdout has the body and nothing else."""
    command_line.write(shop=FASTAPI)
    assert command_line.outside("request", "shop:app", "/") == Ran(0, '{"greeting":"hello","numbers":[1,2]}')


def test_a_bare_app_on_trio_reads_from_a_pipe(command_line: CommandLine) -> None:
    """JSON comes through stdin."""
    command_line.write(echo=ECHO)
    args = ("request", "echo:app", "PUT", "/a", "--json", "-", "--backend", "trio")
    assert command_line.outside(*args, stdin='{"a": 1}') == Ran(
        0, '{"called": "PUT /a", "type": "application/json", "body": "{\\"a\\":1}", "host": "testserver"}'
    )


def test_a_websocket_between_two_pipes(command_line: CommandLine) -> None:
    """Each answer is there before the next line is sent."""
    command_line.write(shop=FASTAPI)
    with command_line.process("ws", "shop:app", "/echo") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for word in ("one", "two"):
            process.stdin.write(f"{word}\n")
            process.stdin.flush()
            assert [process.stdout.readline(), process.stdout.readline()] == [f"> {word}\n", f"< you said {word}\n"]
        assert process.communicate(timeout=60) == ("closed by the client: 1000\n", "")
    assert process.returncode == 0


def test_a_wrong_name_ends_a_process_with_2(command_line: CommandLine) -> None:
    """Its text is on stderr."""
    assert command_line.outside("request", "shop:app", "/").status == 2


@NOT_ON_WINDOWS
def test_an_interrupt_ends_a_stream_without_a_traceback(command_line: CommandLine) -> None:
    """With the exit status 130; the app is stopped in order."""
    command_line.write(ticker=TICKER)
    with command_line.process("sse", "ticker:app", "/") as process:
        assert process.stdout is not None
        assert [process.stdout.readline(), process.stdout.readline()] == ["data: tick\n", "\n"]
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 130
    assert (command_line.folder / "stopped").exists()


@NOT_ON_WINDOWS
@pytest.mark.parametrize("args", [("sse", "ticker:app", "/fast"), ("request", "ticker:app", "/fast", "--stream")])
def test_a_pipe_that_nobody_reads_ends_a_stream(command_line: CommandLine, args: tuple[str, ...]) -> None:
    """As `head` does it: no complaint, and the exit status of a program that is ended by SIGPIPE."""
    command_line.write(ticker=TICKER)
    with command_line.process(*args) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "data: tick\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141
    assert (command_line.folder / "stopped").exists()


@pytest.mark.parametrize("library", ["click", "rich"])
def test_without_its_libraries_it_says_how_to_install_them(library: str) -> None:
    """In one line, with the exit status 2."""
    program = f"import sys; sys.modules[{library!r}] = None; from asgi_lockstep.__main__ import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=False, timeout=60
    )
    assert Ran(ran.returncode, ran.stdout, ran.stderr) == Ran(
        2,
        "",
        f"The command line needs {library}, which is not installed. Run: pip install 'asgi-lockstep[cli]'\n",
    )


def test_the_package_does_not_import_them() -> None:
    """A test suite needs neither."""
    program = "import sys, asgi_lockstep; sys.exit(bool({'click', 'rich'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", program], env=environment(), check=False, timeout=60).returncode == 0
