"""BlackSheep: twenty routes, with its bindings, its middleware and its events; it runs on asyncio only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from blacksheep import (
    Application,
    Content,
    Cookie,
    Request,
    Response,
    Router,
    StreamedContent,
    TextContent,
    WebSocket,
    WebSocketDisconnectError,
    no_content,
    not_modified,
    see_other,
)
from blacksheep.server.compression import GzipMiddleware
from blacksheep.server.responses import file, json
from blacksheep.server.sse import ServerSentEventsResponse, TextServerSentEvent

from spec_frameworks import answers
from spec_frameworks.framework import Framework, by_name
from spec_frameworks.websocket_calls import ALL_CALLS


def add_persons(router: Router) -> None:
    """JSON, and what becomes of it by each method."""

    async def get_person() -> Response:
        return json(answers.PERSON)

    router.get("/person")(get_person)
    router.head("/person")(get_person)

    @router.post("/person")
    async def post_person(request: Request) -> Response:
        response = json(await request.json(), 201)
        response.add_header(b"location", b"/person")
        return response

    @router.delete("/person")
    async def delete_person() -> Response:
        return no_content()

    @router.patch("/person")
    async def patch_person() -> Response:
        raise answers.Conflict("Ada is there")


def add_input(router: Router) -> None:
    """What is read of a request."""

    @router.post("/form")
    async def form(request: Request) -> Response:
        return json(await request.form())

    @router.post("/upload")
    async def upload(request: Request) -> Response:
        (part,) = await request.files()
        assert part.file_name is not None
        return json({"name": part.file_name.decode(), "size": len(part.data)})

    @router.get("/items/{int:number}")
    async def item(number: int, tag: list[str]) -> Response:
        return json({"number": number, "tags": tag})

    @router.put("/bytes")
    async def put_bytes(request: Request) -> Response:
        pieces: Any = request.stream()  # an async generator, other than its annotation says
        return json({"size": sum([len(piece) async for piece in pieces])})

    @router.get("/cookies")
    async def cookies(request: Request) -> Response:
        return json(dict(request.cookies))

    @router.get("/cookies/set")
    async def set_cookies() -> Response:
        response = Response(200)
        response.set_cookie(Cookie("one", "1", path="/"))
        response.set_cookie(Cookie("two", "2", path="/", http_only=True))
        return response

    @router.get("/cookies/delete")
    async def delete_cookie() -> Response:
        response = Response(200)
        response.set_cookie(Cookie("one", "", path="/", max_age=0))
        return response


def add_output(router: Router) -> None:
    """What is answered in other ways than JSON."""

    @router.get("/redirect")
    async def redirect() -> Response:
        return see_other("/person")

    @router.get("/tagged")
    async def tagged(request: Request) -> Response:
        response = not_modified() if request.if_none_match == answers.TAG.encode() else Response(200)
        response.add_header(b"etag", answers.TAG.encode())
        return response if response.status == 304 else response.with_content(TextContent("tagged"))

    @router.get("/file")
    async def download() -> Response:
        return file(str(answers.FILE), "text/plain", file_name=answers.FILE.name)

    @router.get("/stream")
    async def stream() -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for piece in answers.PIECES:
                yield piece.encode()

        return Response(200, content=StreamedContent(b"text/plain", pieces))

    @router.get("/events")
    async def events() -> Response:
        async def emitted() -> AsyncIterator[TextServerSentEvent]:
            for event in answers.EVENTS:
                yield TextServerSentEvent(event, "news")

        return ServerSentEventsResponse(emitted)

    @router.get("/large")
    async def large() -> Response:
        return Response(200, content=TextContent(answers.LARGE))

    @router.get("/bytes")
    async def get_bytes() -> Response:
        return Response(200, content=Content(b"application/octet-stream", bytes(range(256)) * 800))


def add_the_rest(app: Application) -> None:
    """What goes wrong, what is done behind a response, and the state."""
    done: list[str] = []
    ready: list[str] = []
    tasks: set[asyncio.Task[None]] = set()

    @app.router.get("/crash")
    async def crash() -> Response:
        raise RuntimeError("on purpose")

    @app.router.post("/jobs")
    async def start_work() -> Response:
        async def work() -> None:
            done.append("done")

        tasks.add(asyncio.create_task(work()))
        return Response(202)

    @app.router.get("/jobs")
    async def work() -> Response:
        return json(done)

    @app.router.get("/state")
    async def state() -> Response:
        return json({"ready": ready[-1]})

    async def lifespan() -> AsyncIterator[None]:
        ready.append(answers.READY)
        yield

    decorate: Any = app.lifespan
    decorate(lifespan)

    @app.exception_handler(answers.Conflict)
    async def conflict(_app: Application, _request: Request, exc: answers.Conflict) -> Response:
        return with_header(json({"error": str(exc)}, 409))  # no middleware sees this one


def add_websockets(router: Router) -> None:
    """All of them."""

    @router.ws("/ws/echo")
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                await socket.send_text(await socket.receive_text())
        except WebSocketDisconnectError:
            return

    @router.ws("/ws/bytes")
    async def echo_bytes(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_bytes(await socket.receive_bytes())
        await socket.close()

    @router.ws("/ws/refuse")
    async def refuse(socket: WebSocket) -> None:
        await socket.close()

    @router.ws("/ws/close")
    async def close(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("goodbye")
        await socket.close(answers.CODE, "enough")

    @router.ws("/ws/chat")
    async def chat(socket: WebSocket) -> None:
        await socket.accept([(b"x-room", b"one")], "chat")
        await socket.send_text("chat")
        await socket.close()

    @router.ws("/ws/open")
    async def left_open(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")


async def add_header(request: Request, handler: Callable[[Request], Awaitable[Response]]) -> Response:
    """Middleware."""
    return with_header(await handler(request))


def with_header(response: Response) -> Response:
    """The same, with the header of the middleware."""
    response.add_header(*(part.encode() for part in answers.ADDED))
    return response


def make() -> Any:
    """The application."""
    router = Router()
    app = Application(router=router)
    for add in (add_persons, add_input, add_output, add_websockets):
        add(router)
    add_the_rest(app)
    app.middlewares.append(add_header)
    gzip: Any = GzipMiddleware()  # by its annotation it might return no response
    app.middlewares.append(gzip)
    app.serve_files(answers.FILE.parent, root_path="static", extensions={".py"})
    return app


def gets_a_static_file(client: Any) -> None:
    """From a folder, a part of it, and not again for a client that has it."""
    response = client.get("/static/calls.py")
    assert response.content == answers.FILE.read_bytes()
    assert client.head("/static/calls.py").content == b""
    again = client.get("/static/calls.py", headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def gets_a_part_of_a_file(client: Any) -> None:
    """A range."""
    part = client.get("/static/calls.py", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, answers.FILE.read_bytes()[10:20])


BLACKSHEEP: Final = Framework(
    "blacksheep",
    make,
    {**ALL_CALLS, **by_name(gets_a_static_file, gets_a_part_of_a_file)},
    needs_asyncio=True,
)
