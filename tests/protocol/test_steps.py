"""What a client does to make an HTTP request and to read the response, step by step.

The test plays both sides: it is the driver that carries out the steps, and the app that sends in between. How a client
leaves is in test_steps_leaving.py; websockets and the lifespan have files of their own.
"""

from __future__ import annotations

from asgi_lockstep._protocol.steps import (
    SETTLE,
    act,
    move,
    read_chunk,
    request,
    resumed,
    started,
)
from helpers import body, start
from protocol.exchanges import http
from protocol.playing import PULL, Player

GRACE = 0.25

TO_START = "the response to GET /items to start"
TO_FINISH = "the app to finish GET /items"
NEXT_PIECE = "the next piece of the response to GET /items"
REST = "the app to come to rest"


def test_settling_has_no_goal_but_rest() -> None:
    """A driver goes on from it as soon as no task of the app is ready."""
    assert (SETTLE.waits_for, SETTLE.patience, SETTLE.until()) == (REST, None, True)


def test_a_streaming_request_is_done_when_the_response_has_started() -> None:
    """What comes after the start is read by whoever reads the response."""
    exchange = http(b"")
    client = Player(resumed(request(exchange, GRACE)))
    steps = [client.at]
    exchange.from_app(start())
    steps.append(client.at)
    client.go()
    assert [*steps, client.at] == [(TO_START, None, False), (TO_START, None, True), "done"]


def test_a_streaming_request_is_done_when_the_app_has_ended() -> None:
    """An app that ended without a response never starts one."""
    exchange = http(b"")
    client = Player(resumed(request(exchange, GRACE)))
    exchange.app_returned()
    at = client.at
    client.go()
    assert [at, client.at] == [(TO_START, None, True), "done"]


def test_a_collecting_request_is_done_when_the_app_has_ended() -> None:
    """The whole response is wanted, and the work behind it too."""
    exchange = http(b"", collect=True)
    client = Player(resumed(request(exchange, GRACE)))
    steps = [client.at]
    for message in (start(), body(b"x")):
        exchange.from_app(message)
        steps.append(client.at)
    exchange.app_returned()
    steps.append(client.at)
    client.go()
    assert [*steps, client.at] == [*[(TO_FINISH, None, False)] * 3, (TO_FINISH, None, True), "done"]


def test_pieces_of_the_body_are_pulled_as_the_app_asks_for_them() -> None:
    """Not before, and not more than it asked for; None is the end."""
    exchange = http(None)
    client = Player(resumed(request(exchange, GRACE)))
    steps, events = [client.at], []
    for piece in (b"a", None):
        events.append(exchange.to_app())
        steps.append(client.at)
        client.go()
        steps.append(client.at)
        client.go(piece)
        events.append(exchange.to_app())
    exchange.from_app(start())
    client.go()
    asked = [(TO_START, None, True), PULL]
    assert [*steps, client.at] == [(TO_START, None, False), *asked, *asked, "done"]
    assert events == [
        None,
        {"type": "http.request", "body": b"a", "more_body": True},
        None,
        {"type": "http.request", "body": b"", "more_body": False},
    ]


def test_no_piece_is_pulled_once_the_response_has_started() -> None:
    """An app that asks and answers at once has its answer seen first; the piece is for later steps."""
    exchange = http(None)
    client = Player(resumed(request(exchange, GRACE)))
    exchange.to_app()
    exchange.from_app(start())
    client.go()
    assert (client.at, exchange.wants_body) == ("done", True)


def test_a_request_pulls_no_piece_for_an_app_that_cannot_receive_it() -> None:
    """www.rst, Disconnect: after a complete response, the app that asked for a piece receives the end instead."""
    exchange = http(None, collect=True)
    client = Player(resumed(request(exchange, GRACE)))
    exchange.to_app()
    for message in (start(), body()):
        exchange.from_app(message)
    assert (client.at, exchange.to_app()) == ((TO_FINISH, None, False), {"type": "http.disconnect"})


def test_reading_pulls_no_piece_for_an_app_that_cannot_receive_it() -> None:
    """www.rst, Disconnect: after a complete response, the app that asked for a piece receives the end instead."""
    exchange = http(None, start())
    exchange.to_app()
    exchange.from_app(body())
    exchange.take_chunk()
    client = Player(read_chunk(exchange))
    assert (client.at, exchange.to_app()) == ((NEXT_PIECE, None, False), {"type": "http.disconnect"})


def test_a_piece_that_is_there_is_read_and_the_app_settles() -> None:
    """When the test goes on, the app has reached its next `send()`."""
    exchange = http(b"", start(), body(b"x", more=True))
    client = Player(read_chunk(exchange))
    at = client.at
    client.go()
    assert ([at, client.at], client.results) == ([(REST, None, True), "done"], [b"x"])


def test_reading_waits_for_the_next_piece() -> None:
    """The app is moved until it has sent one."""
    exchange = http(b"", start())
    client = Player(read_chunk(exchange))
    steps = [client.at]
    exchange.from_app(body(b"x", more=True))
    steps.append(client.at)
    client.go()
    steps.append(client.at)
    client.go()
    assert steps == [(NEXT_PIECE, None, False), (NEXT_PIECE, None, True), (REST, None, True)]
    assert client.results == [b"x"]


def test_reading_pulls_pieces_of_the_request_for_the_app() -> None:
    """An app may answer piece by piece what it is sent piece by piece."""
    exchange = http(None, start())
    client = Player(read_chunk(exchange))
    exchange.to_app()
    client.go()
    at = client.at
    client.go(b"a")
    assert ([at, client.at], exchange.to_app()) == (
        [PULL, (NEXT_PIECE, None, False)],
        {"type": "http.request", "body": b"a", "more_body": True},
    )


def test_the_end_of_the_body_is_the_end_of_the_app() -> None:
    """After the last piece, reading waits for the work behind the response, and gives None."""
    exchange = http(b"", start(), body())
    exchange.take_chunk()
    client = Player(read_chunk(exchange))
    steps = [client.at]
    exchange.app_returned()
    steps.append(client.at)
    client.go()
    assert (steps, client.results) == ([(NEXT_PIECE, None, False), (NEXT_PIECE, None, True)], [None])


def test_an_empty_piece_is_read_over() -> None:
    """The app goes on from it, and the client gets the next one that is not empty."""
    exchange = http(b"", start(), body(more=True))
    client = Player(read_chunk(exchange))
    steps = [client.at]
    client.go()
    steps.append(client.at)
    exchange.from_app(body(b"x", more=True))
    client.go()
    client.go()
    assert (steps, client.results) == ([(REST, None, True), (NEXT_PIECE, None, False)], [b"x"])


def test_what_an_app_that_has_ended_left_is_read_without_a_step() -> None:
    """Nothing has to move for it: the pieces, then the end."""
    exchange = http(b"", start(), body(more=True), body(b"x", more=True), body())
    exchange.app_returned()
    assert Player(read_chunk(exchange)).results + Player(read_chunk(exchange)).results == [b"x", None]


def test_a_change_is_made_before_the_app_moves() -> None:
    """And its result is that of the steps, when the app has come to rest."""
    made: list[str] = []

    def change() -> str:
        made.append("made")
        return "result"

    client = Player(act(change))
    steps = [(client.at, list(made), list(client.results))]
    client.go()
    steps.append((client.at, list(made), client.results))
    assert steps == [((REST, None, True), ["made"], []), ("done", ["made"], ["result"])]


def test_a_wait_says_what_it_is_for() -> None:
    """To be read after "the test waits for"; it ends when its condition holds."""
    client = Player(move(bool, "the moon"))
    assert client.at == ("the moon", None, False)


def test_a_response_whose_request_is_sent_by_hand_takes_no_pull() -> None:
    """The pieces come from elsewhere."""
    exchange = http(None)
    client = Player(started(exchange))
    exchange.to_app()
    steps = [client.at]
    exchange.from_app(start())
    steps.append(client.at)
    client.go()
    assert [*steps, client.at] == [(TO_START, None, False), (TO_START, None, True), "done"]


def test_steps_go_on_where_the_app_has_come_to_rest() -> None:
    """Their first step has been carried out."""
    exchange = http(b"")
    client, resuming = Player(request(exchange, GRACE)), Player(resumed(request(exchange, GRACE)))
    assert client.at == (REST, None, True)
    client.go()
    assert client.at == resuming.at == (TO_START, None, False)
