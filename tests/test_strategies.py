"""The strategies: what they make is legal, all of it can come, and arguments narrow it down."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from asgi_lockstep import AsyncTestClient, MissingExtra, TestClient, UnknownOption
from asgi_lockstep import strategies as own
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._protocol.lifespan_exchange import LifespanExchange
from asgi_lockstep._protocol.tables import HTTPState, LifespanState, WebSocketState
from asgi_lockstep._protocol.varied_messages import UNKNOWN_KEY
from asgi_lockstep._protocol.websocket_exchange import WebSocketExchange
from asgi_lockstep._strategies.app_messages import DENIAL
from asgi_lockstep._strategies.http_messages import HTTP_EXTENSIONS
from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import Listener, body, start

#: The same examples in every run; `make fuzz` looks for others.
FIXED = settings(derandomize=True, max_examples=100, database=None, deadline=None)
SEARCH = settings(derandomize=True, max_examples=2000, database=None, phases=[Phase.generate], deadline=None)

Messages = list[Message]


def types_of(messages: Messages) -> list[str]:
    """Their types."""
    return [message["type"] for message in messages]


def some(strategy: SearchStrategy[Any], wanted: Any) -> Any:
    """An example of what is wanted, which therefore can come."""
    return find(strategy, wanted, settings=SEARCH)


# Requests.


async def shows(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads its request."""
    while (await receive()).get("more_body"):
        pass
    await send(start())
    await send(body(b"" if scope["method"] == "HEAD" else b"ok"))


@FIXED
@given(own.requests())
def test_a_request_reaches_the_app_as_it_is(request: dict[str, Any]) -> None:
    """Its method, its headers and its body; its path decoded."""
    app = Listener(http=shows)
    assert TestClient(app).request(**request).status_code == 200
    (scope,) = app.scopes
    assert scope["method"] == request["method"]
    assert scope["raw_path"].decode() == request["url"]
    assert [pair for pair in request["headers"] if pair not in scope["headers"]] == []
    assert b"".join(message["body"] for message in app.received) == request.get("content", b"")


@settings(FIXED, max_examples=20)
@given(own.requests(methods=["PUT"], bodies=st.just(b"x")))
def test_a_request_is_one_of_the_async_client_as_well(request: dict[str, Any]) -> None:
    """The same arguments."""

    async def test() -> int:
        return (await AsyncTestClient(shows).request(**request)).status_code

    assert asyncio.run(test()) == 200


@FIXED
@given(
    own.requests(
        methods=["POST"],
        paths=st.just("/a b"),
        params=st.just([("q", "1")]),
        headers=st.just([(b"x-a", b"1")]),
        bodies=st.just(b"body"),
    )
)
def test_requests_can_be_narrowed_down(request: dict[str, Any]) -> None:
    """To one, if need be."""
    assert request == {
        "method": "POST",
        "url": "/a%20b",
        "params": [("q", "1")],
        "headers": [(b"x-a", b"1")],
        "content": b"body",
    }


# Events.


@FIXED
@given(own.http_events())
def test_events_of_a_request_are_a_body_or_its_beginning(events: Messages) -> None:
    """Each key is of its type; only the last event of a whole body has no `more_body`."""
    *requests, last = events
    if last["type"] == "http.request":
        assert not last.get("more_body", False)
        requests = [*requests]
    else:
        assert last["type"] == "http.disconnect"
        requests = requests[:-1] if requests and not requests[-1].get("more_body", False) else requests
    assert all(event["type"] == "http.request" and event["more_body"] is True for event in requests)
    assert all(type(event.get("body", b"")) is bytes for event in events)
    assert all(event.keys() <= {"type", "body", "more_body", UNKNOWN_KEY} for event in events)


@FIXED
@given(own.websocket_events())
def test_events_of_a_websocket_are_its_connect_frames_and_end(events: Messages) -> None:
    """A frame is a text or binary, and the other key is missing or None."""
    first, *rest = types_of(events)
    assert first == "websocket.connect"
    assert set(rest[:-1]) <= {"websocket.receive"}
    assert rest[-1:] in ([], ["websocket.receive"], ["websocket.disconnect"])
    for event in events:
        if event["type"] == "websocket.receive":
            assert (event.get("text") is None) != (event.get("bytes") is None)
        if event["type"] == "websocket.disconnect":
            assert type(event["code"]) is int
            assert isinstance(event.get("reason") or "", str)


@FIXED
@given(own.lifespan_events())
def test_events_of_a_lifespan(events: Messages) -> None:
    """A shutdown comes after the startup."""
    assert types_of(events) in (["lifespan.startup"], ["lifespan.startup", "lifespan.shutdown"])


@pytest.mark.parametrize(
    ("strategy", "example"),
    [
        (own.http_events(), [{"type": "http.request"}]),
        (own.http_events(), [{"type": "http.disconnect"}]),
        (own.http_events(disconnect=False, unknown_keys=False), [{"type": "http.request", "body": b""}]),
        (own.http_events(), [{"type": "http.request", "more_body": True}, {"type": "http.request"}]),
        (own.websocket_events(), [{"type": "websocket.connect"}]),
        (
            own.websocket_events(),
            [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "", "bytes": None}],
        ),
        (
            own.websocket_events(),
            [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}],
        ),
        (own.lifespan_events(), [{"type": "lifespan.startup", UNKNOWN_KEY: 1}]),
    ],
)
def test_events_that_can_come(strategy: SearchStrategy[Messages], example: Messages) -> None:
    """With keys left out, or unknown ones in."""
    assert some(strategy, lambda events: events == example) == example


@pytest.mark.parametrize("disconnect", [True, False])
def test_events_are_narrowed_down(disconnect: bool) -> None:
    """With or without the end of the client, with the pieces and frames of the caller, and known keys alone."""
    http = own.http_events(bodies=st.just(b"x"), disconnect=disconnect, unknown_keys=False)
    websocket = own.websocket_events(text=st.nothing(), binary=st.just(b"x"), disconnect=disconnect, unknown_keys=False)
    lifespan = own.lifespan_events(shutdown=disconnect, unknown_keys=False)

    @FIXED
    @given(http, websocket, lifespan)
    def check(http_events: Messages, websocket_events: Messages, lifespan_events: Messages) -> None:
        assert ("http.disconnect" in types_of(http_events)) is disconnect
        assert {event.get("body", b"") for event in http_events} <= {b"", b"x"}
        assert ("websocket.disconnect" in types_of(websocket_events)) is disconnect
        frames = [event for event in websocket_events if event["type"] == "websocket.receive"]
        assert [event["bytes"] for event in frames] == [b"x"] * len(frames)
        assert ("lifespan.shutdown" in types_of(lifespan_events)) is disconnect
        every = [*http_events, *websocket_events, *lifespan_events]
        assert not any(UNKNOWN_KEY in event for event in every)

    check()


# Messages of apps, which our own exchanges check.


def scope_of(protocol: str, *extensions: str, subprotocols: tuple[str, ...] = ()) -> Scope:
    """A scope that offers extensions."""
    offered: dict[str, object] = {name: {} for name in extensions}
    both = {"type": protocol, "asgi": {"version": "3.0", "spec_version": "2.3"}, "path": "/", "extensions": offered}
    return {**both, "method": "GET"} if protocol == "http" else {**both, "subprotocols": [*subprotocols]}


def sent(exchange: Any, messages: Messages) -> Any:
    """The exchange, after the app has sent these; it raises where one is not legal."""
    for message in messages:
        exchange.from_app(message)
    return exchange


@FIXED
@given(own.http_app_messages())
def test_a_response_is_complete(messages: Messages) -> None:
    """By the rules of the client, which raises where one is broken."""
    exchange = sent(HTTPExchange(scope_of("http"), b"", collect=True), messages)
    assert exchange.state is HTTPState.COMPLETE
    assert exchange.body == b"".join(message.get("body", b"") for message in messages)
    if exchange.status in (204, 205, 304):
        assert exchange.body == b""


@FIXED
@given(own.http_app_messages(extensions=HTTP_EXTENSIONS))
def test_a_response_with_extensions_is_complete(messages: Messages) -> None:
    """Where the server offers them."""
    exchange = sent(HTTPExchange(scope_of("http", *HTTP_EXTENSIONS), b"", collect=True), messages)
    assert exchange.state is HTTPState.COMPLETE
    if exchange.trailers:
        names = b", ".join(name for name, _ in exchange.trailers)
        assert (b"trailer", names) in exchange.headers


@FIXED
@given(own.websocket_app_messages(subprotocols=["a", "b"], extensions=[DENIAL]))
def test_a_websocket_is_closed_or_refused(messages: Messages) -> None:
    """By the rules of the client, too."""
    scope = scope_of("websocket", DENIAL, subprotocols=("a", "b"))
    assert sent(WebSocketExchange(scope), messages).state is WebSocketState.CLOSED


@FIXED
@given(own.lifespan_app_messages())
def test_a_lifespan_is_answered(messages: Messages) -> None:
    """To its end, or to a failure."""
    exchange = sent(LifespanExchange({"type": "lifespan"}), messages)
    assert exchange.state in (LifespanState.STOPPED, LifespanState.FAILED)


@pytest.mark.parametrize(
    ("strategy", "types"),
    [
        (own.http_app_messages(), ["http.response.start", "http.response.body"]),
        *(
            (own.http_app_messages(extensions=[name]), types)
            for name, types in {
                "http.response.debug": ["http.response.debug", "http.response.start", "http.response.body"],
                "http.response.early_hint": ["http.response.start", "http.response.early_hint", "http.response.body"],
                "http.response.push": ["http.response.start", "http.response.push", "http.response.body"],
                "http.response.trailers": ["http.response.start", "http.response.body", "http.response.trailers"],
            }.items()
        ),
        (own.websocket_app_messages(), ["websocket.close"]),
        (own.websocket_app_messages(), ["websocket.accept", "websocket.send", "websocket.close"]),
        (own.websocket_app_messages(extensions=[DENIAL], accepts=False), [f"{DENIAL}.start", f"{DENIAL}.body"]),
        (own.lifespan_app_messages(), ["lifespan.startup.failed"]),
        (own.lifespan_app_messages(), ["lifespan.startup.complete", "lifespan.shutdown.failed"]),
    ],
)
def test_messages_that_can_come(strategy: SearchStrategy[Messages], types: list[str]) -> None:
    """Of each kind, where the extension is offered."""
    assert types_of(some(strategy, lambda messages: types_of(messages) == types)) == types


def test_messages_of_apps_are_narrowed_down() -> None:
    """To the status, the headers, the pieces and the frames of the caller."""

    @FIXED
    @given(
        own.http_app_messages(statuses=[201], headers=st.just([(b"x-a", b"1")]), bodies=st.just(b"x")),
        own.websocket_app_messages(accepts=True, text=st.just("x"), binary=st.nothing()),
        own.lifespan_app_messages(fails=True),
    )
    def check(response: Messages, websocket: Messages, lifespan: Messages) -> None:
        assert (response[0]["status"], response[0]["headers"]) == (201, [(b"x-a", b"1")])
        assert {message.get("body", b"") for message in response[1:]} <= {b"", b"x"}
        assert websocket[0]["type"] == "websocket.accept"
        assert [message["text"] for message in websocket[1:-1]] == ["x"] * (len(websocket) - 2)
        assert lifespan[-1]["type"].endswith(".failed")

    check()


def test_an_extension_that_does_not_exist() -> None:
    """Or whose messages need a file, which no strategy has."""
    with pytest.raises(UnknownOption) as caught:
        own.http_app_messages(extensions=["http.response.pathsend"])
    assert str(caught.value) == (
        "extensions='http.response.pathsend' does not exist; known are 'http.response.debug', "
        "'http.response.early_hint', 'http.response.push', 'http.response.trailers'."
    )
    with pytest.raises(UnknownOption, match=r"^extensions='tls' does not exist; known are 'websocket\.http\.response'"):
        own.websocket_app_messages(extensions=["tls"])


# The extra.


def test_without_hypothesis_the_text_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the strategies are imported."""
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "asgi_lockstep.strategies")
    with pytest.raises(MissingExtra) as caught:
        importlib.import_module("asgi_lockstep.strategies")
    assert str(caught.value) == (
        "asgi_lockstep.strategies needs hypothesis, which is not installed. Run: pip install "
        "'asgi-lockstep[hypothesis]'"
    )


def test_hypothesis_is_imported_by_nobody_else() -> None:
    """It takes a fifth of a second."""
    code = "import asgi_lockstep, sys; sys.exit('hypothesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_names_are_listed() -> None:
    """`__all__` is sorted and complete, and each name shows where it comes from."""
    assert list(own.__all__) == sorted(own.__all__)
    assert all(callable(getattr(own, name)) for name in own.__all__)
