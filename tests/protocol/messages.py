"""One message for each thing that an app can say."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping
from pathlib import Path

from asgi_lockstep._types import Message

#: A file with nothing in it, open as long as the tests run.
EMPTY = Path(os.devnull).open("rb")  # noqa: SIM115
atexit.register(EMPTY.close)

#: A message for each event of the tables, with content that is right.
MESSAGES: Mapping[str, Message] = {
    "http.response.debug": {"type": "http.response.debug", "info": {}},
    "http.response.early_hint": {"type": "http.response.early_hint", "links": [b"</x>; rel=preload"]},
    "http.response.push": {"type": "http.response.push", "path": "/x", "headers": []},
    "http.response.start": {"type": "http.response.start", "status": 200},
    "http.response.start trailers": {"type": "http.response.start", "status": 200, "trailers": True},
    "http.response.body more": {"type": "http.response.body", "more_body": True},
    "http.response.body": {"type": "http.response.body"},
    "http.response.zerocopysend more": {"type": "http.response.zerocopysend", "file": EMPTY, "more_body": True},
    "http.response.zerocopysend": {"type": "http.response.zerocopysend", "file": EMPTY},
    "http.response.pathsend": {"type": "http.response.pathsend", "path": os.devnull},
    "http.response.trailers more": {"type": "http.response.trailers", "more_trailers": True},
    "http.response.trailers": {"type": "http.response.trailers"},
    "websocket.accept": {"type": "websocket.accept"},
    "websocket.send": {"type": "websocket.send", "text": "hi"},
    "websocket.close": {"type": "websocket.close"},
    "websocket.http.response.start": {"type": "websocket.http.response.start", "status": 403},
    "websocket.http.response.body more": {"type": "websocket.http.response.body", "more_body": True},
    "websocket.http.response.body": {"type": "websocket.http.response.body"},
    "lifespan.startup.complete": {"type": "lifespan.startup.complete"},
    "lifespan.startup.failed": {"type": "lifespan.startup.failed"},
    "lifespan.shutdown.complete": {"type": "lifespan.shutdown.complete"},
    "lifespan.shutdown.failed": {"type": "lifespan.shutdown.failed"},
}
