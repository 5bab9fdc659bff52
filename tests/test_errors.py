"""Every exception of our own: whose fault its class says it is, and the text it makes of its fields."""

from __future__ import annotations

import inspect
import re
import traceback
from dataclasses import replace

import pytest

import asgi_lockstep
from asgi_lockstep import errors
from asgi_lockstep.diagnosis import Diagnosis
from asgi_lockstep.errors import (
    BackgroundFailed,
    BlockingCall,
    Deadlock,
    IncompleteResponse,
    LeftoverTasks,
    LifespanFailed,
    LockstepError,
    NoResponse,
    ProtocolViolation,
    TimedOut,
    UnexpectedMessage,
    UsageError,
    WebSocketDisconnect,
)

CLASSES = {
    name: cls
    for name, cls in vars(errors).items()
    if inspect.isclass(cls) and issubclass(cls, BaseException) and name in asgi_lockstep.__all__
}

#: Everything that there is to say, in words that nobody would mix up.
FULL = Diagnosis(
    "a message from WEBSOCKET /chat",
    "tests/test_chat.py:12 in test_chat: session.receive_text()",
    ["<one>", "<two>"],
    ["task 'Task-7' of GET /, stands at app.py:3 in main: await queue.get()"],
    ["thread 'worker', at jobs.py:5 in job: time.sleep(1)", "socket 8, listening, at 127.0.0.1:80"],
    "Send something first.",
)

#: What of that is below the first line.
REST = (
    "  the test waits at tests/test_chat.py:12 in test_chat: session.receive_text()\n"
    "  <one>\n"
    "  <two>\n"
    "  task 'Task-7' of GET /, stands at app.py:3 in main: await queue.get()\n"
    "What may still come from outside of the event loop:\n"
    "  thread 'worker', at jobs.py:5 in job: time.sleep(1)\n"
    "  socket 8, listening, at 127.0.0.1:80\n"
    "Send something first."
)


def test_the_class_says_whose_fault_it_is() -> None:
    """Each class is ours and, where Python has a word for the mistake, also what people catch for it."""
    assert {name: cls.__bases__ for name, cls in CLASSES.items()} == {
        "LockstepError": (Exception,),
        "ProtocolViolation": (LockstepError, AssertionError),
        "NoResponse": (ProtocolViolation,),
        "IncompleteResponse": (ProtocolViolation,),
        "LifespanFailed": (LockstepError,),
        "BackgroundFailed": (LockstepError,),
        "LeftoverTasks": (LockstepError,),
        "UnexpectedMessage": (LockstepError, AssertionError),
        "TimedOut": (LockstepError,),
        "Deadlock": (LockstepError,),
        "UsageError": (LockstepError, RuntimeError),
        "NotAnASGIApp": (UsageError, TypeError),
        "UnknownOption": (UsageError, ValueError),
        "MissingExtra": (UsageError, ImportError),
        "ClockNotVirtual": (UsageError,),
        "SessionNotOpen": (UsageError,),
        "WrongColour": (UsageError,),
        "WrongFrame": (UsageError,),
        "BlockingCall": (RuntimeWarning,),
        "WebSocketDisconnect": (Exception,),
    }


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    """One screen shows what to catch: each class of ours stands there below its base; the others have none of ours."""
    path: list[str] = []
    drawn: dict[str, str | None] = {}
    for line in inspect.cleandoc(errors.__doc__ or "").splitlines()[2:]:
        match = re.match(r"[ │├└─]*(?=\w)", line)
        assert match is not None, line
        del path[match.end() // 4 :]
        name = line[match.end() :].split()[0]
        drawn[name] = path[-1] if path else None
        path.append(name)
    bases = {name: cls.__bases__[0].__name__ for name, cls in CLASSES.items()}
    assert drawn == {name: base if base in CLASSES else None for name, base in bases.items()}


def test_a_violation_says_what_where_and_what_instead() -> None:
    """The general sentence, the exchange and its state, what may be sent, and the section of the specification."""
    error = ProtocolViolation(
        "http.response.push",
        request="GET /items",
        state="response started",
        allowed=["http.response.body", "http.response.trailers"],
        section="https://asgi.readthedocs.io/en/latest/specs/www.html#http",
    )
    assert str(error) == (
        'Received "http.response.push", which is not allowed here. The app broke ASGI in GET /items '
        '(response started): it may send "http.response.body" or "http.response.trailers" now. See https://asgi.readthedocs.io/en/latest/specs/www.html#http'
    )
    assert (error.message_type, error.request, error.state, error.allowed, error.section) == (
        "http.response.push",
        "GET /items",
        "response started",
        ("http.response.body", "http.response.trailers"),
        "https://asgi.readthedocs.io/en/latest/specs/www.html#http",
    )


def test_a_violation_where_nothing_is_allowed_says_so() -> None:
    """Without a section there is nothing to see."""
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


#: A text of several lines, as those of pydantic are.
VERBOSE = "2 errors\n\nurl\n  missing\n    For further information visit ..."


@pytest.mark.parametrize(
    ("exception", "first"),
    [
        (ValueError(VERBOSE), "ValueError: 2 errors"),
        (OSError("no file"), "OSError: no file"),
        (ExceptionGroup("two", [ValueError(VERBOSE), KeyError(2)]), "ExceptionGroup: two (2 sub-exceptions)"),
        (
            ExceptionGroup("outer", [ExceptionGroup("inner", [KeyError(1)])]),
            "ExceptionGroup: outer (1 sub-exception)",
        ),
    ],
    ids=["several lines", "one line", "group", "group of groups"],
)
def test_whatever_traceback_the_app_sends_its_exception_is_said_first(exception: Exception, first: str) -> None:
    """The last of a chain, the whole of a group, and the first line of a text of several."""
    try:
        raise exception from KeyError("cause")
    except Exception:
        message = traceback.format_exc()
    assert str(LifespanFailed("startup", message)).splitlines()[0] == f"lifespan startup failed: {first}"


def test_a_message_of_several_lines_stays_as_it_is() -> None:
    """It begins with what its author found important."""
    assert str(LifespanFailed("shutdown", "busy\n  with jobs")) == "lifespan shutdown failed: busy\n  with jobs"


def test_a_deadlock_shows_who_waits_and_where_everything_stands() -> None:
    """What the test waits for and where, a line for each open exchange, task and outside cause, and the advice."""
    error = Deadlock(FULL)
    assert str(error) == (
        f"The test waits for a message from WEBSOCKET /chat, and nothing in the app can move any more.\n{REST}"
    )
    assert error.diagnosis is FULL


def test_a_time_out_says_how_much_virtual_time_has_passed() -> None:
    """Where there is some: nought is said, too, for then something holds it up."""
    lines = [replace(FULL, virtual_seconds=seconds).lines[1] for seconds in (0, 7200.5)]
    assert lines == [f"  {seconds} seconds of virtual time have passed in this call" for seconds in ("0", "7200.5")]


def test_a_deadlock_of_which_nothing_is_known_is_one_line() -> None:
    """Nothing is shown where nothing is open."""
    assert str(Deadlock(Diagnosis("rest"))) == "The test waits for rest, and nothing in the app can move any more."


def test_a_diagnosis_may_have_nothing_but_an_advice() -> None:
    """It comes last, on a line of its own."""
    assert Diagnosis("rest", advice="Send something first.").lines == ["Send something first."]


@pytest.mark.parametrize(("limit", "shown"), [(5.0, "5"), (0.05, "0.05")])
def test_a_time_limit_shows_what_may_still_come(limit: float, shown: str) -> None:
    """The same as a deadlock, and for how long nothing has come."""
    error = TimedOut(FULL, limit)
    assert str(error) == (
        f"The test waits for a message from WEBSOCKET /chat, and nothing has come from the app in {shown} seconds of "
        f"idle time.\n{REST}"
    )
    assert (error.diagnosis, error.limit) == (FULL, limit)


def test_words_of_its_own_replace_the_first_sentence_of_a_time_limit() -> None:
    """A response without an end is none of idle time."""
    assert str(TimedOut(FULL, 5, "The response has no end.")) == f"The response has no end.\n{REST}"


def test_background_work_that_failed_is_named() -> None:
    """Whose it was, and what was raised."""
    error = BackgroundFailed("POST /jobs", ValueError("no"))
    assert (str(error), error.request) == ("background work of POST /jobs failed: ValueError('no')", "POST /jobs")
    error = BackgroundFailed("POST /jobs", ValueError("no"), "test_jobs.py:7")
    assert str(error) == "background work of POST /jobs, sent at test_jobs.py:7, failed: ValueError('no')"


@pytest.mark.parametrize(
    ("tasks", "count", "lines"),
    [(["<one>"], "a task", "  <one>\n"), (["<one>", "<two>"], "2 tasks", "  <one>\n  <two>\n")],
    ids=["one", "two"],
)
def test_tasks_that_are_left_over_are_listed(tasks: list[str], count: str, lines: str) -> None:
    """With what servers do, and with what to do about it."""
    error = LeftoverTasks(tasks)
    assert str(error) == (
        f"The app had {count} still running when its client was closed:\n{lines}"
        "Servers cancel such tasks in the middle of what they do. End them in the lifespan shutdown, or start them "
        'in a task group. leftover_tasks="wait" waits for them, "cancel" cancels them, "error" raises this.'
    )
    assert error.tasks == tuple(tasks)


def test_messages_that_nobody_expected_are_shown() -> None:
    """In the order in which they came."""
    error = UnexpectedMessage("WEBSOCKET /chat", ["one", b"two"])
    assert str(error) == (
        "Nothing was expected from WEBSOCKET /chat, and the app, which rests now, has sent 'one', b'two'."
    )
    assert (error.request, error.messages) == ("WEBSOCKET /chat", ("one", b"two"))


def test_a_blocking_call_is_a_warning_that_names_the_line() -> None:
    """For how long, where, what it does to a server, and what to write instead."""
    warning = BlockingCall("app.py:3", "main", "time.sleep(1)", 0.5)
    assert str(warning) == (
        "The app has blocked its thread for 0.5 seconds at app.py:3 in main: time.sleep(1). On a server, every other "
        "request waits meanwhile. Await something instead, or hand the call to a thread: "
        "await anyio.to_thread.run_sync(...)."
    )
    assert warning.place == "app.py:3"


@pytest.mark.parametrize(
    ("error", "code", "reason", "text"),
    [
        (WebSocketDisconnect(), 1000, "", "the websocket was closed with code 1000"),
        (WebSocketDisconnect(1001, None), 1001, "", "the websocket was closed with code 1001"),
        (WebSocketDisconnect(3001, "bye"), 3001, "bye", "the websocket was closed with code 3001 (bye)"),
        (
            WebSocketDisconnect(1006),
            1006,
            "",
            "the websocket ended without a close (code 1006): the app returned, or the connection was lost",
        ),
        (WebSocketDisconnect(1006, "x"), 1006, "x", "the websocket was closed with code 1006 (x)"),
    ],
    ids=["default", "no-reason", "reason", "abnormal", "abnormal-reason"],
)
def test_a_disconnect_has_code_and_reason(error: WebSocketDisconnect, code: int, reason: str, text: str) -> None:
    """RFC 6455 section 7.4: a close has a code, and a reason that may be empty."""
    assert (error.code, error.reason, error.args, str(error)) == (code, reason, (code, reason), text)
