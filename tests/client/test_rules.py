"""`rules=` and `server=`: what becomes of an app that breaks ASGI, and whose habits count where servers differ."""

from __future__ import annotations

from typing import Any

import anyio
import httpx2
import pytest

from asgi_lockstep import (
    ProtocolViolation,
    ResponseRefused,
    TestClient,
    TruncatedResponse,
    UnknownOption,
    UsageError,
    WebSocketDenialResponse,
    WebSocketDisconnect,
)
from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import Listener, answers, body, read_body, start
from matrix import Driver

pytestmark = pytest.mark.client_decides

#: A header that most servers send as it is.
UPPER = start(200, (b"X-A", b"1"))
SHORT = (start(200, (b"content-length", b"5")), body(b"abc"))


def rules_of(client: Any) -> list[str]:
    """The names of the rules that a client has recorded."""
    return [violation.rule for violation in client.violations]


def test_what_most_servers_take_is_recorded(driver: Driver) -> None:
    """And the test goes on; each time, in order."""
    client = driver.client(answers(UPPER, body()))
    assert (client.get("/").status_code, client.get("/").headers["x-a"]) == (200, "1")
    assert rules_of(client) == ["upper-case-name", "upper-case-name"]


def test_what_most_servers_refuse_is_raised(driver: Driver) -> None:
    """Out of the app's `send()`, and so in the test."""
    client = driver.client(answers(*SHORT))
    with pytest.raises(ProtocolViolation, match=r'^The body has 3 bytes with its last "http\.response\.body"'):
        client.get("/")
    assert rules_of(client) == ["body-too-short"]


def test_an_app_that_handles_its_violation_is_found_in_the_records(driver: Driver) -> None:
    """The test is green, as the server is; whoever wants to know can."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start(200))
        with pytest.raises(ProtocolViolation):
            await send(start(200))
        await send(body(b"fine"))

    client = driver.client(app)
    assert client.get("/").content == b"fine"
    assert rules_of(client) == ["start-twice"]


@pytest.mark.parametrize("raising", [True, False])
def test_what_servers_refuse_behind_the_apps_back_is_refused_at_the_test(driver: Driver, raising: bool) -> None:
    """The app's `send()` returns; no client of a server would get the response."""
    ended: list[str] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start(103))
        await send(body(b"x"))
        ended.append("returned")

    client = driver.client(app, raise_server_exceptions=raising)
    with pytest.raises(ProtocolViolation if raising else ResponseRefused) as caught:
        client.get("/")
    raised: Any = caught.value
    assert ((raised if raising else raised.violation).rule, ended) == ("interim-status", ["returned"])
    assert raising or isinstance(raised, httpx2.RemoteProtocolError)


@pytest.mark.parametrize(
    ("rules", "raises", "recorded"),
    [
        ("servers", False, ["upper-case-name"]),
        ("spec", True, ["upper-case-name"]),
        ("off", False, []),
        ({"upper-case-name": "error"}, True, ["upper-case-name"]),
        ({"upper-case-name": "off"}, False, []),
        ({"default": "spec", "upper-case-name": "record"}, False, ["upper-case-name"]),
        ({"default": "off", "upper-case-name": "record"}, False, ["upper-case-name"]),
    ],
)
def test_the_rules_of_a_client(driver: Driver, rules: Any, raises: bool, recorded: list[str]) -> None:
    """A set of verdicts, or single ones over a set."""
    client = driver.client(answers(UPPER, body()), rules=rules)
    if raises:
        with pytest.raises(ProtocolViolation):
            client.get("/")
    else:
        client.get("/")
    assert rules_of(client) == recorded


def test_the_rules_of_one_call(driver: Driver) -> None:
    """Over those of the client, whose records have them all."""
    client = driver.client(answers(UPPER, body()))
    client.get("/", extensions={"asgi": {"rules": "off"}})
    with pytest.raises(ProtocolViolation):
        client.get("/", extensions={"asgi": {"rules": "spec"}})
    client.get("/")
    assert rules_of(client) == ["upper-case-name", "upper-case-name"]


def test_another_user_of_the_app_has_the_same_records(driver: Driver) -> None:
    """It is the app that breaks the rules."""
    client = driver.client(answers(UPPER, body()))
    client.derive().get("/")
    assert rules_of(client) == ["upper-case-name"]


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ("strict", "rules='strict' does not exist; known are 'servers', 'spec', 'off'."),
        ({"default": "x"}, "rules['default']='x' does not exist; known are 'servers', 'spec', 'off'."),
        ({"no-unicode": "x"}, "rules['no-unicode']='x' does not exist; known are 'error', 'record', 'off'."),
    ],
)
def test_rules_that_do_not_exist(rules: Any, text: str) -> None:
    """The text says what does."""
    with pytest.raises(UnknownOption) as caught:
        TestClient(answers(), rules=rules)
    assert str(caught.value) == text


def test_a_rule_that_does_not_exist() -> None:
    """All that do are named."""
    with pytest.raises(UnknownOption, match=r"^rules key='upper' does not exist; known are 'no-message', "):
        TestClient(answers(), rules={"upper": "off"})


def test_rules_that_are_no_rules() -> None:
    """As any value that makes no sense."""
    with pytest.raises(UsageError, match=r"^rules=5 makes no sense: give a name, or a mapping such as "):
        TestClient(answers(), rules=5)  # type: ignore[arg-type]


# What a client sees, as on the wire.


@pytest.mark.parametrize(
    ("server", "text"),
    [("uvicorn", b"Internal Server Error"), ("hypercorn", b""), ("granian", b"Internal server error")],
)
def test_an_app_that_fails_before_its_response(driver: Driver, server: str, text: bytes) -> None:
    """The client gets the response of the server, where exceptions of the app are not raised."""

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise KeyError("x")

    client = driver.client(app, raise_server_exceptions=False, server=server)
    response = client.get("/")
    assert (response.status_code, response.content, client.head("/").content) == (500, text, b"")


def test_a_response_that_is_cut_short_has_what_had_arrived(driver: Driver) -> None:
    """As the client of a server sees it."""
    with pytest.raises(TruncatedResponse) as caught:
        driver.client(answers(*SHORT), raise_server_exceptions=False).get("/")
    assert caught.value.received == b""  # uvicorn sends nothing of a piece that it refuses


@pytest.mark.parametrize(
    "sent",
    [[start(204)], [start(200, (b"content-length", b"2")), body(b"ab", more=True)], [start(304), body(b"x")]],
    ids=["no last message", "all its bytes", "a body that nobody reads"],
)
def test_a_response_that_is_all_there_is_no_failure(driver: Driver, sent: list[Message]) -> None:
    """Its bytes decide; what is wrong with it is recorded."""
    client = driver.client(answers(*sent))
    response = client.get("/")
    assert (response.status_code, response.content) == (
        sent[0]["status"],
        b"ab" if response.status_code == 200 else b"",
    )
    assert len(client.violations) == 1


def test_a_refused_handshake_is_a_response_of_403(driver: Driver) -> None:
    """With the code and the reason of the app, which no client of a server sees, for those who test the app."""

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.close", "code": 4001, "reason": "who?"})

    with pytest.raises(WebSocketDisconnect) as caught, driver.client(app).websocket_connect("/chat"):
        pytest.fail("it is refused")
    refusal = caught.value
    assert isinstance(refusal, WebSocketDenialResponse)
    assert (refusal.status_code, refusal.code, refusal.reason) == (403, 4001, "who?")
    assert str(refusal).startswith("the app has refused ws://testserver/chat (code 4001, who?) before it accepted")


@pytest.mark.parametrize("raises", [True, False])
def test_a_handshake_that_fails_is_a_response_of_500(driver: Driver, raises: bool) -> None:
    """Where exceptions of the app are not raised; also where it returns without an answer."""

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        if raises:
            raise KeyError("x")

    client = driver.client(app, raise_server_exceptions=False)
    with pytest.raises(WebSocketDenialResponse) as caught, client.websocket_connect("/"):
        pytest.fail("it is not answered")
    assert (caught.value.status_code, caught.value.content) == (500, b"Internal Server Error")


@pytest.mark.parametrize(
    ("server", "code"), [("uvicorn", 1006), ("hypercorn", 1011), ("daphne", 1006), ("granian", 1005)]
)
def test_an_app_that_returns_without_a_close(driver: Driver, server: str, code: int) -> None:
    """Each server has its own end for it."""

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})

    client = driver.client(app, server=server)
    with client.websocket_connect("/") as session, pytest.raises(WebSocketDisconnect) as caught:
        session.receive_text()
    assert (caught.value.code, rules_of(client)) == (code, ["no-close"])


@pytest.mark.parametrize(("server", "code", "reason"), [("uvicorn", 3001, "bye"), ("hypercorn", 1006, "")])
def test_what_the_app_hears_of_a_close(driver: Driver, server: str, code: int, reason: str) -> None:
    """Hypercorn tells neither code nor reason."""

    async def chat(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        app.events.append(await receive())

    app = Listener(websocket=chat)
    with driver.client(app, server=server).websocket_connect("/") as session:
        session.close(3001, "bye")
    assert app.events == [{"type": "websocket.disconnect", "code": code, "reason": reason}]


@pytest.mark.parametrize(("server", "ends"), [("uvicorn", [3]), ("hypercorn", [3, 0]), ("granian", [3, 0])])
def test_the_last_event_of_a_body(driver: Driver, server: str, ends: list[int]) -> None:
    """Of some servers it is an empty one."""

    async def http(_scope: Scope, receive: Receive, send: Send) -> None:
        await read_body(receive)
        await send(start())
        await send(body())

    app = Listener(http=http)
    driver.client(app, server=server).post("/", content=b"abc")
    assert [len(message["body"]) for message in app.received] == ends


def test_a_message_that_is_too_long_ends_the_websocket(driver: Driver) -> None:
    """Servers take up to 16 MiB; what is longer is 1009 for both sides."""

    async def chat(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        app.events.append(await receive())

    app = Listener(websocket=chat)
    with driver.client(app).websocket_connect("/") as session:
        session.send_bytes(bytes(16 * 1024 * 1024 + 1))
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive_text()
    assert (caught.value.code, app.events[0]["code"]) == (1009, 1009)


def test_an_app_whose_client_has_gone_goes_on_as_long_as_its_grace(driver: Driver) -> None:
    """Servers let it; what it sends is sent to nobody."""
    ends: list[str] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        for _ in range(3):
            await send(body(b"x", more=True))
            await anyio.sleep(0.01)
        ends.append("returned")

    client = driver.client(app, grace=600)
    with client.stream("GET", "/") as response:
        assert next(response.iter_raw()) == b"x"
    assert ends == ["returned"]


def test_each_open_response_is_ended_where_the_first_fails(driver: Driver) -> None:
    """The first failure is raised, and names the others."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"x", more=True))
        raise KeyError(scope["path"])

    client = driver.client(app)
    for path in ("/a", "/b"):
        client.send(client.build_request("GET", path), stream=True)
    with pytest.raises(KeyError) as caught:
        client.close()
    assert (caught.value.args, caught.value.__notes__) == (("/b",), ["And another open response: KeyError('/a')"])


def test_an_app_that_sleeps_beyond_its_grace_is_cancelled_at_once(driver: Driver) -> None:
    """Nothing can happen before."""
    ends: list[str] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"x", more=True))
        try:
            await anyio.sleep(3600)
        finally:
            ends.append("cancelled")

    client = driver.client(app, grace=600)
    with client.stream("GET", "/") as response:
        assert next(response.iter_raw()) == b"x"
    assert ends == ["cancelled"]


def test_extensions_of_a_handshake_are_a_mapping(driver: Driver) -> None:
    """A list is what the constructor takes."""
    with pytest.raises(UsageError) as caught, driver.client(answers()).websocket_connect("/", extensions=["tls"]):
        pytest.fail("it is refused")
    assert str(caught.value) == (
        'extensions=[\'tls\'] makes no sense: give a dict, for example {"asgi": {"grace": 2}}.'
    )
