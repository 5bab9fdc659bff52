"""What one client or one request can ask of the world around the app: target, body, disconnects, extensions."""

from __future__ import annotations

from typing import Any

import anyio
import anyio.lowlevel
import pytest

from asgi_lockstep import TestClient, UnknownOption, WebSocketDisconnect
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, accept, answers, body, hello, read_body, start
from matrix import Driver

LINK = b"</style.css>; rel=preload; as=style"


def asgi(**overrides: Any) -> dict[str, Any]:
    """The `extensions` of a request."""
    return {"asgi": overrides}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the request body."""
    whole = await read_body(receive)
    await send(start())
    await send(body(whole))


@pytest.mark.client_decides
@pytest.mark.parametrize(
    ("target", "path", "raw_path", "query"),
    [
        (b"/a%2fb;x?y", "/a/b;x", b"/a%2fb;x", b"y"),
        (b"/a/../b//c", "/a/../b//c", b"/a/../b//c", b""),
        (b"/?a?b", "/", b"/", b"a?b"),
        (b"*", "*", b"*", b""),
    ],
)
def test_a_target_is_sent_as_it_is(driver: Driver, target: bytes, path: str, raw_path: bytes, query: bytes) -> None:
    """Nothing of `target` is normalised; the host and the rest are those of the URL."""
    app = Listener(http=hello)
    driver.client(app).get("http://shop.test/other", extensions=asgi(target=target))
    scope = app.scopes[0]
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == (path, raw_path, query)
    assert (b"host", b"shop.test") in scope["headers"]


@pytest.mark.client_decides
@pytest.mark.parametrize(
    ("content", "sizes"), [(b"x" * 7, [3, 3, 1]), (b"x" * 6, [3, 3]), (b"x", [1]), (b"", [0])], ids=str
)
def test_a_known_body_is_cut_into_pieces(driver: Driver, content: bytes, sizes: list[int]) -> None:
    """`body_chunks` is the size of a piece; the last one says that it is the last."""
    app = Listener(http=echo)
    response = driver.client(app).post("/", content=content, extensions=asgi(body_chunks=3))
    assert response.content == content
    assert [len(message["body"]) for message in app.received] == sizes
    assert [message["more_body"] for message in app.received] == [True] * (len(sizes) - 1) + [False]


@pytest.mark.parametrize(("version", "expected"), [("2.3", ["sent"]), ("2.4", ["OSError"])])
def test_what_send_does_after_a_disconnect(driver: Driver, version: str, expected: list[str]) -> None:
    """www.rst, Disconnected Client: nothing up to 2.3, an OSError since 2.4."""

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["asgi"]["spec_version"] == version
        await read_body(receive)
        await send(start())
        await send(body(b"one", more=True))
        assert (await receive())["type"] == "http.disconnect"
        try:
            await send(body(b"two", more=True))
        except OSError:
            app.events.append("OSError")
            raise
        app.events.append("sent")

    app = Listener(http=stream)
    with driver.client(app).stream("GET", "/", extensions=asgi(spec_version=version)):
        pass
    assert app.events == expected


async def lingers(events: list[str], send: Send) -> None:
    """Sends one chunk, and waits for longer than any client."""
    try:
        await send(start())
        await send(body(b"one", more=True))
        await anyio.sleep_forever()
    except anyio.get_cancelled_exc_class():
        events.append("cancelled")
        raise


@pytest.mark.parametrize("options", [{"grace": 0.0}, {"on_disconnect": "cancel"}], ids=str)
@pytest.mark.parametrize("where", ["client", "request"])
def test_an_app_that_does_not_end_is_cancelled(driver: Driver, options: dict[str, Any], where: str) -> None:
    """After its grace, or at once; for all requests of a client, or for one."""

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await lingers(app.events, send)

    app = Listener(http=stream)
    client = driver.client(app, **(options if where == "client" else {}))
    with client.stream("GET", "/", extensions=asgi(**(options if where == "request" else {}))):
        pass
    assert app.events == ["cancelled"]


def test_an_app_with_a_grace_ends_by_itself(driver: Driver) -> None:
    """It receives `http.disconnect`, and its clean-up takes as many passes as it needs."""

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await read_body(receive)
        await send(start())
        await send(body(b"one", more=True))
        app.events.append((await receive())["type"])
        for _ in range(5):
            await anyio.lowlevel.checkpoint()
        app.events.append("cleaned up")

    app = Listener(http=stream)
    with driver.client(app).stream("GET", "/"):
        pass
    assert app.events == ["http.disconnect", "cleaned up"]


def test_an_app_is_cancelled_at_once_where_that_was_asked_for(driver: Driver) -> None:
    """It would end by itself if it received the disconnect, and has no time for that."""

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await read_body(receive)
        try:
            await send(start())
            await send(body(b"one", more=True))
            app.events.append((await receive())["type"])
        except anyio.get_cancelled_exc_class():
            app.events.append("cancelled")
            raise

    app = Listener(http=stream)
    with driver.client(app, on_disconnect="cancel").stream("GET", "/"):
        pass
    assert app.events == ["cancelled"]


@pytest.mark.client_decides
@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"on_disconnect": "ignore"}, "on_disconnect='ignore' does not exist; known are 'grace', 'cancel'."),
        (
            {"extensions": ["http.response.hint"]},
            "extensions='http.response.hint' does not exist; known are 'http.response.debug', "
            "'http.response.early_hint', 'http.response.pathsend', 'http.response.push', 'http.response.trailers', "
            "'http.response.zerocopysend', 'websocket.http.response', 'tls'.",
        ),
    ],
    ids=["on_disconnect", "extensions"],
)
def test_options_that_do_not_exist(driver: Driver, options: dict[str, Any], text: str) -> None:
    """For a client and for a request, the text names those that do."""
    with pytest.raises(UnknownOption) as of_client:
        driver.client(hello, **options)
    with pytest.raises(UnknownOption) as of_request:
        driver.client(hello).get("/", extensions=asgi(**options))
    assert (str(of_client.value), str(of_request.value)) == (text, text)


@pytest.mark.client_decides
@pytest.mark.parametrize("where", ["client", "request"])
def test_early_hints_and_pushes_are_on_the_response(driver: Driver, where: str) -> None:
    """In the order of the app, with what the messages carry."""
    app = answers(
        {"type": "http.response.early_hint", "links": [LINK]},
        start(),
        {"type": "http.response.push", "path": "/style.css", "headers": [(b"accept", b"text/css")]},
        {"type": "http.response.early_hint", "links": (LINK, LINK)},
        body(b"page"),
    )
    offered = {"extensions": ["http.response.early_hint", "http.response.push"]}
    client = driver.client(app, **(offered if where == "client" else {}))
    response = client.get("/", extensions=asgi(**(offered if where == "request" else {})))
    assert response.content == b"page"
    assert response.extensions["http.response.early_hint"] == [{"links": [LINK]}, {"links": [LINK, LINK]}]
    assert response.extensions["http.response.push"] == [{"path": "/style.css", "headers": [(b"accept", b"text/css")]}]


@pytest.mark.client_decides
def test_what_is_not_offered_is_not_on_the_response(driver: Driver) -> None:
    """Without opting in, the response has no place for hints."""
    names = driver.client(hello).get("/").extensions
    assert not {"http.response.early_hint", "http.response.push"} & names.keys()


@pytest.mark.client_decides
def test_each_protocol_is_offered_its_own_extensions(driver: Driver) -> None:
    """A websocket scope has nothing of HTTP; TLS, where there is TLS, holds for both and says what the test says."""

    async def chat(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)

    app = Listener(http=hello, websocket=chat)
    offered: Any = {"http.response.push": {}, "tls": {"tls_version": 0x0304}}
    client = driver.client(app, base_url="https://testserver", extensions=offered)
    client.get("/")
    with client.websocket_connect("/"):
        pass
    client.get("http://testserver/")
    tls = {
        "server_cert": None,
        "client_cert_chain": (),
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": 0x0304,
        "cipher_suite": None,
    }
    assert [scope["extensions"] for scope in app.scopes] == [
        {"http.response.debug": {}, "http.response.push": {}, "tls": tls},
        {"websocket.http.response": {}, "tls": tls},
        {"http.response.debug": {}, "http.response.push": {}},
    ]


def test_the_exception_of_the_app_is_on_the_response(driver: Driver) -> None:
    """Also where a middleware has answered 500 for it, and None where there is none."""
    failure = ValueError("broken")

    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(500))
        await send(body(b"sorry"))
        raise failure

    response = driver.client(fails, raise_server_exceptions=False).get("/")
    assert (response.status_code, response.extensions["asgi.exception"]) == (500, failure)
    assert driver.client(hello).get("/").extensions["asgi.exception"] is None


def test_the_exception_of_a_stream_is_there_when_the_app_has_ended(driver: Driver) -> None:
    """The response is older than its exception."""
    failure = ValueError("broken")

    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"one", more=True))
        await send(body(b"two"))
        raise failure

    with driver.client(fails, raise_server_exceptions=False).stream("GET", "/") as response:
        assert response.extensions["asgi.exception"] is None
        assert response.read() == b"onetwo"
    assert response.extensions["asgi.exception"] is failure


@pytest.mark.parametrize("code", [None, 1001], ids=["lost", "going away"])
def test_a_connection_is_lost(driver: Driver, code: int | None) -> None:
    """The app receives the code, by default that of uvicorn; its `send()` raises OSError, without harm to the test."""

    async def chat(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        app.events.append(await receive())
        app.events.append(await receive())
        try:
            await send({"type": "websocket.send", "text": "too late"})
        except OSError:
            app.events.append("OSError")
            raise

    app = Listener(websocket=chat)
    expected = 1006 if code is None else code
    with driver.client(app).websocket_connect("/room") as session:
        session.send_text("hi")
        session.disconnect(*([] if code is None else [code]))
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive()
    assert caught.value.code == expected
    assert app.events == [
        {"type": "websocket.receive", "text": "hi"},
        {"type": "websocket.disconnect", "code": 1005 if code is None else code, "reason": ""},
        "OSError",
    ]


def test_settle_lets_started_tasks_go_on(driver: Driver) -> None:
    """What the test sets free runs as far as it can before `settle()` returns."""
    events: list[str] = []
    released = False

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        async def job() -> None:
            while not released:
                await anyio.lowlevel.checkpoint()
            for step in ("one", "two"):
                await anyio.lowlevel.checkpoint()
                events.append(step)

        async with anyio.create_task_group() as tasks:
            await receive()
            tasks.start_soon(job)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    with driver.client(Listener(http=hello, lifespan=lifespan)) as client:
        released = True
        client.settle()
        assert events == ["one", "two"]


def test_a_whole_body_is_one_piece_by_default() -> None:
    """The cut is opt-in: frameworks that look at the first message only are not surprised."""
    app = Listener(http=echo)
    TestClient(app).post("/", content=b"x" * 10)
    assert [message["body"] for message in app.received] == [b"x" * 10]
