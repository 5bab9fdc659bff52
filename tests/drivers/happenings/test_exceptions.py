"""What is kept of an exception: what it says, without what it holds."""

from __future__ import annotations

import json

import anyio
import pytest
from anyio import to_thread

from asgi_lockstep._drivers.happenings.exceptions import ExceptionSaid


def raised(fail: object) -> ExceptionSaid:
    """What is said of what a function raises."""
    with pytest.raises(BaseException) as caught:
        fail()  # type: ignore[operator]
    return ExceptionSaid.of(caught.value)


class _Broken(Exception):
    """Whose text cannot be read."""

    def __str__(self) -> str:
        raise RuntimeError


def _because() -> None:
    try:
        raise KeyError("a")
    except KeyError as exc:
        raise ValueError("b") from exc


def _while() -> None:
    try:
        raise KeyError("a")
    except KeyError:
        raise ValueError("b")  # noqa: B904 - that is the point


def _alone() -> None:
    try:
        raise KeyError("a")
    except KeyError:
        raise ValueError("b") from None


def _group() -> None:
    raise ExceptionGroup("two", [ValueError("a"), KeyError("b")])


def _noted() -> None:
    exc = ValueError("no")
    exc.add_note("and why")
    raise exc


def _in_a_library() -> None:
    json.loads("")


@pytest.mark.parametrize(
    ("fail", "text"),
    [
        (_group, "ExceptionGroup: two (2 sub-exceptions)"),
        (_noted, "ValueError: no\nand why"),
        (lambda: (_ for _ in ()).throw(StopAsyncIteration), "StopAsyncIteration"),
        (_in_a_library, "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_what_it_says(fail: object, text: str) -> None:
    """The name of its class, which has its module unless it is a builtin, and its text with its notes."""
    assert str(raised(fail)) == text


def test_a_text_that_cannot_be_read_is_said_so() -> None:
    """Anybody may have written it."""
    assert str(ExceptionSaid.of(_Broken())).endswith("._Broken: <its text cannot be read: RuntimeError>")


@pytest.mark.parametrize(
    ("fail", "between"),
    [
        (_because, "The above exception was the direct cause of the following exception:"),
        (_while, "During handling of the above exception, another exception occurred:"),
    ],
)
def test_what_has_led_to_it_stands_before_it(fail: object, between: str) -> None:
    """As in the tracebacks of Python."""
    lines = raised(fail).traceback.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == [
        "Traceback (most recent call last):",
        "KeyError: 'a'",
        between,
        "Traceback (most recent call last):",
        "ValueError: b",
    ]


def test_what_was_suppressed_does_not() -> None:
    """`from None`."""
    assert raised(_alone).traceback.count("Traceback") == 1


def test_the_parts_of_a_group_stand_below_it() -> None:
    """Each with what it says."""
    lines = raised(_group).traceback.splitlines()
    assert lines[-3:] == [
        "ExceptionGroup: two (2 sub-exceptions)",
        "  in the group: ValueError: a",
        "  in the group: KeyError: 'b'",
    ]


def test_calls_of_libraries_before_the_users_are_counted() -> None:
    """What the user's code has called in a library is shown; where it is called from is not."""

    def fail() -> None:
        json.loads("{", object_hook=None)

    said = raised(lambda: anyio.run(to_thread.run_sync, fail))
    lines = [line.strip().partition(", line")[0] for line in said.traceback.splitlines() if "^" not in line]
    assert any(line.startswith("[") and line.endswith("calls of libraries]") for line in lines)
    assert said.place is not None
    assert said.place.source == 'json.loads("{", object_hook=None)'


def test_a_long_chain_is_cut() -> None:
    """After five: an app may have thousands."""
    exc: Exception = ValueError("0")
    for number in range(1, 20):
        following = ValueError(str(number))
        following.__cause__ = exc
        exc = following
    assert ExceptionSaid.of(exc).traceback.count("direct cause") == 5
