"""Quart: twenty routes, with its sessions, background tasks and responses of files; it runs on asyncio only."""

from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final

from quart import Quart, Response, abort, make_response, redirect, request, send_file, session, websocket

from spec_frameworks import answers
from spec_frameworks.framework import Framework, by_name
from spec_frameworks.websocket_calls import ALL_CALLS


def add_persons(app: Quart) -> None:
    """JSON, and what becomes of it by each method."""

    @app.get("/person")
    async def get_person() -> Any:
        return answers.PERSON

    @app.post("/person")
    async def post_person() -> Any:
        return await request.get_json(), 201, {"Location": "/person"}

    @app.delete("/person")
    async def delete_person() -> Any:
        return "", 204

    @app.patch("/person")
    async def patch_person() -> Any:
        raise answers.Conflict("Ada is there")


def add_input(app: Quart) -> None:
    """What is read of a request."""

    @app.post("/form")
    async def form() -> Any:
        return dict(await request.form)

    @app.post("/upload")
    async def upload() -> Any:
        file = (await request.files)["file"]
        return {"name": file.filename, "size": len(file.read())}

    @app.get("/items/<int:number>")
    async def item(number: int) -> Any:
        return {"number": number, "tags": request.args.getlist("tag")}

    @app.put("/bytes")
    async def put_bytes() -> Any:
        return {"size": sum([len(piece) async for piece in request.body])}

    @app.get("/cookies")
    async def cookies() -> Any:
        return dict(request.cookies)

    @app.get("/cookies/set")
    async def set_cookies() -> Any:
        response = await make_response("")
        response.set_cookie("one", "1")
        response.set_cookie("two", "2", httponly=True)
        return response

    @app.get("/cookies/delete")
    async def delete_cookie() -> Any:
        response = await make_response("")
        response.delete_cookie("one")
        return response

    @app.get("/session")
    async def count() -> Any:
        session["count"] = session.get("count", 0) + 1
        return {"count": session["count"]}


def add_output(app: Quart) -> None:
    """What is answered in other ways than JSON."""

    @app.get("/redirect")
    async def see_there() -> Any:
        return redirect("/person", 303)

    @app.get("/tagged")
    async def tagged() -> Any:
        response = Response("tagged")
        response.set_etag(answers.TAG.strip('"'))
        conditional: Any = response.make_conditional  # its annotation has the request of Werkzeug
        return await conditional(request)

    @app.get("/file")
    async def file() -> Any:
        return await send_file(answers.FILE, as_attachment=True)

    @app.get("/stream")
    async def stream() -> Any:
        async def pieces() -> AsyncIterator[str]:
            for piece in answers.PIECES:
                yield piece

        return pieces(), {"Content-Type": "text/plain"}

    @app.get("/events")
    async def events() -> Any:
        async def written() -> AsyncIterator[str]:
            for event in answers.EVENTS:
                yield f"data: {event}\n\n"

        return written(), {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}

    @app.get("/large")
    async def large() -> Any:
        return Response(answers.LARGE, mimetype="text/plain")

    @app.get("/bytes")
    async def get_bytes() -> Any:
        return bytes(range(256)) * 800

    @app.after_request
    async def compress(response: Any) -> Any:
        response.headers["X-Added"] = answers.ADDED[1]
        if "gzip" in request.headers.get("accept-encoding", "") and request.path == "/large":
            response.set_data(gzip.compress(await response.get_data(as_text=False)))
            response.headers["Content-Encoding"] = "gzip"
        return response


def add_the_rest(app: Quart) -> None:
    """What goes wrong, what is done behind a response, and the state."""
    done: list[str] = []

    @app.errorhandler(answers.Conflict)
    async def conflict(exc: answers.Conflict) -> Any:
        return {"error": str(exc)}, 409

    @app.get("/crash")
    async def crash() -> Any:
        raise RuntimeError("on purpose")

    @app.post("/jobs")
    async def start_work() -> Any:
        async def work() -> None:
            done.append("done")

        app.add_background_task(work)
        return "", 202

    @app.get("/jobs")
    async def work() -> Any:
        return done

    @app.while_serving
    async def serving() -> AsyncGenerator[None]:
        app.config["READY"] = answers.READY
        yield

    @app.get("/state")
    async def state() -> Any:
        return {"ready": app.config["READY"]}


def add_websockets(app: Quart) -> None:
    """All of them."""

    @app.websocket("/ws/echo")
    async def echo() -> None:
        while True:
            await websocket.send(await websocket.receive())

    @app.websocket("/ws/bytes")
    async def echo_bytes() -> None:
        await websocket.send(await websocket.receive())

    @app.websocket("/ws/refuse")
    async def refuse() -> Any:
        abort(403)

    @app.websocket("/ws/close")
    async def close() -> None:
        await websocket.accept()
        await websocket.send("goodbye")
        await websocket.close(answers.CODE, "enough")

    @app.websocket("/ws/chat")
    async def chat() -> None:
        await websocket.accept(headers={"X-Room": "one"}, subprotocol="chat")
        await websocket.send("chat")

    @app.websocket("/ws/open")
    async def left_open() -> None:
        await websocket.accept()
        await websocket.send("hello")


def make() -> Any:
    """The application."""
    app = Quart(__name__, static_folder=str(answers.FILE.parent), static_url_path="/static")
    app.secret_key = "not one"
    for add in (add_persons, add_input, add_output, add_the_rest, add_websockets):
        add(app)
    return app


def gets_a_part_of_a_file(client: Any) -> None:
    """A range of a static file, and not the file again for a client that has it."""
    response = client.get("/static/calls.py")
    assert response.content == answers.FILE.read_bytes()
    assert client.get("/static/calls.py", headers={"if-none-match": response.headers["etag"]}).status_code == 304
    part = client.get("/static/calls.py", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, response.content[10:20])


def has_a_session(client: Any) -> None:
    """In a cookie."""
    assert [client.get("/session").json()["count"] for _ in range(3)] == [1, 2, 3]


def uses_another_method(client: Any) -> None:
    """405, and OPTIONS says which are allowed."""
    assert client.put("/form").status_code == 405
    assert "POST" in client.options("/form").headers["allow"]


QUART: Final = Framework(
    "quart",
    make,
    {
        **ALL_CALLS,
        **by_name(gets_a_part_of_a_file, has_a_session, uses_another_method),
    },
    needs_asyncio=True,
)
