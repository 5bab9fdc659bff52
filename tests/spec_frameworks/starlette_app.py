"""Starlette: twenty routes, with its own middleware for gzip, sessions and headers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.responses import StreamingResponse as Stream
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from spec_frameworks import answers
from spec_frameworks.framework import Framework, by_name
from spec_frameworks.starlette_websockets import WEBSOCKETS, is_denied_with_a_response
from spec_frameworks.websocket_calls import ALL_CALLS


async def person(request: Request) -> Response:
    """JSON, and what becomes of it by each method."""
    if request.method == "POST":
        return JSONResponse(await request.json(), 201, {"location": "/person"})
    if request.method == "DELETE":
        return Response(status_code=204)
    if request.method == "PATCH":
        raise answers.Conflict("Ada is there")
    return JSONResponse(answers.PERSON)


async def form(request: Request) -> Response:
    """The fields of a form."""
    async with request.form() as fields:
        return JSONResponse(dict(fields))


async def upload(request: Request) -> Response:
    """The name and the size of a file."""
    async with request.form() as fields:
        file = fields["file"]
        assert isinstance(file, UploadFile)
        return JSONResponse({"name": file.filename, "size": len(await file.read())})


async def item(request: Request) -> Response:
    """The parameters of path and query."""
    return JSONResponse({"number": request.path_params["number"], "tags": request.query_params.getlist("tag")})


async def cookies(request: Request) -> Response:
    """The cookies of the request; on other paths they are set, or one of them is deleted."""
    response = JSONResponse(request.cookies)
    if request.url.path.endswith("/set"):
        response.set_cookie("one", "1")
        response.set_cookie("two", "2", httponly=True, samesite="strict", max_age=60)
    elif request.url.path.endswith("/delete"):
        response.delete_cookie("one")
    return response


async def redirect(_request: Request) -> Response:
    """See there."""
    return RedirectResponse("/person", 303)


async def tagged(request: Request) -> Response:
    """What has a tag."""
    if request.headers.get("if-none-match") == answers.TAG:
        return Response(status_code=304, headers={"etag": answers.TAG})
    return PlainTextResponse("tagged", headers={"etag": answers.TAG})


async def file(_request: Request) -> Response:
    """A file to be saved."""
    return FileResponse(answers.FILE, filename=answers.FILE.name)


async def stream(_request: Request) -> Response:
    """Piece by piece."""

    async def pieces() -> AsyncIterator[str]:
        for piece in answers.PIECES:
            yield piece

    return Stream(pieces(), media_type="text/plain")


async def events(_request: Request) -> Response:
    """Server-sent events, written by hand."""

    async def written() -> AsyncIterator[str]:
        for event in answers.EVENTS:
            yield f"data: {event}\n\n"

    return Stream(written(), media_type="text/event-stream")


async def large(_request: Request) -> Response:
    """What is worth compressing."""
    return PlainTextResponse(answers.LARGE)


async def many_bytes(request: Request) -> Response:
    """A body that is no text, in either direction."""
    if request.method == "PUT":
        return JSONResponse({"size": sum([len(piece) async for piece in request.stream()])})
    return Response(bytes(range(256)) * 800, media_type="application/octet-stream")


async def crash(_request: Request) -> Response:
    """What nobody handles."""
    raise RuntimeError("on purpose")


async def work(request: Request) -> Response:
    """Work in the background, and what was done."""
    done: list[str] = request.app.state.done
    if request.method == "POST":
        return Response(status_code=202, background=BackgroundTask(done.append, "done"))
    return JSONResponse(done)


async def state(request: Request) -> Response:
    """What the lifespan has left."""
    return JSONResponse({"ready": request.state.ready})


async def add_header(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Middleware."""
    response = await call_next(request)
    response.headers[answers.ADDED[0]] = answers.ADDED[1]
    return response


async def conflict(_request: Request, exc: Exception) -> Response:
    """The error handler."""
    return JSONResponse({"error": str(exc)}, 409)


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, str]]:
    """With a state."""
    yield {"ready": answers.READY}


def make() -> Any:
    """The application."""
    person_methods = ["GET", "POST", "DELETE", "PATCH"]
    app = Starlette(
        routes=[
            Route("/person", person, methods=person_methods),
            Route("/form", form, methods=["POST"]),
            Route("/upload", upload, methods=["POST"]),
            Route("/items/{number:int}", item),
            *(Route(f"/cookies{rest}", cookies) for rest in ("", "/set", "/delete")),
            Route("/redirect", redirect),
            Route("/tagged", tagged),
            Route("/file", file),
            Route("/stream", stream),
            Route("/events", events),
            Route("/large", large),
            Route("/bytes", many_bytes, methods=["GET", "PUT"]),
            Route("/crash", crash),
            Route("/jobs", work, methods=["GET", "POST"]),
            Route("/state", state),
            Mount("/static", StaticFiles(directory=answers.FILE.parent)),
            *(WebSocketRoute(f"/ws/{name}", endpoint) for name, endpoint in WEBSOCKETS.items()),
        ],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=add_header), Middleware(GZipMiddleware)],
        exception_handlers={answers.Conflict: conflict},
        lifespan=lifespan,
    )
    app.state.done = []
    return app


def gets_a_part_of_a_file(client: Any) -> None:
    """A range, and two of them (RFC 9110 section 14)."""
    whole = answers.FILE.read_bytes()
    response = client.get("/file", headers={"range": "bytes=10-19"})
    assert (response.status_code, response.content) == (206, whole[10:20])
    response = client.get("/file", headers={"range": "bytes=0-1,5-6"})
    assert response.headers["content-type"].startswith("multipart/byteranges")
    assert client.get("/file", headers={"range": "bytes=9999999-"}).status_code == 416


def gets_a_static_file(client: Any) -> None:
    """From a folder, by its head, and not again for a client that has it."""
    response = client.get("/static/calls.py")
    assert response.content == answers.FILE.read_bytes()
    assert client.head("/static/calls.py").headers["content-length"] == str(len(response.content))
    again = client.get("/static/calls.py", headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def uses_another_method(client: Any) -> None:
    """405, and which are allowed."""
    response = client.put("/form")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


#: What only Starlette is asked for.
OWN_CALLS: Final = by_name(gets_a_part_of_a_file, gets_a_static_file, uses_another_method, is_denied_with_a_response)

STARLETTE: Final = Framework("starlette", make, {**ALL_CALLS, **OWN_CALLS})
