"""Errors of tests that use a client in a way that it cannot be used: each says what to write instead."""

from __future__ import annotations

import pytest

from asgi_lockstep.errors import (
    ClockNotVirtual,
    MissingExtra,
    NotAnASGIApp,
    SessionNotOpen,
    UnknownOption,
    WrongColour,
    WrongFrame,
)


def test_what_is_no_app_is_told_what_to_give_instead() -> None:
    """The problem, then the way out."""
    error = NotAnASGIApp(5, "5 is not callable.", "Give the application itself.")
    assert (str(error), error.app) == ("5 is not callable. Give the application itself.", 5)


def test_an_unknown_option_lists_the_known_values() -> None:
    """The fix is on the screen."""
    error = UnknownOption("backend", "curio", ["asyncio", "trio"])
    assert str(error) == "backend='curio' does not exist; known are 'asyncio', 'trio'."
    assert (error.option, error.value, error.known) == ("backend", "curio", ("asyncio", "trio"))


def test_a_missing_extra_names_the_command_that_installs_it() -> None:
    """The exact command, to be pasted."""
    error = MissingExtra("trio", 'backend="trio"', "trio")
    assert str(error) == "backend=\"trio\" needs trio, which is not installed. Run: pip install 'asgi-lockstep[trio]'"
    assert error.package == "trio"


def test_a_clock_that_cannot_be_virtual_names_the_options_to_leave_out() -> None:
    """Which loop it is, and what to write."""
    error = ClockNotVirtual("uvloop")
    assert str(error) == (
        'clock="virtual" cannot be had on uvloop: its time cannot be replaced. Leave out use_uvloop and loop_factory, '
        "or the virtual clock."
    )
    assert error.loop == "uvloop"


def test_a_clock_that_cannot_be_virtual_may_name_another_way_out() -> None:
    """Trio has an option of its own."""
    assert str(ClockNotVirtual("a run with a clock of its own", "Leave out the option `clock`.")) == (
        'clock="virtual" cannot be had on a run with a clock of its own: its time cannot be replaced. Leave out the '
        "option `clock`."
    )


def test_an_object_of_the_wrong_colour_is_told_what_to_write() -> None:
    """What was written, and what instead."""
    assert str(WrongColour("TestClient", "`async with`", "Write: with TestClient(app) as client: ...")) == (
        "`async with` does not work on TestClient. Write: with TestClient(app) as client: ..."
    )


@pytest.mark.parametrize(
    ("ended", "when"), [(False, "before it was opened"), (True, "after its block has ended")], ids=["before", "after"]
)
@pytest.mark.parametrize("enter", ["with", "async with"])
def test_a_session_that_is_not_open_shows_how_to_open_it(ended: bool, when: str, enter: str) -> None:
    """Sync and async sessions have a block of their own."""
    assert str(SessionNotOpen("send_text", ended, enter)) == (
        f"send_text() was called on a websocket session {when}. "
        f"Write: {enter} client.websocket_connect(...) as session: ..., and use the session inside."
    )


@pytest.mark.parametrize(("asked", "got"), [("text", "bytes"), ("bytes", "text")])
def test_a_wrong_frame_says_what_to_call_instead(asked: str, got: str) -> None:
    """The frame is not lost."""
    assert str(WrongFrame(asked, got, "/chat")) == (
        f"receive_{asked}() was called, but the next frame from /chat is {got}; "
        f"it is still there: call receive_{got}(), or receive() for either kind."
    )
