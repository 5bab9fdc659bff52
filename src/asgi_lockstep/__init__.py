"""A test client for ASGI applications that runs the app in lockstep with the test.

A first test, here of an app of FastAPI; those of Starlette, Litestar, Django, Quart, Falcon, BlackSheep and your own
are tested in the same way:

>>> from fastapi import FastAPI
>>> from asgi_lockstep import TestClient
>>> app = FastAPI()
>>> @app.get("/hello")
... async def hello() -> dict[str, str]:
...     return {"hello": "world"}
>>> def test_hello() -> None:
...     with TestClient(app) as client:  # runs the lifespan of the app; without `with`, none runs
...         response = client.get("/hello")
...         assert response.status_code == 200
...         assert response.json() == {"hello": "world"}
>>> test_hello()

The client is one of httpx2: `get()`, `post(json=...)`, `stream()`, `sse()` for server-sent events, cookies, redirects
are those of httpx. What is more: `client.websocket_connect(url)`, `client.derive()` for a second user,
`client.app_state` for what the lifespan has put into `scope["state"]` (`request.state`), `clock="virtual"` for apps
that sleep. What the app raises is raised in the test, and where nothing can move any more an error says so, instead of
a hang.

In an async test it is `async with AsyncTestClient(app) as client:` and `await client.get("/hello")`. For code that
makes its own client of httpx2, there is `httpx2.Client(transport=LockstepTransport(app))`; for a real socket,
`asgi_lockstep.live.LiveServer(app)`; for a suite of `starlette.testclient` that is not to be edited,
`pytest -p asgi_lockstep.starlette`.

`help(asgi_lockstep.TestClient)` has every option. The README and the pages of docs/ are at
https://github.com/asgi-lockstep/asgi-lockstep: docs/migrating.md comes from other clients, docs/waiting.md says how
hangs are seen, docs/differences.md what differs from Starlette's client, docs/rules.md what apps must not do.

PYTEST_DONT_REWRITE, for pytest: there is no assertion here that it would have to see before anybody imports this.

For whoever reads the code, its general layout, from the bottom to the top; a file imports only from floors below:

    diagnosis.py, _types.py, _exception_parts.py, violations.py, errors.py
                            what can go wrong, and the shapes of ASGI
    _httpx.py               the HTTP library that the clients stand on: httpx2, or httpx for an older Starlette
    _protocol/              ASGI without I/O: order tables, exchanges, and what a client does as generators of steps
    _drivers/               who turns the event loop: on this thread, on another, or the loop that runs already
    _timeline/              what has happened, as data and in the forms in which it is saved
    _client/                the clients, which speak its interface
    clock.py                virtual clocks for loops that the test runs itself
    _live/                  servers with real sockets, and clients for them
    live.py                 their names
    starlette.py            the names of `starlette.testclient`, for suites that are not edited
    _strategies/            what servers and apps may say, for Hypothesis
    strategies.py           the names of these
    timeline.py             the names of `_timeline/`
    _pytest/                what the pytest plugin does; the plugin itself stands beside the package
    _cli/                   the command line: a module for each command
    __main__.py             `python -m asgi_lockstep`, and `asgi-lockstep`
"""

from __future__ import annotations

__all__ = (
    "AppTimeout",
    "AsyncDuplexExchange",
    "AsyncLockstepResponse",
    "AsyncLockstepTransport",
    "AsyncTestClient",
    "AsyncWebSocketTestSession",
    "BackgroundFailed",
    "BackgroundWork",
    "BlockingCall",
    "Checked",
    "ClockNotVirtual",
    "Deadlock",
    "Diagnosis",
    "DuplexExchange",
    "IncompleteResponse",
    "LeftoverTasks",
    "LifespanFailed",
    "LockstepError",
    "LockstepResponse",
    "LockstepTransport",
    "MissingExtra",
    "NoResponse",
    "NotAnASGIApp",
    "ProtocolViolation",
    "RequestCutOff",
    "ResponseCutOff",
    "ResponseRefused",
    "SessionNotOpen",
    "TestClient",
    "TimedOut",
    "TruncatedResponse",
    "UnexpectedMessage",
    "UnknownOption",
    "UsageError",
    "Variation",
    "WebSocketDenialResponse",
    "WebSocketDisconnect",
    "WebSocketTestSession",
    "WrongColour",
    "WrongFrame",
)

__version__ = "0.1.0"

from ._client.async_client import AsyncTestClient
from ._client.checked import Checked
from ._client.endings.background import BackgroundWork
from ._client.http.duplex import AsyncDuplexExchange, DuplexExchange
from ._client.http.response import AsyncLockstepResponse, LockstepResponse
from ._client.network_errors import AppTimeout, RequestCutOff, ResponseCutOff, ResponseRefused, TruncatedResponse
from ._client.own_transport import AsyncLockstepTransport, LockstepTransport
from ._client.sync_client import TestClient
from ._client.websocket.async_session import AsyncWebSocketTestSession
from ._client.websocket.session import WebSocketTestSession
from ._client.websocket_errors import WebSocketDenialResponse
from ._protocol.variation import Variation
from .diagnosis import Diagnosis
from .errors import (
    BackgroundFailed,
    BlockingCall,
    ClockNotVirtual,
    Deadlock,
    IncompleteResponse,
    LeftoverTasks,
    LifespanFailed,
    LockstepError,
    MissingExtra,
    NoResponse,
    NotAnASGIApp,
    ProtocolViolation,
    SessionNotOpen,
    TimedOut,
    UnexpectedMessage,
    UnknownOption,
    UsageError,
    WebSocketDisconnect,
    WrongColour,
    WrongFrame,
)

# Where people look for them, and what a traceback shows: the name that they are imported by.
for _name in __all__:
    globals()[_name].__module__ = __name__
