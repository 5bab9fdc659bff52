"""Every exception of our own: whose fault its class says it is, and the text it makes of its fields."""

from __future__ import annotations

import inspect
import re

import pytest

from asgi_lockstep import errors
from asgi_lockstep.errors import (
    Deadlock,
    IncompleteResponse,
    LifespanFailed,
    LockstepError,
    MissingExtra,
    NoResponse,
    NotAnASGIApp,
    ProtocolViolation,
    SessionNotOpen,
    UnknownOption,
    UsageError,
    WebSocketDisconnect,
    WrongFrame,
)

CLASSES = {
    name: cls for name, cls in vars(errors).items() if inspect.isclass(cls) and cls.__module__ == errors.__name__
}


def test_the_class_says_whose_fault_it_is() -> None:
    """Each class is ours and, where Python has a word for the mistake, also what people catch for it."""
    assert {name: cls.__bases__ for name, cls in CLASSES.items()} == {
        "LockstepError": (Exception,),
        "ProtocolViolation": (LockstepError, AssertionError),
        "NoResponse": (ProtocolViolation,),
        "IncompleteResponse": (ProtocolViolation,),
        "LifespanFailed": (LockstepError,),
        "BackgroundFailed": (LockstepError,),
        "Deadlock": (LockstepError,),
        "UsageError": (LockstepError, RuntimeError),
        "NotAnASGIApp": (UsageError, TypeError),
        "UnknownOption": (UsageError, ValueError),
        "MissingExtra": (UsageError, ImportError),
        "SessionNotOpen": (UsageError,),
        "WrongColour": (UsageError,),
        "WrongFrame": (UsageError,),
        "WebSocketDisconnect": (Exception,),
    }


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    """One screen shows what to catch: each class stands there below its base."""
    path: list[str] = []
    drawn = {}
    for line in inspect.cleandoc(errors.__doc__ or "").splitlines()[2:]:
        match = re.match(r"[ │├└─]*(?=\w)", line)
        assert match is not None, line
        del path[match.end() // 4 :]
        name = line[match.end() :].split()[0]
        drawn[name] = path[-1] if path else "Exception"
        path.append(name)
    assert drawn == {name: cls.__bases__[0].__name__ for name, cls in CLASSES.items()}


def test_a_violation_says_what_where_and_what_instead() -> None:
    """The general sentence, the exchange and its state, what may be sent, and the section of the specification."""
    error = ProtocolViolation(
        "http.response.push",
        request="GET /items",
        state="response started",
        allowed=["http.response.body", "http.response.trailers"],
        section="www.rst: HTTP",
    )
    assert str(error) == (
        'Received "http.response.push", which is not allowed here. The app broke ASGI in GET /items '
        '(response started): it may send "http.response.body" or "http.response.trailers" now. [www.rst: HTTP]'
    )
    assert (error.message_type, error.request, error.state, error.allowed, error.section) == (
        "http.response.push",
        "GET /items",
        "response started",
        ("http.response.body", "http.response.trailers"),
        "www.rst: HTTP",
    )


def test_a_violation_where_nothing_is_allowed_says_so() -> None:
    """Without a section there is no bracket."""
    error = ProtocolViolation("http.response.body", request="GET /items", state="response complete")
    assert str(error) == (
        'Received "http.response.body", which is not allowed here. The app broke ASGI in GET /items '
        "(response complete): it may send nothing more now."
    )


def test_words_of_its_own_replace_the_general_sentence_of_a_violation() -> None:
    """What suites match on comes first; the rest is the same."""
    error = ProtocolViolation(
        "http.response.start",
        request="GET /items",
        state="response started",
        allowed=["http.response.body"],
        words='Received multiple "http.response.start" messages.',
    )
    assert str(error) == (
        'Received multiple "http.response.start" messages. The app broke ASGI in GET /items '
        '(response started): it may send "http.response.body" now.'
    )


def test_no_response_begins_with_todays_words() -> None:
    """Suites written for starlette match on the first sentence; the second says what to do."""
    error = NoResponse(request="GET /items")
    assert str(error) == (
        "TestClient did not receive any response. The app returned from GET /items without sending "
        '"http.response.start": await a response on every path through it.'
    )
    assert (error.message_type, error.request, error.state) == (
        "http.response.start",
        "GET /items",
        "the app has returned",
    )


def test_no_response_of_a_cancelled_app_says_that_it_was_cancelled() -> None:
    """An app that lets itself be cancelled did not return."""
    error = NoResponse(request="GET /items", cancelled=True)
    assert str(error) == (
        "TestClient did not receive any response. The app was cancelled in GET /items without sending "
        '"http.response.start": await a response on every path through it.'
    )
    assert error.state == "the app was cancelled"


def test_an_incomplete_response_says_what_is_missing() -> None:
    """How far it got, what a server would do, and what to send."""
    error = IncompleteResponse(
        request="GET /items",
        state="response started",
        status=200,
        received=b"half",
    )
    assert str(error) == (
        "The app returned from GET /items before its response was complete (response started; status 200, "
        '4 bytes received): a server would cut the connection. Send "http.response.body" with more_body=False last.'
    )
    assert (error.status, error.received, error.request, error.state) == (
        200,
        b"half",
        "GET /items",
        "response started",
    )


@pytest.mark.parametrize(
    ("message", "shown"),
    [("no database", "no database"), ("", "(the app gave no message)"), (" \n", "(the app gave no message)")],
    ids=["message", "none", "blank"],
)
def test_a_failed_lifespan_has_the_words_of_the_app(message: str, shown: str) -> None:
    """lifespan.rst, Startup Failed: `message` may be empty, and a text must not be."""
    error = LifespanFailed("startup", message)
    assert (str(error), error.phase, error.message) == (f"lifespan startup failed: {shown}", "startup", message)


def test_a_failed_lifespan_says_first_what_a_traceback_says_last() -> None:
    """Frameworks send a whole traceback as message, and summaries show one line."""
    message = "Traceback (most recent call last):\n  File ...\nValueError: no database\n"
    error = LifespanFailed("startup", message)
    assert str(error) == (
        "lifespan startup failed: ValueError: no database\n"
        "Traceback (most recent call last):\n"
        "  File ...\n"
        "ValueError: no database"
    )
    assert error.message == message


def test_a_failed_lifespan_keeps_its_text_in_a_class_that_has_another() -> None:
    """Where it is raised as the app's exception too, the text is ours: `KeyError` would show the `repr` of it."""

    class Both(LifespanFailed, KeyError):
        pass

    class Other(KeyError, LifespanFailed):
        pass

    assert str(Both("shutdown", "busy")) == "lifespan shutdown failed: busy"
    assert issubclass(Other, LifespanFailed)


def test_a_deadlock_shows_who_waits_and_where_everything_stands() -> None:
    """What the test waits for, one line for each open exchange, and the advice."""
    error = Deadlock("a message from WEBSOCKET /chat", ["<one>", "<two>"], "Close the session first.")
    assert str(error) == (
        "The test waits for a message from WEBSOCKET /chat, and nothing in the app can move any more.\n"
        "  <one>\n"
        "  <two>\n"
        "Close the session first."
    )
    assert (error.waits_for, error.exchanges, error.advice) == (
        "a message from WEBSOCKET /chat",
        ("<one>", "<two>"),
        "Close the session first.",
    )


def test_a_deadlock_without_exchanges_is_one_line() -> None:
    """Nothing is shown where nothing is open."""
    assert str(Deadlock("rest")) == "The test waits for rest, and nothing in the app can move any more."


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


@pytest.mark.parametrize(
    ("error", "code", "reason", "text"),
    [
        (WebSocketDisconnect(), 1000, "", "the websocket was closed with code 1000"),
        (WebSocketDisconnect(1001, None), 1001, "", "the websocket was closed with code 1001"),
        (WebSocketDisconnect(3001, "bye"), 3001, "bye", "the websocket was closed with code 3001 (bye)"),
    ],
    ids=["default", "no-reason", "reason"],
)
def test_a_disconnect_has_code_and_reason(error: WebSocketDisconnect, code: int, reason: str, text: str) -> None:
    """RFC 6455 section 7.4: a close has a code, and a reason that may be empty."""
    assert (error.code, error.reason, error.args, str(error)) == (code, reason, (code, reason), text)
