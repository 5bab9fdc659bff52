"""What a client does with the lifespan of the app, step by step; the test is the driver, and the app too."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_lockstep import Deadlock, Diagnosis
from asgi_lockstep._protocol.steps import resumed, start_lifespan, stop_lifespan
from protocol.exchanges import Watching, lifespan
from protocol.playing import Player

GRACE = 0.25

STARTUP = "the lifespan startup of the app"
SHUTDOWN = "the lifespan shutdown of the app"
LIFESPAN_END = "the lifespan to end"
REST = "the app to come to rest"


def test_startup_is_done_when_the_app_has_answered() -> None:
    """lifespan.rst, Startup Complete: requests are made after it, while the app runs on."""
    exchange = lifespan()
    client = Player(resumed(start_lifespan(exchange, GRACE)))
    steps = [client.at]
    exchange.from_app({"type": "lifespan.startup.complete"})
    steps.append(client.at)
    client.go()
    assert [*steps, client.at] == [(STARTUP, None, False), (STARTUP, None, True), "done"]


def test_startup_is_done_when_the_app_has_ended() -> None:
    """lifespan.rst, Scope: an app that raises does not support the lifespan."""
    exchange = lifespan()
    client = Player(resumed(start_lifespan(exchange, GRACE)))
    exchange.app_raised(KeyError("type"))
    at = client.at
    client.go()
    assert [at, client.at] == [(STARTUP, None, True), "done"]


def test_an_app_whose_startup_failed_is_seen_to_its_end() -> None:
    """lifespan.rst, Startup Failed: it may still raise what went wrong; if it does nothing, it is cancelled."""
    exchange = lifespan()
    cancelled: list[str] = []
    exchange.observe(Watching(cancel=lambda: cancelled.append("cancelled")))
    client = Player(resumed(start_lifespan(exchange, GRACE)))
    exchange.from_app({"type": "lifespan.startup.failed"})
    client.go()
    events: list[object] = [client.at, list(cancelled)]
    client.go()
    events += [client.at, list(cancelled)]
    exchange.app_cancelled()
    client.go()
    assert [*events, client.at] == [
        (LIFESPAN_END, GRACE, False),
        [],
        (LIFESPAN_END, GRACE, False),
        ["cancelled"],
        "done",
    ]


def test_a_startup_that_fails_for_the_client_ends_the_app_before_it_raises() -> None:
    """An app that never answers is not left behind."""
    exchange = lifespan()
    client = Player(resumed(start_lifespan(exchange, GRACE)))
    client.fail(Deadlock(Diagnosis("x")))
    at = client.at
    exchange.app_returned()
    with pytest.raises(Deadlock):
        client.go()
    assert at == (LIFESPAN_END, GRACE, False)


def test_shutdown_is_done_when_the_app_has_answered_and_ended() -> None:
    """lifespan.rst, Shutdown Complete: the client waits for the answer, and lets the app go on as long as it can."""
    exchange = lifespan("lifespan.startup.complete")
    exchange.to_app()
    client = Player(stop_lifespan(exchange, GRACE))
    events = [client.at, exchange.to_app()]
    exchange.from_app({"type": "lifespan.shutdown.complete"})
    events.append(client.at)
    client.go()
    events.append(client.at)
    exchange.app_returned()
    client.go()
    assert [*events, client.at] == [
        (SHUTDOWN, None, False),
        {"type": "lifespan.shutdown"},
        (SHUTDOWN, None, True),
        (REST, None, True),
        "done",
    ]


def test_stopping_an_app_that_ends_without_an_answer() -> None:
    """Servers take the end of the app for the end of its shutdown."""
    exchange = lifespan("lifespan.startup.complete")
    client = Player(stop_lifespan(exchange, GRACE))
    exchange.app_returned()
    at = client.at
    client.go()
    assert [at, client.at] == [(SHUTDOWN, None, True), "done"]


def test_stopping_an_app_that_has_ended_takes_no_step() -> None:
    """There is nobody to tell."""
    exchange = lifespan("lifespan.startup.complete")
    exchange.app_returned()
    assert Player(stop_lifespan(exchange, GRACE)).at == "done"


def test_stopping_an_app_that_has_said_so_before_only_lets_it_go_on() -> None:
    """It is not told to stop a second time."""
    exchange = lifespan("lifespan.startup.complete", "lifespan.shutdown.failed")
    exchange.to_app()
    client = Player(stop_lifespan(exchange, GRACE))
    events = [client.at, exchange.to_app()]
    exchange.app_returned()
    client.go()
    assert [*events, client.at] == [(REST, None, True), None, "done"]


def test_a_shutdown_that_fails_for_the_client_ends_the_app_before_it_raises() -> None:
    """An app that never answers is cancelled after its grace."""
    exchange = lifespan("lifespan.startup.complete")
    client = Player(stop_lifespan(exchange, GRACE))
    client.fail(Deadlock(Diagnosis("x")))
    at = client.at
    exchange.app_returned()
    with pytest.raises(Deadlock):
        client.go()
    assert at == (LIFESPAN_END, GRACE, False)


@pytest.mark.parametrize("steps", [start_lifespan, stop_lifespan])
def test_a_lifespan_step_that_nobody_carries_out_does_nothing_more(steps: Any) -> None:
    """There is nobody to wait for the app any more: dropping the steps is silent."""
    exchange = lifespan()
    Player(steps(exchange, GRACE)).drop()
    assert exchange.ended is False
