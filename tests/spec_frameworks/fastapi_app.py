"""FastAPI: twenty routes, with what it adds to Starlette: models, forms, events, dependencies."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

from fastapi import BackgroundTasks, Cookie, Depends, FastAPI, Form, Header, Query, Request, Response, UploadFile
from fastapi import WebSocket as Socket
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

from spec_frameworks import answers
from spec_frameworks.framework import Framework, by_name
from spec_frameworks.websocket_calls import ALL_CALLS


class Person(BaseModel):
    """A model of a body."""

    name: str


async def depended() -> AsyncIterator[str]:
    """A dependency that ends behind the response."""
    yield "yielded"


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, str]]:
    """With a state."""
    yield {"ready": answers.READY}


def add_persons(app: FastAPI) -> None:
    """JSON, and what becomes of it by each method."""

    @app.get("/person")
    @app.head("/person", include_in_schema=False)  # which is no part of a GET here
    def get_person() -> Person:  # on a worker thread
        return Person(**answers.PERSON)

    @app.post("/person", status_code=201)
    async def post_person(person: Person, response: Response) -> Person:
        response.headers["location"] = "/person"
        return person

    @app.delete("/person", status_code=204)
    async def delete_person() -> None: ...

    @app.patch("/person")
    async def patch_person() -> None:
        raise answers.Conflict("Ada is there")


def add_input(app: FastAPI) -> None:
    """What is read of a request."""

    @app.post("/form")
    async def form(name: Annotated[str, Form()], language: Annotated[str, Form()]) -> dict[str, str]:
        return {"name": name, "language": language}

    @app.post("/upload")
    async def upload(file: UploadFile) -> dict[str, Any]:
        return {"name": file.filename, "size": len(await file.read())}

    @app.get("/items/{number}")
    async def item(number: int, tag: Annotated[list[str], Query()]) -> dict[str, Any]:
        return {"number": number, "tags": tag}

    @app.put("/bytes")
    async def put_bytes(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    @app.get("/cookies")
    async def cookies(
        one: Annotated[str | None, Cookie()] = None, two: Annotated[str | None, Cookie()] = None
    ) -> dict[str, str]:
        return {name: value for name, value in (("one", one), ("two", two)) if value is not None}

    @app.get("/cookies/set")
    async def set_cookies(response: Response) -> None:
        response.set_cookie("one", "1")
        response.set_cookie("two", "2", httponly=True)

    @app.get("/cookies/delete")
    async def delete_cookie(response: Response) -> None:
        response.delete_cookie("one")


def add_output(app: FastAPI) -> None:
    """What is answered in other ways than JSON."""

    @app.get("/redirect", response_class=RedirectResponse, status_code=303)
    async def redirect() -> str:
        return "/person"

    @app.get("/tagged")
    async def tagged(if_none_match: Annotated[str | None, Header()] = None) -> Response:
        if if_none_match == answers.TAG:
            return Response(status_code=304, headers={"etag": answers.TAG})
        return PlainTextResponse("tagged", headers={"etag": answers.TAG})

    @app.get("/file")
    async def file() -> FileResponse:
        return FileResponse(answers.FILE, filename=answers.FILE.name)

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def pieces() -> AsyncIterator[str]:
            for piece in answers.PIECES:
                yield piece

        return StreamingResponse(pieces(), media_type="text/plain")

    @app.get("/events", response_class=EventSourceResponse)
    async def events() -> AsyncIterable[ServerSentEvent]:
        for number, event in enumerate(answers.EVENTS):
            yield ServerSentEvent(raw_data=event, id=str(number), retry=1000)

    @app.get("/large", response_class=PlainTextResponse)
    async def large() -> str:
        return answers.LARGE

    @app.get("/bytes")
    async def get_bytes() -> Response:
        return Response(bytes(range(256)) * 800)


def add_the_rest(app: FastAPI) -> None:
    """What goes wrong, what is done behind a response, and the state."""

    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError("on purpose")

    @app.post("/jobs", status_code=202)
    async def start_work(tasks: BackgroundTasks) -> None:
        tasks.add_task(app.state.done.append, "done")

    @app.get("/jobs")
    async def work() -> list[str]:
        done: list[str] = app.state.done
        return done

    @app.get("/state")
    async def state(request: Request) -> dict[str, str]:
        return {"ready": request.state.ready}

    @app.get("/depends")
    async def depends(word: Annotated[str, Depends(depended)]) -> str:
        return word


def add_websockets(app: FastAPI) -> None:
    """All of them."""

    @app.websocket("/ws/echo")
    async def echo(socket: Socket) -> None:
        await socket.accept()
        async for text in socket.iter_text():
            await socket.send_text(text)

    @app.websocket("/ws/bytes")
    async def echo_bytes(socket: Socket) -> None:
        await socket.accept()
        await socket.send_bytes(await socket.receive_bytes())
        await socket.close()

    @app.websocket("/ws/refuse")
    async def refuse(socket: Socket, token: str) -> None: ...  # which no handshake has: validation refuses it

    @app.websocket("/ws/close")
    async def close(socket: Socket) -> None:
        await socket.accept()
        await socket.send_text("goodbye")
        await socket.close(answers.CODE, "enough")

    @app.websocket("/ws/chat")
    async def chat(socket: Socket) -> None:
        await socket.accept("chat", headers=[(b"x-room", b"one")])
        await socket.send_text("chat")
        await socket.close()

    @app.websocket("/ws/open")
    async def left_open(socket: Socket) -> None:
        await socket.accept()
        await socket.send_text("hello")


def make() -> Any:
    """The application."""
    app = FastAPI(lifespan=lifespan)
    app.state.done = []
    app.add_middleware(GZipMiddleware)
    app.add_middleware(CORSMiddleware, allow_origins=["https://there"], allow_methods=["GET"])

    @app.middleware("http")
    async def add_header(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers[answers.ADDED[0]] = answers.ADDED[1]
        return response

    @app.exception_handler(answers.Conflict)
    async def conflict(_request: Request, exc: answers.Conflict) -> Response:
        return JSONResponse({"error": str(exc)}, 409)

    for add in (add_persons, add_input, add_output, add_the_rest, add_websockets):
        add(app)
    app.mount("/static", StaticFiles(directory=answers.FILE.parent))
    return app


def gets_a_static_file(client: Any) -> None:
    """From a folder."""
    assert client.get("/static/calls.py").content == answers.FILE.read_bytes()


def sends_what_does_not_fit(client: Any) -> None:
    """422, with what is wrong."""
    response = client.post("/person", json={})
    assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["body", "name"])


def asks_from_another_origin(client: Any) -> None:
    """A preflight, and the request behind it."""
    asked = {"origin": "https://there", "access-control-request-method": "GET"}
    assert client.options("/person", headers=asked).headers["access-control-allow-methods"] == "GET"
    assert client.get("/person", headers=asked).headers["access-control-allow-origin"] == "https://there"


def uses_a_dependency(client: Any) -> None:
    """One that yields."""
    assert client.get("/depends").json() == "yielded"


def reads_the_documentation(client: Any) -> None:
    """The schema, and its page."""
    assert "/person" in client.get("/openapi.json").json()["paths"]
    assert "swagger" in client.get("/docs").text


FASTAPI: Final = Framework(
    "fastapi",
    make,
    {
        **ALL_CALLS,
        **by_name(
            gets_a_static_file,
            sends_what_does_not_fit,
            asks_from_another_origin,
            uses_a_dependency,
            reads_the_documentation,
        ),
    },
)
