"""An app on a real socket, for the time of a test: what browsers, other programs and network libraries can reach.

    with LiveServer(app) as live:                       uvicorn in a thread; hypercorn, daphne and granian, too
        live.client().get("/")                          httpx's client, which raises what the app raises
        browser.goto(live.url)

`pip install 'asgi-lockstep[live]'` brings uvicorn and websockets.
"""

from __future__ import annotations

__all__ = (
    "AppFailed",
    "AsyncLiveClient",
    "AsyncLiveWebSocketSession",
    "LiveClient",
    "LiveServer",
    "LiveWebSocketSession",
    "ServerFailed",
    "ServerTimedOut",
)

from ._live.clients.async_client import AsyncLiveClient
from ._live.clients.async_session import AsyncLiveWebSocketSession
from ._live.clients.client import LiveClient
from ._live.clients.session import LiveWebSocketSession
from ._live.errors import AppFailed, ServerFailed, ServerTimedOut
from ._live.live_server import LiveServer

# Where people look for them, and what a traceback shows: the name that they are imported by.
for _name in __all__:
    globals()[_name].__module__ = __name__
