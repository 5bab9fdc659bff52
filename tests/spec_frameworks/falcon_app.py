"""Falcon: twenty routes as resources, with its media handlers, hooks and sinks; it runs on asyncio only."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from typing import Any, Final

import falcon
import falcon.asgi
from falcon.asgi import Request, Response, SSEvent, WebSocket

from spec_frameworks import answers
from spec_frameworks.framework import Framework, by_name
from spec_frameworks.websocket_calls import ALL_CALLS


class Person:
    """JSON, and what becomes of it by each method."""

    async def on_get(self, _req: Request, resp: Response) -> None:
        resp.media = answers.PERSON

    on_head = on_get

    async def on_post(self, req: Request, resp: Response) -> None:
        resp.media = await req.get_media()
        resp.status, resp.location = falcon.HTTP_201, "/person"

    async def on_delete(self, _req: Request, resp: Response) -> None:
        resp.status = falcon.HTTP_204

    async def on_patch(self, _req: Request, _resp: Response) -> None:
        raise answers.Conflict("Ada is there")


class Form:
    """The fields of a form."""

    async def on_post(self, req: Request, resp: Response) -> None:
        resp.media = await req.get_media()


class Upload:
    """The name and the size of a file."""

    async def on_post(self, req: Request, resp: Response) -> None:
        async for part in await req.get_media():
            resp.media = {"name": part.secure_filename, "size": len(await part.stream.read())}


class Item:
    """The parameters of path and query."""

    async def on_get(self, req: Request, resp: Response, number: int) -> None:
        resp.media = {"number": number, "tags": req.get_param_as_list("tag")}


class Cookies:
    """Those of the request; on other paths they are set, or one of them is deleted."""

    async def on_get(self, req: Request, resp: Response) -> None:
        resp.media = req.cookies

    async def on_get_set(self, _req: Request, resp: Response) -> None:
        resp.set_cookie("one", "1", secure=False, path="/")
        resp.set_cookie("two", "2", secure=False, path="/", same_site="Strict", max_age=60)

    async def on_get_delete(self, _req: Request, resp: Response) -> None:
        resp.unset_cookie("one", path="/")


class Redirect:
    """See there."""

    async def on_get(self, _req: Request, _resp: Response) -> None:
        raise falcon.HTTPSeeOther("/person")


class Tagged:
    """What has a tag."""

    async def on_get(self, req: Request, resp: Response) -> None:
        resp.etag = answers.TAG.strip('"')
        if req.if_none_match and resp.etag in [f'"{tag}"' for tag in req.if_none_match]:
            resp.status = falcon.HTTP_304
        else:
            resp.text, resp.content_type = "tagged", falcon.MEDIA_TEXT


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


class Output:
    """What is answered in other ways than JSON."""

    async def on_get_file(self, _req: Request, resp: Response) -> None:
        resp.downloadable_as, resp.content_type = answers.FILE.name, falcon.MEDIA_TEXT
        resp.set_stream(_pieces(answers.FILE.read_bytes()), answers.FILE.stat().st_size)

    async def on_get_stream(self, _req: Request, resp: Response) -> None:
        resp.stream, resp.content_type = _pieces(*map(str.encode, answers.PIECES)), falcon.MEDIA_TEXT

    async def on_get_events(self, _req: Request, resp: Response) -> None:
        async def emitted() -> AsyncIterator[SSEvent]:
            for event in answers.EVENTS:
                yield SSEvent(text=event, event="news", retry=1000)

        resp.sse = emitted()

    async def on_get_large(self, req: Request, resp: Response) -> None:
        resp.content_type = falcon.MEDIA_TEXT
        if "gzip" in req.get_header("accept-encoding", default=""):
            resp.data = gzip.compress(answers.LARGE.encode())
            resp.set_header("Content-Encoding", "gzip")
        else:
            resp.text = answers.LARGE


class Bytes:
    """A body that is no text, in either direction."""

    async def on_get(self, _req: Request, resp: Response) -> None:
        resp.data, resp.content_type = bytes(range(256)) * 800, "application/octet-stream"

    async def on_put(self, req: Request, resp: Response) -> None:
        resp.media = {"size": sum([len(piece) async for piece in req.bounded_stream])}


class Work:
    """Work behind the response, and what was done."""

    def __init__(self) -> None:
        self._done: list[str] = []

    async def on_get(self, _req: Request, resp: Response) -> None:
        resp.media = self._done

    async def on_post(self, _req: Request, resp: Response) -> None:
        async def work() -> None:
            self._done.append("done")

        resp.status = falcon.HTTP_202
        resp.schedule(work)


class Crash:
    """What nobody handles."""

    async def on_get(self, _req: Request, _resp: Response) -> None:
        raise RuntimeError("on purpose")


class Around:
    """The middleware: a header for each response, and the lifespan."""

    ready = ""

    async def process_startup(self, scope: Any, event: Any) -> None:
        self.ready = answers.READY

    async def process_shutdown(self, scope: Any, event: Any) -> None:
        self.ready = ""

    async def process_response(self, req: Request, resp: Response, resource: object, req_succeeded: bool) -> None:
        resp.set_header("X-Added", answers.ADDED[1])

    async def on_get(self, _req: Request, resp: Response) -> None:
        """The state: the middleware is a resource as well."""
        resp.media = {"ready": self.ready}


class Sockets:
    """All websockets, by their suffixes."""

    async def on_websocket_echo(self, _req: Request, ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.send_text(await ws.receive_text())

    async def on_websocket_bytes(self, _req: Request, ws: WebSocket) -> None:
        await ws.accept()
        await ws.send_data(await ws.receive_data())

    async def on_websocket_refuse(self, _req: Request, _ws: WebSocket) -> None:
        raise falcon.HTTPForbidden

    async def on_websocket_close(self, _req: Request, ws: WebSocket) -> None:
        await ws.accept()
        await ws.send_text("goodbye")
        await ws.close(answers.CODE, "enough")

    async def on_websocket_chat(self, _req: Request, ws: WebSocket) -> None:
        await ws.accept("chat", {"X-Room": "one"})
        await ws.send_text("chat")

    async def on_websocket_open(self, _req: Request, ws: WebSocket) -> None:
        await ws.accept()
        await ws.send_text("hello")


async def conflict(_req: Request, resp: Response | None, exc: Exception, _params: Any, ws: Any = None) -> None:
    """The error handler."""
    assert resp is not None
    resp.status, resp.media = falcon.HTTP_409, {"error": str(exc)}


def make() -> Any:
    """The application."""
    around = Around()
    app = falcon.asgi.App(middleware=[around], cors_enable=True)
    app.add_error_handler(answers.Conflict, conflict)
    resources = {"/person": Person(), "/form": Form(), "/upload": Upload(), "/items/{number:int}": Item()}
    resources |= {"/cookies": Cookies(), "/redirect": Redirect(), "/tagged": Tagged(), "/bytes": Bytes()}
    resources |= {"/jobs": Work(), "/crash": Crash(), "/state": around}
    for path, resource in resources.items():
        app.add_route(path, resource)
    for suffix in ("set", "delete"):
        app.add_route(f"/cookies/{suffix}", Cookies(), suffix=suffix)
    for suffix in ("file", "stream", "events", "large"):
        app.add_route(f"/{suffix}", Output(), suffix=suffix)
    for suffix in ("echo", "bytes", "refuse", "close", "chat", "open"):
        app.add_route(f"/ws/{suffix}", Sockets(), suffix=suffix)
    app.add_static_route("/static", answers.FILE.parent)
    return app


def gets_a_static_file(client: Any) -> None:
    """From a folder, a part of it, and not again for a client that has it."""
    response = client.get("/static/calls.py")
    assert response.content == answers.FILE.read_bytes()
    part = client.get("/static/calls.py", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, response.content[10:20])


def uses_another_method(client: Any) -> None:
    """405, and OPTIONS says which are allowed."""
    assert client.put("/form").status_code == 405
    assert "POST" in client.options("/form").headers["allow"]


FALCON: Final = Framework(
    "falcon",
    make,
    {**ALL_CALLS, **by_name(gets_a_static_file, uses_another_method)},
    needs_asyncio=True,
)
