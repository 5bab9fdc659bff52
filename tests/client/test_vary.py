"""A client that varies what the app gets: correct apps pass, and each fault of others is found, told and repeated."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from asgi_lockstep import Variation
from asgi_lockstep._protocol.variation import KINDS
from asgi_lockstep._types import ASGIApp, Receive, Scope, Send
from helpers import body, start
from matrix import Driver

pytestmark = pytest.mark.client_decides

#: What is sent to all apps.
SENT = {"names": ["Ada", "Grace"]}


async def whole_body(receive: Receive) -> bytes:
    """A request body, read as the specification has it."""
    whole, more = b"", True
    while more:
        message = await receive()
        whole += message.get("body", b"")
        more = message.get("more_body", False)
    return whole


async def correct(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that stands whatever a server may do."""
    match scope["type"]:
        case "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        case "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while (message := await receive())["type"] == "websocket.receive":
                text = message.get("text")
                await send({"type": "websocket.send", "text": "bytes" if text is None else text})
        case _:
            names = dict(scope["headers"])
            answer = json.dumps([names[b"x-user"].decode(), json.loads(await whole_body(receive))])
            await send(start())
            await send(body(answer.encode()))


def visit(client: Any) -> list[Any]:
    """A request, and a websocket."""
    answer = client.post("/names", json=SENT, headers={"x-user": "me"}).json()
    with client.websocket_connect("/chat") as session:
        session.send_text("hi")
        session.send_bytes(b"hi")
        return [*answer, session.receive_text(), session.receive_text()]


def test_a_correct_app_passes_with_every_seed(driver: Driver) -> None:
    """Two hundred of them; what the test sees is always the same."""
    for seed in range(200):
        with driver.client(correct, vary=seed) as client:
            assert visit(client) == ["me", SENT, "hi", "bytes"]


def test_a_body_that_the_test_sends_by_hand_arrives_whole(driver: Driver) -> None:
    """Each piece may be cut where it comes."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        whole = await whole_body(receive)
        await send(start())
        await send(body(whole))

    for seed in range(20):
        with driver.client(app, vary=seed).open("POST", "/") as exchange:
            exchange.send(b"hello ")
            exchange.send(b"world")
            exchange.end()
            assert b"".join(exchange) == b"hello world"


# Faults: each app is right about what our own client, or one server, does.

Fault = Callable[[Scope, Receive], Any]


async def _first_event_is_all(_: Scope, receive: Receive) -> None:
    json.loads((await receive()).get("body", b""))


async def _an_empty_piece_is_the_end(_: Scope, receive: Receive) -> None:
    whole = b""
    while piece := (await receive()).get("body", b""):
        whole += piece
        if whole.endswith(b"}"):
            break
    json.loads(whole)


async def _no_piece_is_empty(_: Scope, receive: Receive) -> None:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        if not message.get("body"):
            raise ValueError("an empty piece")


async def _more_body_is_there(_: Scope, receive: Receive) -> None:
    while (await receive())["more_body"]:
        pass


async def _body_is_there(_: Scope, receive: Receive) -> None:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        len(message["body"])


async def _no_other_keys(_: Scope, receive: Receive) -> None:
    assert {*(await receive())} <= {"type", "body", "more_body"}


async def _host_is_first(scope: Scope, _: Receive) -> None:
    assert scope["headers"][0][0].lower() == b"host"


async def _headers_are_tuples(scope: Scope, _: Receive) -> None:
    len({*scope["headers"]})  # lists cannot be in a set


async def _names_are_lower_case(scope: Scope, _: Receive) -> None:
    len(dict(scope["headers"])[b"user-agent"])


async def _no_version_is_told(scope: Scope, _: Receive) -> None:
    scope["asgi"]["spec_version"].split(".")


def _says(key: str) -> Fault:
    async def fault(scope: Scope, _: Receive) -> None:
        len(scope[key])

    return fault


#: A fault for each kind that can be found by a request.
OF_REQUESTS: dict[str, Fault] = {
    "no-scheme": _says("scheme"),
    "no-raw-path": _says("raw_path"),
    "no-root-path": _says("root_path"),
    "no-client": _says("client"),
    "no-server": _says("server"),
    "no-extensions": _says("extensions"),
    "no-state": _says("state"),
    "no-spec-version": _no_version_is_told,
    "header-order": _host_is_first,
    "header-lists": _headers_are_tuples,
    "header-case": _names_are_lower_case,
    "cut-body": _first_event_is_all,
    "empty-pieces": _an_empty_piece_is_the_end,
    "empty-end": _no_piece_is_empty,
    "no-more-body": _more_body_is_there,
    "no-body": _body_is_there,
    "unknown-key": _no_other_keys,
}


async def _the_other_key_is_missing(_: Scope, receive: Receive) -> None:
    message = await receive()
    assert ("text" in message) != ("bytes" in message)


async def _a_reason_is_there(_: Scope, receive: Receive) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        pass
    message["reason"].strip()


async def _nobody_leaves(_: Scope, receive: Receive) -> None:
    assert (await receive())["type"] == "websocket.receive"


#: The same for those that need a websocket.
OF_WEBSOCKETS: dict[str, Fault] = {
    "no-http-version": _says("http_version"),
    "no-subprotocols": _says("subprotocols"),
    "no-query-string": _says("query_string"),
    "other-key": _the_other_key_is_missing,
    "no-reason": _a_reason_is_there,
    "disconnect": _nobody_leaves,
}


def with_fault(fault: Fault) -> ASGIApp:
    """An app that has it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await fault(scope, receive)
            await send(start())
            await send(body())
        else:
            await receive()
            await send({"type": "websocket.accept"})
            await fault(scope, receive)
            await send({"type": "websocket.send", "text": "done"})

    return app


def failure_of(driver: Driver, app: ASGIApp, variation: Any, on_websocket: bool) -> Exception | None:
    """What comes out of a request, or of a websocket; None if nothing does."""
    client = driver.client(app, vary=variation, lifespan="off")
    try:
        if on_websocket:
            with client.websocket_connect("/chat") as session:
                session.send_text("hi")
        else:
            client.post("/names", json=SENT)
    except Exception as exc:
        return exc
    return None


#: What else has to happen, so that a kind can.
NEEDS = {"no-body": ("empty-end",)}


def only(seed: int, name: str) -> Variation:
    """One kind alone, with what it needs."""
    names = (name, *NEEDS.get(name, ()))
    return Variation(seed, also=names, without=[kind.name for kind in KINDS if kind.name not in names])


def test_there_is_a_fault_of_every_kind() -> None:
    """Whoever adds a kind adds an app that it finds."""
    assert {*OF_REQUESTS, *OF_WEBSOCKETS} == {kind.name for kind in KINDS}


@pytest.mark.parametrize("name", [*OF_REQUESTS, *OF_WEBSOCKETS])
def test_a_fault_is_found_and_repeated(driver: Driver, name: str) -> None:
    """Within ten seeds; the note names the kind, and what it says gives the same failure again."""
    on_websocket = name in OF_WEBSOCKETS
    app = with_fault({**OF_REQUESTS, **OF_WEBSOCKETS}[name])
    assert failure_of(driver, app, None, on_websocket) is None
    found = [(seed, failure_of(driver, app, only(seed, name), on_websocket)) for seed in range(10)]
    seed, failure = next((seed, failure) for seed, failure in found if failure is not None)
    (note,) = failure.__notes__
    assert note.startswith(f"vary={only(seed, name)!r} repeats this. What varied in ")
    assert f"({name}; " in note
    written = note.partition(" repeats this.")[0].removeprefix("vary=")
    again = failure_of(driver, app, eval(written), on_websocket)
    assert again is not None
    assert (type(again), str(again), again.__notes__) == (type(failure), str(failure), failure.__notes__)


@pytest.mark.parametrize("name", [name for name in OF_REQUESTS if name != "header-case"])
def test_a_fault_is_found_among_all_kinds(driver: Driver, name: str) -> None:
    """With a seed alone, within ten."""
    app = with_fault(OF_REQUESTS[name])
    assert any(failure_of(driver, app, seed, False) is not None for seed in range(10))
