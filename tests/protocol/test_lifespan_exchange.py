"""Startup and shutdown of one app (lifespan.rst)."""

from __future__ import annotations

import pytest

from asgi_lockstep._protocol.tables import LifespanState
from protocol.exchanges import counting, lifespan, refusal, said

STARTUP = {"type": "lifespan.startup"}
SHUTDOWN = {"type": "lifespan.shutdown"}


def test_the_app_receives_startup_once_and_shutdown_when_it_is_told_to_stop() -> None:
    """lifespan.rst, Startup and Shutdown: one event each, and between them `receive()` waits."""
    exchange = lifespan()
    events = [exchange.to_app(), exchange.to_app()]
    exchange.from_app({"type": "lifespan.startup.complete"})
    exchange.stop()
    assert [*events, exchange.to_app(), exchange.to_app()] == [STARTUP, None, SHUTDOWN, None]


def test_an_app_that_answers_without_receiving_has_started() -> None:
    """lifespan.rst, Startup Complete: servers do not ask whether the event was read."""
    exchange = lifespan("lifespan.startup.complete")
    assert (exchange.startup_answered, exchange.state) == (True, LifespanState.RUNNING)


def test_being_told_to_stop_is_told() -> None:
    """An app that waits in `receive()` is woken for the shutdown."""
    exchange = lifespan("lifespan.startup.complete")
    told = counting(exchange)
    exchange.stop()
    assert (exchange.state, told) == (LifespanState.STOPPING, ["receive"])


@pytest.mark.parametrize("answer", ["complete", "failed"])
def test_startup_is_answered_either_way(answer: str) -> None:
    """lifespan.rst, Startup Complete and Startup Failed: each is an answer."""
    exchange = lifespan()
    before = exchange.startup_answered
    exchange.from_app({"type": f"lifespan.startup.{answer}"})
    assert (before, exchange.startup_answered, exchange.shutdown_answered) == (False, True, False)


@pytest.mark.parametrize("answer", ["complete", "failed"])
def test_shutdown_is_answered_either_way(answer: str) -> None:
    """lifespan.rst, Shutdown Complete and Shutdown Failed: each is an answer."""
    exchange = lifespan("lifespan.startup.complete")
    exchange.stop()
    before = exchange.shutdown_answered
    exchange.from_app({"type": f"lifespan.shutdown.{answer}"})
    assert (before, exchange.shutdown_answered) == (False, True)


@pytest.mark.parametrize("answer", ["complete", "failed"])
def test_a_lifespan_may_end_before_it_is_told_to(answer: str) -> None:
    """Frameworks send it when a task that the lifespan has started has died; uvicorn and hypercorn take it."""
    exchange = lifespan("lifespan.startup.complete")
    exchange.from_app({"type": f"lifespan.shutdown.{answer}"})
    assert (exchange.shutdown_answered, exchange.startup_answered, exchange.to_app()) == (True, True, STARTUP)


@pytest.mark.parametrize(("content", "failure"), [({"message": "no database"}, "no database"), ({}, "")])
def test_a_failure_keeps_what_the_app_said(content: dict[str, str], failure: str) -> None:
    """lifespan.rst, Startup Failed: `message` is optional, and empty by default."""
    exchange = lifespan()
    before = exchange.failure
    exchange.from_app({"type": "lifespan.startup.failed", **content})
    assert (before, exchange.failure) == (None, failure)


def test_a_shutdown_that_failed_keeps_what_the_app_said() -> None:
    """lifespan.rst, Shutdown Failed: it carries a message as well."""
    exchange = lifespan("lifespan.startup.complete")
    exchange.stop()
    exchange.from_app({"type": "lifespan.shutdown.failed", "message": "busy"})
    assert exchange.failure == "busy"


@pytest.mark.parametrize("message", [None, 5, b"no database"], ids=["none", "int", "bytes"])
def test_the_message_of_a_failure_is_text(message: object) -> None:
    """lifespan.rst, Startup Failed: `message` is a Unicode string; what is none is refused, like any other content."""
    exchange = lifespan()
    error = refusal(exchange, {"type": "lifespan.startup.failed", "message": message})
    assert said(error) == (
        f'The "message" of "lifespan.startup.failed" is {message!r}, and must be str. The app broke ASGI in '
        'the lifespan (starting): it may send "lifespan.startup.complete" or "lifespan.startup.failed" now.'
    )
    assert (exchange.state, exchange.failure) == (LifespanState.STARTING, None)


def test_an_app_that_does_nothing_has_not_touched_its_lifespan() -> None:
    """lifespan.rst, Scope: an exception before anything was received or sent means "not supported"."""
    assert lifespan().touched is False


def test_an_app_that_received_has_touched_its_lifespan() -> None:
    """What it raises after that is a failure."""
    exchange = lifespan()
    exchange.to_app()
    assert exchange.touched is True


def test_an_app_that_sent_has_touched_its_lifespan() -> None:
    """But not by a message that was refused: that one has not been sent."""
    exchange = lifespan()
    refusal(exchange, {"type": "lifespan.shutdown.complete"})
    touched = [exchange.touched]
    exchange.from_app({"type": "lifespan.startup.complete"})
    assert [*touched, exchange.touched] == [False, True]


def test_a_second_answer_is_refused_in_words() -> None:
    """lifespan.rst, Startup Complete: startup is answered once."""
    error = refusal(lifespan("lifespan.startup.complete"), {"type": "lifespan.startup.complete"})
    assert said(error) == (
        'Received "lifespan.startup.complete", which is not allowed here. The app broke ASGI in the lifespan '
        '(running): it may send "lifespan.shutdown.complete" or "lifespan.shutdown.failed" now.'
    )


def test_the_repr_shows_the_state_and_the_app() -> None:
    """One line for errors and debuggers."""
    exchange = lifespan("lifespan.startup.complete")
    exchange.app_raised(KeyError("x"))
    assert repr(exchange) == "<lifespan: running; app raised>"
