"""Litestar: twenty routes, with its data transfer, its compression, its events and its listeners."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

from litestar import Litestar, Request, Response, delete, get, head, patch, post, put
from litestar.background_tasks import BackgroundTask
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State, UploadFile
from litestar.enums import MediaType, RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, JSONBody
from litestar.response import File, Redirect, ServerSentEvent, Stream
from litestar.static_files import create_static_files_router

from spec_frameworks import answers
from spec_frameworks.framework import Framework, by_name
from spec_frameworks.litestar_websockets import WEBSOCKETS
from spec_frameworks.websocket_calls import ALL_CALLS


@get("/person")
async def get_person() -> dict[str, str]:
    """JSON."""
    return answers.PERSON


@head("/person")
async def head_of_person() -> None:
    """The head."""


@post("/person")
async def post_person(data: JSONBody[dict[str, str]]) -> Response[dict[str, str]]:
    """JSON, both ways."""
    return Response(data, status_code=201, headers={"location": "/person"})


@delete("/person")
async def delete_person() -> None:
    """Litestar makes a response of 204 of that."""


@patch("/person")
async def patch_person() -> None:
    """What the error handler answers."""
    raise answers.Conflict("Ada is there")


@post("/form", status_code=200)
async def form(
    data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> dict[str, str]:
    """The fields of a form."""
    return data


@post("/upload", status_code=200)
async def upload(
    data: Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> dict[str, Any]:
    """The name and the size of a file."""
    file = data["file"]
    return {"name": file.filename, "size": len(await file.read())}


@get("/items/{number:int}")
async def item(number: FromPath[int], tag: FromQuery[list[str]]) -> dict[str, Any]:
    """The parameters of path and query."""
    return {"number": number, "tags": tag}


@get("/cookies")
async def cookies(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Those of the request."""
    return dict(request.cookies)


@get("/cookies/set")
async def set_cookies() -> Response[None]:
    """Two of them."""
    response = Response(None)
    response.set_cookie("one", "1")
    response.set_cookie("two", "2", httponly=True)
    return response


@get("/cookies/delete")
async def delete_cookie() -> Response[None]:
    """One of them."""
    response = Response(None)
    response.delete_cookie("one")
    return response


@get("/redirect", status_code=303)
async def redirect() -> Redirect:
    """See there."""
    return Redirect("/person", status_code=303)


@get("/tagged")
async def tagged(request: Request[Any, Any, Any]) -> Response[Any]:
    """What has a tag."""
    if request.headers.get("if-none-match") == answers.TAG:
        return Response(None, status_code=304, headers={"etag": answers.TAG})
    return Response("tagged", media_type=MediaType.TEXT, headers={"etag": answers.TAG})


@get("/file")
async def file() -> File:
    """A file to be saved."""
    return File(answers.FILE, filename=answers.FILE.name)


@get("/stream")
async def stream() -> Stream:
    """Piece by piece."""
    return Stream(iter(answers.PIECES), media_type=MediaType.TEXT)


@get("/events")
async def events() -> ServerSentEvent:
    """Server-sent events."""
    return ServerSentEvent(iter(answers.EVENTS), event_type="news", retry_duration=1000)


@get("/large", media_type=MediaType.TEXT)
async def large() -> str:
    """What is worth compressing."""
    return answers.LARGE


@get("/bytes", media_type="application/octet-stream")
async def get_bytes() -> bytes:
    """What is no text."""
    return bytes(range(256)) * 800


@put("/bytes")
async def put_bytes(request: Request[Any, Any, Any]) -> dict[str, int]:
    """A body in pieces."""
    return {"size": sum([len(piece) async for piece in request.stream()])}


@get("/crash")
async def crash() -> None:
    """What nobody handles."""
    raise RuntimeError("on purpose")


@post("/jobs", status_code=202)
async def start_work(state: State) -> Response[None]:
    """Work behind the response."""

    async def work() -> None:
        state.done.append("done")

    return Response(None, background=BackgroundTask(work))


@get("/jobs")
async def work(state: State) -> list[str]:
    """What was done."""
    done: list[str] = state.done
    return done


@get("/state")
async def ready(state: State) -> dict[str, str]:
    """What the lifespan has left."""
    return {"ready": state.ready}


def add_header(response: Response[Any]) -> Response[Any]:
    """What is done to each response."""
    response.headers[answers.ADDED[0]] = answers.ADDED[1]
    return response


async def after_request(response: Response[Any]) -> Response[Any]:
    """The hook behind each handler."""
    return add_header(response)


def conflict(_request: Request[Any, Any, Any], exc: answers.Conflict) -> Response[dict[str, str]]:
    """The error handler."""
    return add_header(Response({"error": str(exc)}, status_code=409))


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    """With a state."""
    app.state.ready = answers.READY
    yield


def make() -> Any:
    """The application."""
    persons = [get_person, head_of_person, post_person, delete_person, patch_person]
    inputs = [form, upload, item, cookies, set_cookies, delete_cookie, put_bytes]
    outputs = [redirect, tagged, file, stream, events, large, get_bytes]
    static = create_static_files_router("/static", directories=[answers.FILE.parent])
    return Litestar(
        [*persons, *inputs, *outputs, *WEBSOCKETS, crash, start_work, work, ready, static],
        after_request=after_request,
        exception_handlers={answers.Conflict: conflict},
        compression_config=CompressionConfig("gzip"),
        lifespan=[lifespan],
        state=State({"done": []}),
        logging_config=None,
    )


def gets_a_static_file(client: Any) -> None:
    """From a folder, and by its head."""
    assert client.get("/static/calls.py").content == answers.FILE.read_bytes()
    assert client.head("/static/calls.py").content == b""


def sends_what_does_not_fit(client: Any) -> None:
    """400, with what is wrong."""
    response = client.get("/items/7")
    assert (response.status_code, "tag" in response.json()["detail"]) == (400, True)


def uses_another_method(client: Any) -> None:
    """405, and OPTIONS says which are allowed."""
    assert client.put("/form").status_code == 405
    assert "POST" in client.options("/form").headers["allow"]


def reads_the_documentation(client: Any) -> None:
    """The schema."""
    assert "/person" in client.get("/schema/openapi.json").json()["paths"]


LITESTAR: Final = Framework(
    "litestar",
    make,
    {
        **ALL_CALLS,
        **by_name(gets_a_static_file, sends_what_does_not_fit, uses_another_method, reads_the_documentation),
    },
)
