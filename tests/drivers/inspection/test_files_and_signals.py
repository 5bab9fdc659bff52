"""Files that a loop watches, and handlers of signals."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import unittest.signals
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

from asgi_lockstep._drivers.inspection.files_and_signals import describe_file, signal_handlers

#: The module with the names that Windows does not have.
SIGNALS: Any = signal
#: The same for sockets.
SOCKETS: Any = socket


# Files.


def test_a_connected_socket_is_shown_with_its_peer() -> None:
    """A database, for example."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address) as ours:
            number, port = ours.fileno(), ours.getsockname()[1]
            assert describe_file(number) == (
                f"socket {number}, connected to 127.0.0.1:{address[1]}, at 127.0.0.1:{port}"
            )
            assert ours.getpeername() == address  # it is still open


def test_a_listening_socket_is_shown_as_one() -> None:
    """A server that the app has started."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number, port = server.fileno(), server.getsockname()[1]
        assert describe_file(number) == f"socket {number}, listening, at 127.0.0.1:{port}"


def test_an_unconnected_socket_is_shown_as_one() -> None:
    """Datagrams need no connection."""
    with socket.socket(type=socket.SOCK_DGRAM) as ours:
        ours.bind(("127.0.0.1", 0))
        number, port = ours.fileno(), ours.getsockname()[1]
        assert describe_file(number) == f"socket {number}, unconnected, at 127.0.0.1:{port}"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sockets in the file system")
def test_a_socket_in_the_file_system_is_shown_with_its_path(tmp_path: Path) -> None:
    """Its address is one word."""
    with socket.socket(SOCKETS.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()
        number = server.fileno()
        assert describe_file(number) == f"socket {number}, listening, at {str(tmp_path / 's')!r}"


@pytest.fixture
def pipe() -> Iterator[int]:
    """A file descriptor that is no socket."""
    reading, writing = os.pipe()
    yield reading
    os.close(reading)
    os.close(writing)


def test_a_pipe_is_shown_by_its_number(pipe: int) -> None:
    """A subprocess is at its other end."""
    assert describe_file(pipe) == f"file descriptor {pipe}, a pipe or a device"


def test_a_file_that_is_closed_is_shown_by_its_number() -> None:
    """The app may have closed it behind the back of its loop."""
    reading, writing = os.pipe()
    os.close(reading)
    os.close(writing)
    assert describe_file(reading) == f"file descriptor {reading}, which is closed"


def test_describing_a_socket_copies_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows cannot copy a socket as a file; the one that is described stays as it is."""
    monkeypatch.delattr(os, "dup")
    with socket.socket(type=socket.SOCK_DGRAM) as ours:
        ours.settimeout(7)
        described = describe_file(ours.fileno())
        assert (described.startswith(f"socket {ours.fileno()}, "), ours.gettimeout()) == (True, 7)
        ours.bind(("127.0.0.1", 0))  # still open


@pytest.mark.skipif(sys.platform != "linux", reason="/proc lists the open files of a process")
def test_describing_a_file_leaves_no_other_open(pipe: int) -> None:
    """Not even where it is no socket."""
    before = os.listdir("/proc/self/fd")
    describe_file(pipe)
    assert os.listdir("/proc/self/fd") == before


# Signal handlers.


@pytest.fixture
def handle() -> Iterator[Callable[[Any], None]]:
    """Sets the handler of a signal that nobody else uses."""
    if sys.platform == "win32":
        pytest.skip("Windows has no signals that nobody else uses")
    before = signal.getsignal(SIGNALS.SIGUSR1)

    def set_to(chosen: Any) -> None:
        signal.signal(SIGNALS.SIGUSR1, chosen)

    yield set_to
    signal.signal(SIGNALS.SIGUSR1, before)


def handler(*_: object) -> None:
    """A signal handler."""


class Handler:
    """An object that handles signals."""

    def __call__(self, *_: object) -> None:
        """Handle one."""


def of_module(name: str) -> Callable[..., None]:
    """A handler that was written there."""

    def other(*_: object) -> None:
        pass

    other.__module__, other.__qualname__ = name, "other"
    return other


@pytest.mark.parametrize("chosen", [handler, partial(handler, 1)], ids=["function", "partial"])
def test_the_signal_handler_of_an_app_is_named(handle: Callable[[Any], None], chosen: Any) -> None:
    """With its signal."""
    before = signal_handlers()
    handle(chosen)
    assert [text for text in signal_handlers() if text not in before] == [f"a handler of SIGUSR1: {__name__}.handler"]


def test_an_object_that_handles_signals_is_named(handle: Callable[[Any], None]) -> None:
    """By its own words."""
    chosen = Handler()
    handle(chosen)
    assert f"a handler of SIGUSR1: {__name__}.{chosen!r}" in signal_handlers()


def test_the_ctrl_c_of_unittest_is_no_handler_of_an_app(handle: Callable[[Any], None]) -> None:
    """`python -m unittest -c`, and Django's `manage.py test`: an object of theirs, which ends the run."""
    before = signal_handlers()
    handle(unittest.signals._InterruptHandler(signal.default_int_handler))  # type: ignore[attr-defined]
    assert signal_handlers() == before


@pytest.mark.parametrize("chosen", [signal.SIG_IGN, signal.SIG_DFL, signal.default_int_handler])
def test_what_python_does_with_a_signal_by_itself_is_no_handler(handle: Callable[[Any], None], chosen: Any) -> None:
    """Nobody hears of it."""
    before = signal_handlers()
    handle(chosen)
    assert signal_handlers() == before


@pytest.mark.parametrize(
    "module", ["_pytest.faulthandler", "pytest_timeout", "asyncio.runners", "coverage.control", "trio._core._ki"]
)
def test_the_handlers_of_a_test_run_are_no_part_of_the_app(handle: Callable[[Any], None], module: str) -> None:
    """They end it; also where they are partial functions."""
    before = signal_handlers()
    handle(of_module(module))
    plain = signal_handlers()
    handle(partial(of_module(module), 1))
    assert (plain, signal_handlers()) == (before, before)


@pytest.mark.parametrize("module", ["signals", "trio_app.jobs", "coverage_report"])
def test_a_module_of_the_app_may_have_a_name_like_theirs(handle: Callable[[Any], None], module: str) -> None:
    """It is another one."""
    handle(of_module(module))
    assert f"a handler of SIGUSR1: {module}.other" in signal_handlers()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_what_a_loop_does_about_an_interrupt_is_no_handler_of_the_app(backend: str) -> None:
    """`asyncio.run()` and `trio.run()` set one for Ctrl-C."""
    before = signal_handlers()

    async def main() -> None:
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        assert signal_handlers() == before

    anyio.run(main, backend=backend)


@pytest.mark.skipif(sys.platform == "win32", reason="loops of Windows handle no signals")
def test_a_handler_that_the_app_has_given_to_its_loop_is_named() -> None:
    """By asyncio's own, which is all that Python knows of it."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(SIGNALS.SIGUSR1, print)
        try:
            assert "a handler of SIGUSR1: asyncio.unix_events._sighandler_noop" in signal_handlers()
        finally:
            loop.remove_signal_handler(SIGNALS.SIGUSR1)

    asyncio.run(main())
