"""The app of a failing test, served for a look in the browser, as it is at that moment (`--asgi-serve`).

The client goes on running it: the server is one more coroutine on the client's own event loop, so that what the app has
made there (pools, locks, tasks, what its lifespan has yielded) is as it was, and works. Its lifespan has begun before,
and ends with the fixture.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from .._client.sync_client import TestClient
from .._live.serving.sockets import listening
from .._types import Receive, Scope, Send
from ..errors import MissingExtra, UsageError
from ..live import AsyncLiveClient, LiveClient
from .live_servers import FIXTURES
from .runners import loop_of

_NO_CLIENT = "none of its fixtures is a client, and so there is no app to serve."
_VIRTUAL = "its clock is virtual, and nobody can look at it in real time."
_NO_LOOP = "its app runs on trio, and uvicorn serves asyncio alone."


class Serves:
    """The hook that serves.

    Args:
        config: of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._port: Any = config.getoption("asgi_serve")

    @pytest.hookimpl(trylast=True)
    def pytest_exception_interact(self, node: pytest.Item | pytest.Collector, report: pytest.TestReport) -> None:
        """A test has failed, and its fixtures are still there: serve, until Ctrl-C."""
        if not isinstance(node, pytest.Item) or report.when == "teardown":
            return
        node.session.shouldfail = "--asgi-serve stops at the first failure"
        client = _client_of(node)
        why_not = _NO_CLIENT if client is None else _why_not(node, client)
        if why_not:
            self._say(f"--asgi-serve: {node.nodeid} has failed, but {why_not}")
        elif isinstance(client, (LiveClient, AsyncLiveClient)):
            self._say_where(node, str(client.base_url))
            _wait()
        else:
            self._serve(node, client)

    def _serve(self, node: pytest.Item, client: Any) -> None:
        with listening("127.0.0.1", self._port) as bound:
            host, port = bound.getsockname()[:2]
            server = _server(client)
            self._say_where(node, f"http://{host}:{port}")
            with _at_interrupts(server.interrupted):
                _run(node, client, lambda: server.serve(sockets=[bound]))

    def _say_where(self, node: pytest.Item, url: str) -> None:
        self._say(f"--asgi-serve: {node.nodeid} has failed. Its app is at {url} now, until Ctrl-C.")

    def _say(self, text: str) -> None:
        """On the terminal, also where the output of tests is captured."""
        if self._config.pluginmanager.hasplugin("terminalreporter"):
            terminal = self._config.get_terminal_writer()
            terminal.line()
            terminal.line(text)
            terminal.flush()


def _client_of(node: pytest.Item) -> Any:
    """The client of the fixtures that a test has; or else one that a fixture of the user's gives."""
    found = getattr(node, "funcargs", {})
    ours = [value for name, value in found.items() if name in FIXTURES]
    others = [value for value in found.values() if isinstance(value, (TestClient, LiveClient, AsyncLiveClient))]
    return next(iter([*ours, *others]), None)


def _why_not(node: pytest.Item, client: Any) -> str:
    """Why its app cannot be served, in words; `""` if it can."""
    if isinstance(client, (LiveClient, AsyncLiveClient)):
        return ""
    is_sync = isinstance(client, TestClient)
    if is_sync and _is_virtual(client):
        return _VIRTUAL
    on_trio = client.async_backend["backend"] == "trio" if is_sync else loop_of(node) is None
    return _NO_LOOP if on_trio else ""


def _is_virtual(client: TestClient) -> bool:
    try:
        client.clock.advance(0)
    except UsageError:
        return False
    return True


def _run(node: pytest.Item, client: Any, serve: Callable[[], Any]) -> None:
    """Serve on the event loop of the client, which nobody turns at this moment."""
    if isinstance(client, TestClient):
        client.timeout = None  # nobody knows for how long somebody looks
        client.run(serve)
    else:
        loop = loop_of(node)
        assert loop is not None
        loop.run_until_complete(serve())


def _wait() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return


@contextmanager
def _at_interrupts(interrupted: Callable[[], None]) -> Iterator[None]:
    """Within the block, Ctrl-C calls that, and raises nothing."""
    before = signal.signal(signal.SIGINT, lambda _signum, _frame: interrupted())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _server(client: Any) -> Any:
    """A server for the app of the client, which leaves the lifespan and the signals alone."""
    try:
        import uvicorn
    except ImportError:
        raise MissingExtra("uvicorn", "--asgi-serve", "live") from None

    class Server(uvicorn.Server):
        """uvicorn's, ended by a call: at the first it waits for what is under way, at the second no more."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        def interrupted(self) -> None:
            self.should_exit, self.force_exit = True, self.should_exit

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        state = {"state": dict(client.app_state)} if client.app_state else {}
        await client.app({**scope, **state}, receive, send)

    return Server(uvicorn.Config(app, lifespan="off", log_config=None))
