"""How an HTTP client goes away, step by step: because it wants to, or because something failed."""

from __future__ import annotations

import pytest

from asgi_lockstep import Deadlock, Diagnosis
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._protocol.steps import abort, leave, request, resumed
from asgi_lockstep._types import Message
from asgi_lockstep.errors import TimedOut
from helpers import body, start
from protocol.exchanges import Watching, http
from protocol.playing import Player

GRACE = 0.25

TO_END = "GET /items to end"
WORK = "the work behind GET /items to end"


@pytest.mark.parametrize(
    "failure",
    [Deadlock(Diagnosis("x")), KeyboardInterrupt(), ValueError("x")],
    ids=lambda failure: type(failure).__name__,
)
def test_a_request_that_fails_leaves_before_it_raises(failure: BaseException) -> None:
    """www.rst, Disconnect: the app is told, may end by itself under the grace, and the failure goes on."""
    exchange = http(b"")
    client = Player(resumed(request(exchange, GRACE)))
    client.fail(failure)
    events = [client.at, exchange.to_app()]
    exchange.app_returned()
    with pytest.raises(type(failure)) as caught:
        client.go()
    assert (events, caught.value) == ([(TO_END, GRACE, False), {"type": "http.disconnect"}], failure)


def test_a_body_that_fails_under_the_pull_leaves_too() -> None:
    """An upload that breaks off is a client that goes away."""
    exchange = http(None)
    client = Player(resumed(request(exchange, GRACE)))
    exchange.to_app()
    client.go()
    client.fail(ValueError("the body failed"))
    at = client.at
    exchange.app_returned()
    with pytest.raises(ValueError, match=r"^the body failed$"):
        client.go()
    assert (at, exchange.disconnected) == ((TO_END, GRACE, False), True)


@pytest.mark.parametrize(
    "failure", [Deadlock(Diagnosis("x")), KeyboardInterrupt()], ids=lambda failure: type(failure).__name__
)
def test_a_request_that_fails_does_not_wait_for_the_work_behind_it_without_end(failure: BaseException) -> None:
    """After a complete response, the app ends under the grace or is cancelled: what failed is not tried again."""
    exchange = http(b"", start(), body(), collect=True)
    cancelled: list[str] = []
    exchange.observe(Watching(cancel=lambda: cancelled.append("cancelled")))
    client = Player(resumed(request(exchange, GRACE)))
    client.fail(failure)
    steps = [client.at]
    client.go()
    steps.append(client.at)
    exchange.app_cancelled()
    with pytest.raises(type(failure)):
        client.go()
    assert (steps, cancelled) == ([(TO_END, GRACE, False)] * 2, ["cancelled"])


def test_a_request_that_ran_out_of_time_leaves_the_app_as_it_is() -> None:
    """Httpx's own time limits close nothing either: what the app does is its business, and can be looked at."""
    exchange = http(b"")
    client = Player(resumed(request(exchange, GRACE)))
    failure = TimedOut(Diagnosis("x"), 5)
    with pytest.raises(TimedOut) as caught:
        client.fail(failure)
    assert (caught.value, exchange.disconnected, exchange.ended) == (failure, False, False)


@pytest.mark.parametrize("collect", [True, False], ids=["collect", "stream"])
def test_a_request_whose_client_goes_away_sees_the_app_end(collect: bool) -> None:
    """The body was cut off: the app hears of it, and may end by itself under the grace."""
    exchange = HTTPExchange(http(b"").scope, b"abc", collect=collect, upload_limit=1)
    client = Player(resumed(request(exchange, GRACE)))
    events = [exchange.to_app()]
    client.go()
    steps = [client.at]
    exchange.app_returned()
    client.go()
    assert events == [{"type": "http.request", "body": b"a", "more_body": True}]
    assert [*steps, client.at] == [(TO_END, GRACE, False), "done"]


def test_a_request_that_nobody_carries_out_does_nothing() -> None:
    """There is nobody to wait for the app any more."""
    exchange = http(b"")
    Player(resumed(request(exchange, GRACE))).drop()
    assert (exchange.disconnected, exchange.ended) == (False, False)


def test_leaving_an_app_that_has_ended_takes_no_step() -> None:
    """There is nobody to tell."""
    exchange = http(b"")
    exchange.app_returned()
    assert (Player(leave(exchange, GRACE)).at, exchange.disconnected) == ("done", False)


def test_leaving_a_complete_response_waits_for_the_work_behind_it() -> None:
    """As long as it takes: the client has everything, and its connection stays."""
    exchange = http(b"", start(), body())
    client = Player(leave(exchange, GRACE))
    steps = [client.at]
    exchange.app_returned()
    steps.append(client.at)
    client.go()
    assert [*steps, client.at] == [(WORK, None, False), (WORK, None, True), "done"]
    assert exchange.disconnected is False


def test_leaving_pulls_no_piece_for_an_app_that_cannot_receive_it() -> None:
    """www.rst, Disconnect: after a complete response, the app that asked for a piece receives the end instead."""
    exchange = http(None)
    exchange.to_app()
    for message in (start(), body()):
        exchange.from_app(message)
    assert (Player(leave(exchange, GRACE)).at, exchange.to_app()) == ((WORK, None, False), {"type": "http.disconnect"})


@pytest.mark.parametrize("sent", [[], [start()], [start(), body(b"unread")]], ids=["nothing", "start", "unread"])
def test_leaving_any_other_response_is_a_disconnect(sent: list[Message]) -> None:
    """www.rst, Disconnect: the app hears of it, and may end by itself under the grace."""
    exchange = http(b"", *sent)
    client = Player(leave(exchange, GRACE))
    events = [client.at, exchange.to_app()]
    exchange.app_returned()
    events.append(client.at)
    client.go()
    events.append(client.at)
    assert events == [(TO_END, GRACE, False), {"type": "http.disconnect"}, (TO_END, GRACE, True), "done"]


def test_an_app_that_does_not_end_under_the_grace_is_cancelled() -> None:
    """It gets the grace once more to comply; one that does not comply is left to the loop."""
    exchange = http(b"", start())
    cancelled: list[str] = []
    exchange.observe(Watching(cancel=lambda: cancelled.append("cancelled")))
    client = Player(leave(exchange, GRACE))
    events: list[object] = [client.at, list(cancelled)]
    client.go()
    events += [client.at, list(cancelled)]
    client.go()
    assert [*events, client.at] == [(TO_END, GRACE, False), [], (TO_END, GRACE, False), ["cancelled"], "done"]


@pytest.mark.parametrize("sent", [[start()], [start(), body()]], ids=["incomplete", "complete"])
def test_aborting_ends_the_app_whether_its_response_is_complete_or_not(sent: list[Message]) -> None:
    """A client that is closed waits for no work: the app hears of it, and has its grace."""
    exchange = http(b"", *sent)
    client = Player(abort(exchange, GRACE))
    events = [client.at, exchange.to_app()]
    exchange.app_returned()
    client.go()
    assert [*events, client.at] == [(TO_END, GRACE, False), {"type": "http.disconnect"}, "done"]
