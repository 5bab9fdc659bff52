"""How a command ends: its exit status, and what is said where it did not do what it was asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.text import Text

from ..errors import UsageError
from .app_name import ImportFailed, WrongApp
from .terminal import OutputGone, stderr
from .tracebacks import text_of

#: What an exit status means; 0, 4 and 5 are the classes of responses.
FAILED, WRONG_USE, INTERRUPTED, NOBODY_READS = 1, 2, 130, 141


def status_of_response(code: int) -> int:
    """The exit status for a status of HTTP: 4 and 5 for those of errors, 0 for all others."""
    return min(code // 100, 5) if code >= 400 else 0


def status_of_close(code: int) -> int:
    """The exit status for the close code of a websocket (RFC 6455 section 7.4.1).

    0 for a normal end (1000, 1001, and 1005: no code was given), 5 for those of a failure or an overload (1006, 1011 to
    1014), 4 for all others: the app refuses what the client did.
    """
    if code in (1000, 1001, 1005):
        return 0
    return 5 if code == 1006 or 1011 <= code <= 1014 else 4


def tells_that_the_client_has_closed(exception: Exception) -> bool:
    """Whether it is only what frameworks raise in an app whose client has closed: that is no failure."""
    return type(exception).__name__.startswith(("WebSocketDisconnect", "ClientDisconnect"))


@contextmanager
def outcome(all_frames: bool = False) -> Iterator[None]:
    """Around each command: whatever comes out of it becomes an exit status, with a text on stderr.

    Args:
        all_frames: whether tracebacks show the lines of libraries, too.

    Raises:
        click.exceptions.Exit: always where the block raises something that is not click's own.
    """
    try:
        yield
    except (KeyboardInterrupt, click.Abort):
        raise click.exceptions.Exit(INTERRUPTED) from None
    except OutputGone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at its end
        raise click.exceptions.Exit(NOBODY_READS) from None
    except (click.ClickException, click.exceptions.Exit):
        raise
    except (WrongApp, UsageError) as wrong:
        say_error(str(wrong))
        raise click.exceptions.Exit(WRONG_USE) from None
    except ImportFailed as failed:
        show_exception(failed.__cause__ or failed, all_frames)
        say_error(str(failed))
        raise click.exceptions.Exit(FAILED) from None
    except Exception as exception:
        show_exception(exception, all_frames)
        raise click.exceptions.Exit(FAILED) from None


def say_error(text: str) -> None:
    """Print what is wrong, as click prints it."""
    stderr().print(Text.assemble(("Error: ", "bold red"), text), soft_wrap=True)


def show_exception(exception: BaseException, all_frames: bool) -> None:
    """Print what was raised, with its traceback."""
    stderr().syntax(text_of(exception, all_frames), "pytb")
