"""Exchanges with a variation: whole event lists, one kind at a time, and what is noted about them."""

from __future__ import annotations

import re
from random import SystemRandom
from typing import Any

import pytest

from asgi_lockstep import UnknownOption, UsageError, Variation
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._protocol.scope import lifespan_scope
from asgi_lockstep._protocol.variation import KINDS, ExchangeVariation, Variations, variations_of
from asgi_lockstep._protocol.varied_exchanges import (
    VariedHTTPExchange,
    VariedLifespanExchange,
    VariedWebSocketExchange,
    explained,
)
from asgi_lockstep._types import Message
from helpers import body, start
from protocol.exchanges import answered, http, received

DISCONNECT = {"type": "http.disconnect"}


def only(seed: int, *names: str) -> Variation:
    """A variation with these kinds alone."""
    return Variation(seed, also=names, without=[kind.name for kind in KINDS if kind.name not in names])


def varied_http(variation: Variation, request_body: bytes | None, *kept: str, **options: Any) -> VariedHTTPExchange:
    """A request for `/items`."""
    scope = {"type": "http", "asgi": {"version": "3.0"}, "method": "POST", "path": "/items", "extensions": {}}
    return VariedHTTPExchange(ExchangeVariation(variation, 0, kept), scope, request_body, **options)


def varied_websocket(variation: Variation) -> VariedWebSocketExchange:
    """A websocket at `/chat`."""
    scope = {"type": "websocket", "asgi": {"version": "3.0"}, "path": "/chat", "subprotocols": [], "extensions": {}}
    return VariedWebSocketExchange(ExchangeVariation(variation, 0), scope)


def seed_of(name: str) -> int:
    """The first seed with which a kind happens in the first exchange."""
    for seed in range(100):
        variation = ExchangeVariation(only(seed, name), 0)
        variation.body([b"hello"])
        variation.message({"type": "http.request", "body": b"", "more_body": False})
        variation.end({"upload": 5})
        if "nothing" not in repr(variation):
            return seed
    raise AssertionError(name)


def requests(*pieces: bytes) -> list[Message]:
    """The events of a body."""
    last = len(pieces) - 1
    return [{"type": "http.request", "body": piece, "more_body": n < last} for n, piece in enumerate(pieces)]


def test_a_body_without_a_variation_of_it() -> None:
    """The exchange is the usual one."""
    assert received(varied_http(only(0), b"hello")) == received(http(b"hello")) == [*requests(b"hello"), None]


def test_a_body_that_is_cut() -> None:
    """The app receives its pieces, one after the other."""
    exchange = varied_http(only(seed_of("cut-body"), "cut-body"), b"hello")
    *events, last = received(exchange)
    assert last is None
    assert len(events) > 1
    assert events == requests(*[event["body"] for event in events if event])
    assert b"".join(event["body"] for event in events if event) == b"hello"
    assert (exchange.bytes_uploaded, exchange.upload_done) == (5, True)


def test_a_body_that_ends_with_an_empty_piece() -> None:
    """`more_body` is true of what comes before it."""
    exchange = varied_http(only(seed_of("empty-end"), "empty-end"), b"hello")
    assert received(exchange) == [*requests(b"hello", b""), None]


def test_no_body_at_all_can_come_in_two_pieces() -> None:
    """As hypercorn and granian send it."""
    assert received(varied_http(only(seed_of("empty-end"), "empty-end"), b"")) == [*requests(b"", b""), None]


def test_a_body_whose_pieces_the_test_has_asked_for() -> None:
    """`body_chunks` stays as it is."""
    seed = seed_of("cut-body")
    exchange = varied_http(only(seed, "cut-body"), b"hello", "body", body_chunks=3)
    assert received(exchange) == [*requests(b"hel", b"lo"), None]


@pytest.mark.parametrize("seed", range(50))
def test_every_body_arrives_whole(seed: int) -> None:
    """Whatever varies, the pieces are the body, and one of them is the last."""
    for whole in (b"", b"x", b"hello world"):
        *events, last = received(varied_http(Variation(seed), whole))
        assert b"".join(event.get("body", b"") for event in events if event) == whole
        assert [event.get("more_body", False) for event in events if event] == [True] * (len(events) - 1) + [False]
        assert last is None


@pytest.mark.parametrize("seed", range(20))
def test_a_body_that_is_fed(seed: int) -> None:
    """Piece by piece: each is cut where it comes, and the end is the end."""
    exchange = varied_http(Variation(seed), None)
    assert exchange.to_app() is None
    assert exchange.wants_body
    exchange.feed(b"hello ")
    exchange.feed(b"world")
    exchange.feed(None)
    *events, last = received(exchange)
    assert b"".join(event.get("body", b"") for event in events if event) == b"hello world"
    assert [event.get("more_body", False) for event in events if event] == [True] * (len(events) - 1) + [False]
    assert last is None


@pytest.mark.parametrize("seed", range(20))
def test_a_response_ends_what_is_left_of_a_body(seed: int) -> None:
    """After it, the app receives the disconnect (www.rst: Disconnect), with pieces of the body left."""
    exchange = varied_http(Variation(seed, without=["unknown-key"]), b"hello world", collect=True)
    answered(exchange, start(), body(b"hi"))
    assert exchange.to_app() == DISCONNECT


@pytest.mark.parametrize("seed", range(20))
def test_an_upload_that_is_cut_off_stays_as_long_as_the_test_has_asked_for(seed: int) -> None:
    """`disconnect_after` counts the bytes of a body that comes in other pieces, too."""
    exchange = varied_http(Variation(seed, without=["unknown-key"]), b"hello world", upload_limit=4)
    *events, last = received(exchange)
    assert b"".join(event.get("body", b"") for event in events if event) == b"hell"
    assert last == DISCONNECT


def test_a_client_that_goes_away_in_its_request() -> None:
    """After some bytes of it."""
    seeds = [seed for seed in range(40) if "request body" in repr(with_end(seed))]
    for seed in seeds:
        exchange = varied_http(only(seed, "disconnect"), b"hello")
        *events, last = received(exchange)
        sent = b"".join(event["body"] for event in events if event)
        assert (last, exchange.cut_off) == (DISCONNECT, "upload")
        assert f"goes away after {len(sent)} bytes" in note_of(exchange)
    assert seeds


def with_end(seed: int) -> ExchangeVariation:
    """A variation that has decided when the client goes away."""
    variation = ExchangeVariation(only(seed, "disconnect"), 0)
    variation.end({"upload": 5})
    return variation


def test_a_client_that_is_lost_over_a_websocket() -> None:
    """Instead of one of its messages; what it has sent before is there."""
    lost_after = set()
    for seed in range(60):
        exchange = answered(varied_websocket(only(seed, "disconnect")), {"type": "websocket.accept"})
        for number in range(6):
            exchange.client_sends({"type": "websocket.receive", "text": f"{number}"})
        if exchange.disconnected:
            _connect, *sent, last = received(exchange)
            assert sent == [{"type": "websocket.receive", "text": f"{number}"} for number in range(len(sent))]
            assert last == {"type": "websocket.disconnect", "code": 1006, "reason": ""}
            lost_after.add(len(sent))
    assert lost_after == {0, 1, 2, 3, 4}


def test_the_test_says_itself_when_its_client_goes_away() -> None:
    """Then it does not go at another time."""
    for seed in range(20):
        assert received(varied_http(only(seed, "disconnect"), b"hello", "end")) == [*requests(b"hello"), None]


def test_a_lifespan_with_a_key_of_a_version_to_come() -> None:
    """In its scope nothing of that; its state is the client's own."""
    state: dict[str, Any] = {}
    variation = ExchangeVariation(only(seed_of("unknown-key"), "unknown-key"), 0)
    exchange = VariedLifespanExchange(variation, lifespan_scope(state))
    assert received(exchange) == [{"type": "lifespan.startup", "asgi_lockstep.unknown": 1}, None]
    assert exchange.scope["state"] is state


# Notes.


def note_of(exchange: VariedHTTPExchange | VariedWebSocketExchange) -> str:
    """What is noted on an exception about it."""
    (note,) = explained(ValueError("x"), exchange).__notes__
    return note


def test_a_note_lists_what_has_varied() -> None:
    """One line each, with the messages in which it has, the kind, and where the specification says so."""
    seed = seed_of("empty-end")
    exchange = varied_http(only(seed, "empty-end"), b"hello")
    assert note_of(exchange) == (
        f"vary={exchange_words(seed, 'empty-end')} repeats this. What varied in POST /items (exchange 0 of the "
        "client):\n"
        "  the request body ends with an empty piece (empty-end; www.rst: Request - receive event)"
    )


def exchange_words(seed: int, name: str) -> str:
    """How the variation is written."""
    return repr(only(seed, name))


def test_a_note_counts_the_messages() -> None:
    """The first five, and how many more there are."""
    exchange = varied_http(only(0, "unknown-key"), b"abcdefghijklmnopqrst", "body", body_chunks=1)
    numbers = [n for n, event in enumerate(received(exchange), 1) if event and "asgi_lockstep.unknown" in event]
    first = ", ".join(map(str, numbers[:5]))
    assert note_of(exchange).splitlines()[1] == (
        "  http.request has 'asgi_lockstep.unknown': 1 (unknown-key; asgi.rst: Error Handling), "
        f"in messages {first} and {len(numbers) - 5} more"
    )


def test_a_note_has_an_end() -> None:
    """However often the pieces of a long upload have been cut in another way."""
    exchange = varied_http(only(0, "cut-body"), None)
    for size in range(2, 200):
        exchange.feed(b"x" * size)
    first, *lines, last = note_of(exchange).splitlines()
    assert len(lines) == 30
    assert all(line.startswith("  the request body is cut into pieces of ") for line in lines)
    assert re.fullmatch(r"  and \d+ more", last)
    assert first.startswith("vary=")


def test_a_note_where_nothing_has_varied() -> None:
    """It says so: then the variation is not why."""
    assert note_of(varied_http(Variation(3, without=[kind.name for kind in KINDS]), b"")).endswith(
        " repeats this. Nothing varied in POST /items (exchange 0 of the client)."
    )


def test_an_exception_is_explained_once() -> None:
    """Although it passes several places; what the app raises is explained where it comes from."""
    exchange, exception = varied_http(Variation(7), b"hello"), ValueError("x")
    exchange.app_raised(exception)
    explained(exception, exchange)
    Variations(Variation(8)).explain(exception)
    assert [note.partition(" ")[0] for note in exception.__notes__] == ["vary=7"]


def test_an_exchange_without_variation_explains_nothing() -> None:
    """The exception is as it was."""
    exception = explained(ValueError("x"), HTTPExchange({"type": "http"}, b""))
    assert not hasattr(exception, "__notes__")


# What `vary=` means.


def test_no_variation() -> None:
    """None, and False."""
    assert variations_of(None) is None
    assert variations_of(False) is None


def test_what_vary_is_given() -> None:
    """A seed, or all of it."""
    known = [variations_of(7), variations_of(Variation(7, also="disconnect", without=["no-state"]))]
    assert [variations.variation for variations in known if variations] == [
        Variation(7),
        Variation(7, also=("disconnect",), without=("no-state",)),
    ]
    assert [variations.variation.written for variations in known if variations] == [
        "7",
        "Variation(7, also=('disconnect',), without=('no-state',))",
    ]


def test_a_random_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system chooses one that can be written down, whatever `random.seed()` was given."""
    monkeypatch.setattr(SystemRandom, "randrange", lambda _self, below: below - 1)
    variations = variations_of(True)
    assert variations is not None
    assert variations.variation == Variation(999_999)


def test_what_is_no_seed() -> None:
    """The text says what to give."""
    with pytest.raises(UsageError) as caught:
        variations_of("7")
    assert str(caught.value) == "vary='7' makes no sense: give an int, True for a random one, a Variation, or None."
    wrong: Any = True
    with pytest.raises(UsageError) as caught:
        Variation(wrong)
    assert str(caught.value) == "seed=True makes no sense: give an int."


def test_a_kind_that_does_not_exist() -> None:
    """The text lists those that do."""
    with pytest.raises(UnknownOption) as caught:
        Variation(7, also=["disconnects"])
    listed = ", ".join(repr(kind.name) for kind in KINDS)
    assert str(caught.value) == f"Variation also='disconnects' does not exist; known are {listed}."
