"""The texts of the modules that tests of the command line run."""

from __future__ import annotations

#: Says what it was called with.
ECHO = """
import json

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        return await send({"type": "lifespan.shutdown.complete"})
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if not message["more_body"]:
            break
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    said = {
        "called": f"{scope['method']} {scope['path']}",
        "query": scope["query_string"].decode(),
        "type": headers.get("content-type", ""),
        "cookie": headers.get("cookie", ""),
        "authorization": headers.get("authorization", ""),
        "x": headers.get("x-one", ""),
        "body": body.decode(),
        "root_path": scope["root_path"],
        "host": headers["host"],
    }
    answer = json.dumps({name: value for name, value in said.items() if value}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": answer})
"""

#: Answers with the status that its path names, or raises, or redirects.
STATUSES = """
async def app(scope, receive, send):
    assert scope["type"] == "http"
    what = scope["path"].removeprefix("/")
    if what == "raises":
        raise ValueError("no")
    headers = [(b"location", b"/200")] if what == "303" else []
    await send({"type": "http.response.start", "status": int(what), "headers": headers})
    await send({"type": "http.response.body", "body": what.encode()})
"""

#: An app of FastAPI, with a lifespan, a route that raises, and websockets.
FASTAPI = """
from contextlib import asynccontextmanager

from fastapi import FastAPI, WebSocket


@asynccontextmanager
async def lifespan(app):
    app.state.greeting = "hello"
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/")
async def index():
    return {"greeting": app.state.greeting, "numbers": [1, 2]}


@app.get("/raises")
def raises():
    raise ValueError("no")


@app.get("/items/{number}")
async def item(number: int):
    return number


@app.websocket("/echo")
async def echo(websocket: WebSocket):
    await websocket.accept()
    while True:
        await websocket.send_text(f"you said {await websocket.receive_text()}")


@app.websocket("/fails")
async def fails(websocket: WebSocket):
    await websocket.accept()
    await websocket.receive_text()
    raise ValueError("no")
"""
