"""Django with async views: twenty routes, with its own middleware; it runs on asyncio only, and has no websockets."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from asgiref.sync import markcoroutinefunction
from django.core.asgi import get_asgi_application
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_http_methods
from django.views.static import serve

from django_settings import django_settings
from spec_frameworks import answers
from spec_frameworks.calls import HTTP_CALLS
from spec_frameworks.framework import Framework, by_name


async def person(request: HttpRequest) -> HttpResponse:
    """JSON, and what becomes of it by each method."""
    if request.method == "POST":
        return JsonResponse(json.loads(request.body), status=201, headers={"Location": "/person"})
    if request.method == "DELETE":
        return HttpResponse(status=204)
    if request.method == "PATCH":
        raise answers.Conflict("Ada is there")
    return JsonResponse(answers.PERSON)


async def form(request: HttpRequest) -> HttpResponse:
    """The fields of a form."""
    return JsonResponse(request.POST.dict())


async def upload(request: HttpRequest) -> HttpResponse:
    """The name and the size of a file."""
    file = request.FILES["file"]
    assert isinstance(file, UploadedFile)
    return JsonResponse({"name": file.name, "size": file.size})


async def item(request: HttpRequest, number: int) -> HttpResponse:
    """The parameters of path and query."""
    return JsonResponse({"number": number, "tags": request.GET.getlist("tag")})


async def cookies(request: HttpRequest) -> HttpResponse:
    """The cookies of the request; on other paths they are set, or one of them is deleted."""
    response = JsonResponse(request.COOKIES)
    if request.path.endswith("/set"):
        response.set_cookie("one", "1")
        response.set_cookie("two", "2", httponly=True, samesite="Strict", max_age=60)
    elif request.path.endswith("/delete"):
        response.delete_cookie("one")
    return response


async def redirect(_request: HttpRequest) -> HttpResponse:
    """See there."""
    return HttpResponse(status=303, headers={"Location": "/person"})


async def tagged(_request: HttpRequest) -> HttpResponse:
    """What has a tag; the middleware answers who has it."""
    return HttpResponse(b"tagged", content_type="text/plain", headers={"ETag": answers.TAG})


async def file(_request: HttpRequest) -> HttpResponseBase:
    """A file to be saved."""
    return FileResponse(answers.FILE.open("rb"), as_attachment=True, filename=answers.FILE.name)


async def stream(_request: HttpRequest) -> HttpResponseBase:
    """Piece by piece."""

    async def pieces() -> AsyncIterator[str]:
        for piece in answers.PIECES:
            yield piece

    return StreamingHttpResponse(pieces(), content_type="text/plain")


async def events(_request: HttpRequest) -> HttpResponseBase:
    """Server-sent events, written by hand."""

    async def written() -> AsyncIterator[str]:
        for event in answers.EVENTS:
            yield f"data: {event}\n\n"

    return StreamingHttpResponse(written(), content_type="text/event-stream")


def large(_request: HttpRequest) -> HttpResponse:
    """What is worth compressing, from a thread: a sync view."""
    return HttpResponse(answers.LARGE.encode(), content_type="text/plain")


async def many_bytes(request: HttpRequest) -> HttpResponse:
    """A body that is no text, in either direction."""
    if request.method == "PUT":
        return JsonResponse({"size": len(request.body)})
    return HttpResponse(bytes(range(256)) * 800, content_type="application/octet-stream")


async def crash(_request: HttpRequest) -> HttpResponse:
    """What nobody handles."""
    raise RuntimeError("on purpose")


class Work:
    """Work behind the response, and what was done: a view that is an object."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def view(self, request: HttpRequest) -> HttpResponse:
        """Begin, or tell."""
        if request.method == "POST":
            self._tasks.add(asyncio.create_task(self._work()))
            return HttpResponse(status=202)
        return JsonResponse(self._done, safe=False)

    async def _work(self) -> None:
        self._done.append("done")


async def count(request: Any) -> HttpResponse:
    """A session, which the middleware adds to the request."""
    number = await request.session.aget("count", 0) + 1
    await request.session.aset("count", number)
    return JsonResponse({"count": number})


class Around:
    """The middleware of the application: a header for each response, and the error handler."""

    async_capable, sync_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponse]]) -> None:
        self._get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        response = await self._get_response(request)
        response.headers["X-Added"] = answers.ADDED[1]
        return response

    async def process_exception(self, _request: HttpRequest, exc: Exception) -> HttpResponse | None:
        return JsonResponse({"error": str(exc)}, status=409) if isinstance(exc, answers.Conflict) else None


def urls() -> type:
    """The routes."""

    class Urls:
        urlpatterns = (
            path("person", person),
            path("form", require_http_methods(["POST"])(form)),
            path("upload", upload),
            path("items/<int:number>", item),
            *(path(f"cookies{rest}", cookies) for rest in ("", "/set", "/delete")),
            path("redirect", redirect),
            path("tagged", tagged),
            path("file", file),
            path("stream", stream),
            path("events", events),
            path("large", large),
            path("bytes", many_bytes),
            path("crash", crash),
            path("jobs", Work().view),
            path("session", count),
            path("static/<path:path>", serve, {"document_root": answers.FILE.parent}),
        )

    return Urls


#: In the order of Django's documentation.
MIDDLEWARE: Final = (
    f"{Around.__module__}.Around",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)


@contextmanager
def settings() -> Iterator[None]:
    """What Django needs around an application and its calls."""
    sessions = {"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies"}
    with django_settings(ROOT_URLCONF=urls(), MIDDLEWARE=MIDDLEWARE, **sessions):
        yield


def reads_a_stream(client: Any) -> None:
    """GET /stream: Django compresses each piece by itself, and httpx decodes the first one only."""
    with client.stream("GET", "/stream") as response:
        assert response.headers["content-encoding"] == "gzip"
        assert gzip.decompress(b"".join(response.iter_raw())).decode() == "".join(answers.PIECES)


def reads_events(client: Any) -> None:
    """GET /events: server-sent events, as they are."""
    response = client.get("/events", headers={"accept-encoding": "identity"})
    assert response.text == "".join(f"data: {event}\n\n" for event in answers.EVENTS)


def gets_a_static_file(client: Any) -> None:
    """From a folder, and not again for a client that has it."""
    response = client.get("/static/calls.py")
    assert response.content == answers.FILE.read_bytes()
    changed = {"if-modified-since": response.headers["last-modified"]}
    assert client.get("/static/calls.py", headers=changed).status_code == 304


def has_a_session(client: Any) -> None:
    """In a cookie."""
    assert [client.get("/session").json()["count"] for _ in range(3)] == [1, 2, 3]


def uses_another_method(client: Any) -> None:
    """405, and which are allowed."""
    response = client.put("/form")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


def has_no_websockets(client: Any) -> None:
    """Django refuses their scope by raising, as the specification has it."""
    with (
        pytest.raises(ValueError, match=r"^Django can only handle ASGI/HTTP connections, not websocket\.$"),
        client.websocket_connect("/ws/echo"),
    ):
        pytest.fail("it was accepted")


DJANGO: Final = Framework(
    "django",
    get_asgi_application,
    {
        **HTTP_CALLS,
        **by_name(
            reads_a_stream, reads_events, gets_a_static_file, has_a_session, uses_another_method, has_no_websockets
        ),
    },
    needs_asyncio=True,
    # From 2.4 on, `send()` to a client that has gone raises; Django 5.2 leaves a file open then, to the collector.
    spec_version="2.3",
    surroundings=settings,
)
