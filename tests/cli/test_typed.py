"""A person at a terminal: prompts, answers below what was typed, Ctrl-C and Ctrl-D, bars."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys

import pytest

from cli.apps import FASTAPI
from cli.runs import CommandLine, environment

pty = pytest.importorskip("pty", reason="there are no pseudo-terminals")

#: The terminal becomes that of the process, so that Ctrl-C in it is a signal; then the command line takes its place.
_TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "asgi_lockstep", *sys.argv[1:]])
"""

#: For how many seconds nothing has to come of a key before it is typed again.
_PATIENCE = 5.0

_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """The command line in a terminal.

    Args:
        args: of the command.
        folder: the working directory.
    """

    def __init__(self, *args: str, folder: str) -> None:
        self.shown = ""
        self._terminal, other_end = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, *args],
            cwd=folder,
            env={**environment(), "TERM": "xterm", "COLUMNS": "80"},
            stdin=other_end,
            stdout=other_end,
            stderr=other_end,
            start_new_session=True,
        )
        os.close(other_end)

    def type(self, text: str) -> None:
        """Type something, without waiting for anything."""
        os.write(self._terminal, text.encode())

    def read_until(self, text: str) -> None:
        """Read what is shown until it ends with `text`, which comes anew."""
        begin = len(self.shown)
        while not _STYLES.sub("", self.shown[begin:]).endswith(text):
            more = self._read()
            assert more, f"{text!r} never came after {self.shown!r}"
            self.shown += more

    def end(self, key: str = "") -> int:
        """Type a key, and read to the end; returns the exit status.

        It is typed again where nothing comes of it: a terminal that changes its mode at this moment, for a prompt,
        forgets what was typed.
        """
        while True:
            if key:
                self.type(key)
            while select.select([self._terminal], [], [], _PATIENCE)[0]:
                more = self._read()
                if not more:
                    os.close(self._terminal)
                    return self._process.wait(timeout=60)
                self.shown += more

    @property
    def lines(self) -> list[str]:
        """The lines that were shown, without colours."""
        return _STYLES.sub("", self.shown).replace("\r", "").splitlines()

    def _read(self) -> str:
        try:
            return os.read(self._terminal, 1024).decode()
        except OSError:  # Linux: nobody has the other end any more
            return ""


@pytest.fixture
def folder(command_line: CommandLine) -> str:
    """A folder with an app."""
    command_line.write(shop=FASTAPI)
    return str(command_line.folder)


def test_each_line_is_answered_before_the_next_prompt(folder: str) -> None:
    """Ctrl-D closes the websocket."""
    terminal = Terminal("ws", "shop:app", "/echo", folder=folder)
    for word in ("one", "two"):
        terminal.read_until("> ")
        terminal.type(f"{word}\n")
    terminal.read_until("\n> ")
    assert terminal.end("\x04") == 0
    assert terminal.lines == [
        "> one",
        "< you said one",
        "> two",
        "< you said two",
        "> ",
        "closed by the client: 1000",
    ]


def test_a_line_that_is_wrong_is_said_and_can_be_typed_again(folder: str) -> None:
    """The websocket stays open."""
    terminal = Terminal("ws", "shop:app", "/echo", "--json", folder=folder)
    terminal.read_until("> ")
    terminal.type("{\n")
    terminal.read_until("\n> ")
    terminal.type("{}\n")
    terminal.read_until("\n> ")
    assert terminal.end("\x04") == 0
    assert terminal.lines[0] == "> {"
    assert terminal.lines[1].startswith("Error: '{' is no JSON: ")
    assert terminal.lines[2:4] == ["> {}", "< you said {}"]


def test_ctrl_c_ends_a_websocket_without_a_traceback(folder: str) -> None:
    """With the exit status 130."""
    terminal = Terminal("ws", "shop:app", "/echo", folder=folder)
    terminal.read_until("> ")
    assert terminal.end("\x03") == 130
    assert terminal.lines == ["> ^C"]


def test_ctrl_c_instead_of_a_password_ends_it(folder: str) -> None:
    """With the same exit status; nothing has been imported, or asked, by then."""
    terminal = Terminal("request", "shop:app", "/", "--auth", "me", folder=folder)
    terminal.read_until("Password: ")
    assert terminal.end("\x03") == 130


def test_a_measurement_has_a_bar_that_is_gone_afterwards(folder: str) -> None:
    """What stays is the result."""
    terminal = Terminal("bench", "shop:app", "/", "-n", "20", folder=folder)
    assert terminal.end() == 0
    assert "70/70" in terminal.shown
    assert "GET /  200 (20 times)" in "".join(terminal.lines)
