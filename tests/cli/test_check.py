"""`asgi-lockstep check`: rules that are broken, as a table and as JSON."""

from __future__ import annotations

import json

from cli.apps import FASTAPI
from cli.runs import CommandLine, Ran

BROKEN = """
async def app(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        return await send({"type": "websocket.accept"})
    if scope["path"] == "/raises":
        raise ValueError("no")
    if scope["path"] == "/nothing":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Answer", b"42")]})
    await send({"type": "http.response.body", "body": b"hello"})
"""

TICKER = """
import anyio

async def app(scope, receive, send):
    headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    async with anyio.create_task_group() as tasks:
        async def leave():
            await receive()
            await receive()
            tasks.cancel_scope.cancel()
        tasks.start_soon(leave)
        while True:
            await send({"type": "http.response.body", "body": b"data: tick\\n\\n", "more_body": True})
            await anyio.sleep(60)
"""

FAILS = """
async def app(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    await receive()
    raise ValueError("no")
"""

LIFESPAN = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.hello"})
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return "done"
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body"})
"""

ROUTES = """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute

async def answer(request):
    return PlainTextResponse(request.url.path)

app = Starlette(routes=[
    Route("/", answer),
    Route("/items/{number}", answer),
    Route("/send", answer, methods=["POST"]),
    Mount("/inner", routes=[Route("/a", answer), Route("/", answer)]),
    Mount("/{tenant}", routes=[Route("/a", answer)]),
    WebSocketRoute("/chat", answer),
])
"""

TABLE = """\
GET /            200
GET /twice       200
websocket /chat  accepted
GET /nothing     no response

 rule              what is wrong, and what servers do                                           where             times
 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
 upper-case-name   A header of "http.response.start" is (b'X-Answer', b'42'), and its name      broken.py:10          2
                   must be in lower case.
                   uvicorn goes on, and so does hypercorn.

 no-close          The app returned without closing the websocket that it has accepted: the     websocket /chat       1
                   close code is up to the server.
                   uvicorn goes on, and so does hypercorn.

 no-response       TestClient did not receive any response. The app returned from GET           GET /nothing          1
                   /nothing without sending "http.response.start": await a response on every
                   path through it.

3 rules are broken.
"""

SENTENCE = "A header of \"http.response.start\" is (b'X-Answer', b'42'), and its name must be in lower case."


def test_an_app_that_breaks_none_is_said_so(command_line: CommandLine) -> None:
    """With the exit status 0; / is requested if no path is given."""
    command_line.write(shop=FASTAPI)
    assert command_line("check", "shop:app") == Ran(0, "GET /  200\nNo rule is broken.\n")


def test_a_table_says_what_is_broken_and_where(command_line: CommandLine) -> None:
    """Once for each rule and line, with how often; the exit status is 1."""
    command_line.write(broken=BROKEN)
    ran = command_line("check", "broken:app", "/", "/twice", "ws:/chat", "/nothing", "--no-lifespan")
    assert ran.status == 1
    assert "".join(f"{line.rstrip()}\n" for line in ran.out.splitlines()) == TABLE


def test_json_has_the_same_for_machines(command_line: CommandLine) -> None:
    """And which requests were made, with what the app has raised."""
    command_line.write(broken=BROKEN)
    ran = command_line("check", "broken:app", "/a", "/raises", "--no-lifespan", "--json", "-X", "post")
    assert (ran.status, json.loads(ran.out)) == (
        1,
        {
            "requests": [
                {"request": "POST /a", "answer": "200", "raised": None},
                {"request": "POST /raises", "answer": "", "raised": "ValueError: no"},
            ],
            "broken": [
                {
                    "rule": "upper-case-name",
                    "sentence": SENTENCE,
                    "place": "broken.py:10",
                    "servers": "uvicorn goes on, and so does hypercorn.",
                    "section": "https://asgi.readthedocs.io/en/latest/specs/www.html#response-start-send-event",
                    "requests": ["POST /a"],
                }
            ],
        },
    )


def test_an_app_that_raises_breaks_no_rule_and_fails_all_the_same(command_line: CommandLine) -> None:
    """With a line for what it raised."""
    command_line.write(broken=BROKEN)
    assert command_line("check", "broken:app", "/raises", "--no-lifespan") == Ran(
        1, "GET /raises  raised ValueError: no\nNo rule is broken, but GET /raises raised ValueError: no.\n"
    )


def test_what_is_raised_stands_beside_what_is_broken(command_line: CommandLine) -> None:
    """In the last line, the first of them with its text."""
    command_line.write(broken=BROKEN)
    ran = command_line("check", "broken:app", "/raises", "/", "/raises?again", "--no-lifespan")
    assert (ran.status, ran.out.splitlines()[-1]) == (
        1,
        "One rule is broken, and GET /raises raised ValueError: no, and so did GET /raises?again.",
    )


def test_all_routes_are_those_that_can_be_requested(command_line: CommandLine) -> None:
    """GET, and no parameters; those of mounted apps, too."""
    command_line.write(routes=ROUTES)
    assert command_line("check", "routes:app", "--all-routes", "--backend", "trio") == Ran(
        0, "GET /         200\nGET /inner/a  200\nGET /inner/   200\nNo rule is broken.\n"
    )


def test_all_routes_of_fastapi(command_line: CommandLine) -> None:
    """With those of its documentation, and after the paths that are given."""
    command_line.write(shop=FASTAPI)
    ran = command_line("check", "shop:app", "/items/1", "--all-routes")
    assert ran == Ran(
        1,
        "GET /items/1               200\n"
        "GET /openapi.json          200\n"
        "GET /docs                  200\n"
        "GET /docs/oauth2-redirect  200\n"
        "GET /redoc                 200\n"
        "GET /                      200\n"
        "GET /raises                raised ValueError: no\n"
        "No rule is broken, but GET /raises raised ValueError: no.\n",
    )


def test_an_app_without_routes_has_to_be_told_paths(command_line: CommandLine) -> None:
    """The text says so."""
    command_line.write(broken=BROKEN)
    ran = command_line("check", "broken:app", "--all-routes", "--no-lifespan")
    assert (ran.status, ran.err.splitlines()[-1]) == (
        2,
        "Error: --all-routes needs an app with routes, as Starlette and FastAPI have them. Name paths.",
    )


def test_a_stream_of_events_is_left_after_its_first_piece(command_line: CommandLine) -> None:
    """It may have no end, and the others are still to be requested."""
    command_line.write(ticker=TICKER)
    assert command_line("check", "ticker:app", "/", "/", "--no-lifespan") == Ran(
        0, "GET /  200 (a stream, and left)\nGET /  200 (a stream, and left)\nNo rule is broken.\n"
    )


def test_a_websocket_that_is_left_has_not_failed(command_line: CommandLine) -> None:
    """Frameworks end it with an exception of their own; one of the app is another matter."""
    command_line.write(shop=FASTAPI)
    assert command_line("check", "shop:app", "ws:/echo") == Ran(0, "websocket /echo  accepted\nNo rule is broken.\n")
    command_line.write(fails=FAILS)
    assert command_line("check", "fails:app", "ws:/", "--no-lifespan") == Ran(
        1, "websocket /  raised ValueError: no\nNo rule is broken, but websocket / raised ValueError: no.\n"
    )


def test_the_lifespan_is_looked_at_too(command_line: CommandLine) -> None:
    """At its start and at its end, and shown where there is something."""
    command_line.write(lifespan=LIFESPAN)
    ran = command_line("check", "lifespan:app", "--json")
    found = json.loads(ran.out)
    assert [request["request"] for request in found["requests"]] == ["lifespan", "GET /", "lifespan"]
    assert [(one["rule"], one["place"], one["requests"]) for one in found["broken"]] == [
        ("unknown-type", "lifespan.py:5", ["lifespan"]),
        ("return-value", "", ["lifespan"]),
    ]


def test_a_websocket_that_is_refused_breaks_nothing(command_line: CommandLine) -> None:
    """It is an answer."""
    command_line.write(shop=FASTAPI)
    assert command_line("check", "shop:app", "ws:/nowhere") == Ran(
        0, "websocket /nowhere  refused\nNo rule is broken.\n"
    )
