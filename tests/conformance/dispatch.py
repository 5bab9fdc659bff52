"""The one app that each server process serves: it picks the case by a header, and writes down what its app saw.

Both headers are taken away before the app sees the scope. A server for a lifespan case has it in its environment.
"""

from __future__ import annotations

import os
from pathlib import Path

from asgi_lockstep._types import Receive, Scope, Send
from conformance.case import Lifespan, answer
from conformance.cases import BY_NAME
from conformance.sight import Sight, run, writer

#: The folder for what apps saw, and the case that a server is started for.
FOLDER, LIFESPAN = "CONFORMANCE_FOLDER", "CONFORMANCE_LIFESPAN"

#: The request headers: which case, and under which name it is written down.
CASE, RUN = b"x-case", b"x-run"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Any case."""
    if scope["type"] == "lifespan":
        await _lifespan(scope, receive, send)
        return
    headers = {bytes(name).lower(): bytes(value).decode("latin-1") for name, value in scope["headers"]}
    if CASE not in headers:
        await answer(send)
        return
    own = {**scope, "headers": [pair for pair in scope["headers"] if bytes(pair[0]).lower() not in (CASE, RUN)]}
    case = BY_NAME[headers[CASE]]
    sight = Sight(writer(Path(os.environ[FOLDER]) / headers[RUN]))
    if isinstance(case.script, Lifespan):
        await case.app(own, receive, send, sight.note)
    else:
        await run(case, own, receive, send, sight)


async def _lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    name = os.environ.get(LIFESPAN)
    if name:
        await run(BY_NAME[name], scope, receive, send, Sight(writer(Path(os.environ[FOLDER]) / name)))
        return
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
