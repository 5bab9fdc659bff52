"""`Checked` names the one of several layers that breaks a rule, and changes nothing else."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx2
import pytest
import uvicorn

from asgi_lockstep import Checked, ProtocolViolation, TestClient, UsageError
from asgi_lockstep._types import ASGI3App, Message, Receive, Scope, Send
from either import Either, line
from helpers import accept, answers, body, simple_lifespan, start
from matrix import Driver

#: Where the texts say that a rule stands.
SPECS = "https://asgi.readthedocs.io/en/latest/specs"
LENGTHS = "https://www.rfc-editor.org/rfc/rfc9110#section-8.6"


def greeting(*headers: tuple[bytes, bytes]) -> ASGI3App:
    """An app that says hello, in five bytes."""
    return answers(start(200, (b"content-length", b"5"), *headers), body(b"hello"))


def emphatic(app: ASGI3App) -> ASGI3App:
    """A middleware with a mistake: it makes the body longer, and keeps the length."""

    async def emphasise(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_louder(message: Message) -> None:
            louder = {**message, "body": message["body"] + b"!"} if "body" in message else message
            await send(louder)

        await app(scope, receive, send_louder)

    return emphasise


def layers(inner: ASGI3App, rules: Any = "spec") -> tuple[Checked, Checked]:
    """The middleware around the app, each of them checked; and the app, checked."""
    checked = Checked(inner, name="the greeting", rules=rules)
    return Checked(emphatic(checked), name="emphatic", rules=rules), checked


def send_louder_line() -> str:
    """Where the middleware sends."""
    return line(emphatic, "await send(louder)").replace(" in emphatic:", " in send_louder:")


def test_the_middleware_that_breaks_a_rule_is_named(driver: Driver) -> None:
    """The outer layer complains, whose own `send()` it is; the inner one has seen nothing wrong."""
    outer, inner = layers(greeting())
    with pytest.raises(ProtocolViolation) as caught:
        driver.client(outer, rules="off").get("/hello")
    assert str(caught.value) == (
        'The body has 6 bytes with this "http.response.body", and content-length says 5. The app broke ASGI in '
        'GET /hello, in emphatic (response started): it may send "http.response.debug" or "http.response.body" now. '
        f"See {LENGTHS}\n"
        f"  sent at {send_louder_line()}\n"
        '  The rule is "body-too-long". uvicorn raises out of send(), and so does hypercorn.'
    )
    assert ([*map(str, outer.violations)], inner.violations) == ([str(caught.value)], [])


def test_the_app_that_breaks_a_rule_is_named(driver: Driver) -> None:
    """The inner layer raises before the outer one, and the middleware, have seen the message."""
    outer, inner = layers(greeting((b"X-Upper", b"1")))
    with pytest.raises(ProtocolViolation) as caught:
        driver.client(outer, rules="off").get("/hello")
    assert str(caught.value) == (
        "A header of \"http.response.start\" is (b'X-Upper', b'1'), and its name must be in lower case. The app broke "
        "ASGI in GET /hello, in the greeting (no response yet): it may send "
        '"http.response.debug" or "http.response.start" now. '
        f"See {SPECS}/www.html#response-start-send-event\n"
        f"  sent at {line(answers, 'await send(message)').replace(' in answers:', ' in app:')}\n"
        '  The rule is "upper-case-name". uvicorn goes on, and so does hypercorn.'
    )
    assert (caught.value.layer, caught.value.rule) == ("the greeting", "upper-case-name")
    assert (outer.violations, [*map(str, inner.violations)]) == ([], [str(caught.value)])


def test_the_layer_is_named_under_a_server(caplog: pytest.LogCaptureFixture) -> None:
    """Under uvicorn its client gets a 500, and the log has the text."""
    outer, inner = layers(greeting((b"X-Upper", b"1")))
    response = asyncio.run(_under_uvicorn(outer))
    (violation,) = inner.violations
    assert (response.status_code, violation.layer, outer.violations) == (500, "the greeting", [])
    raised = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert [*map(str, raised)] == [str(violation)]


async def _under_uvicorn(app: Any) -> httpx2.Response:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # it listens before the server runs: nobody has to wait
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
        serving = asyncio.create_task(server.serve([listener]))
        async with httpx2.AsyncClient() as client:
            response = await client.get(f"http://127.0.0.1:{listener.getsockname()[1]}/hello")
        server.should_exit = True
        await serving
    return response


def test_each_protocol_is_checked(driver: Driver) -> None:
    """A websocket that closes with a code that there is none, and a lifespan that says twice that it is complete."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.startup.complete"})
        else:
            await accept(receive, send)
            await send({"type": "websocket.close", "code": 999})

    checked = Checked(
        app, name="app", rules={"default": "spec", "not-allowed": "record", "reserved-close-code": "record"}
    )
    with driver.client(checked, rules="off") as client, client.websocket_connect("/chat") as session:
        assert session.receive()["code"] == 999
    assert [(violation.rule, violation.request, violation.state) for violation in checked.violations] == [
        ("not-allowed", "the lifespan", "running"),
        ("reserved-close-code", "WEBSOCKET /chat", "accepted"),
    ]


def test_an_app_that_keeps_to_the_rules_is_not_disturbed(driver: Driver) -> None:
    """On each of the three protocols, from its beginning to its end."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await simple_lifespan(scope, receive, send)
        elif scope["type"] == "http":
            await send(start())
            await send(body(b"a", more=True))
            await send(body(b"b"))
        else:
            await accept(receive, send)
            await send({"type": "websocket.send", "text": (await receive())["text"]})
            await send({"type": "websocket.close"})

    checked = Checked(app)
    with driver.client(checked, lifespan="on") as client:
        assert client.get("/").text == "ab"
        with client.websocket_connect("/") as session:
            session.send_text("hello")
            assert session.receive_text() == "hello"
    assert checked.violations == []


# Where it was sent.


def test_a_line_outside_of_the_layer_is_not_blamed(either: Either) -> None:
    """Where a library sends by itself, no line of a middleware around it has done that."""
    starlette = pytest.importorskip("starlette.responses")

    async def around(scope: Scope, receive: Receive, send: Send) -> None:
        await checked(scope, receive, send)

    checked = Checked(starlette.Response("x", headers={"x-a": " 1"}), name="response")

    async def scenario(client: Any) -> None:
        with pytest.raises(ProtocolViolation) as caught:
            await client.get("/")
        assert caught.value.sent_from == (f"sent at {line(starlette.Response.__call__, 'http.response.start')}",)

    either.run(around, scenario)


# What it is made of.


def test_it_shows_its_name_and_what_it_has_found() -> None:
    """The name is the `repr` of the app where none was given."""
    app = greeting((b"X-Upper", b"1"))
    checked = Checked(app, rules={"upper-case-name": "record"})
    TestClient(checked).get("/")
    assert (checked.name, checked.app) == (repr(app), app)
    assert repr(checked) == f"<Checked {app!r}: 1 violations>"
    assert checked.violations[0].layer == repr(app)


def test_an_app_of_asgi_2_can_be_checked() -> None:
    """As with a client."""

    def app(scope: Scope) -> Any:
        async def instance(receive: Receive, send: Send) -> None:
            await greeting()(scope, receive, send)

        return instance

    assert TestClient(Checked(app)).get("/").text == "hello"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"name": 5}, 'name=5 makes no sense: give a str, "" for the repr of the app.'),
        (
            {"rules": "strict"},
            "rules='strict' does not exist; known are 'servers', 'spec', 'off'.",
        ),
    ],
)
def test_an_argument_that_makes_no_sense_is_refused(arguments: Any, text: str) -> None:
    """With what to write instead."""
    with pytest.raises(UsageError) as caught:
        Checked(greeting(), **arguments)
    assert str(caught.value) == text
