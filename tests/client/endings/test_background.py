"""What the app does after its response: waited for, or detached."""

from __future__ import annotations

from typing import Any

import anyio
import anyio.lowlevel
import pytest

from asgi_lockstep import BackgroundFailed, UnknownOption
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, body, hello, start
from matrix import Driver


class Jobs:
    """Answers every request and goes on behind that, until `/go` is asked for.

    Args:
        failing: the paths whose work raises.
    """

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.events: list[str] = []
        self.waiting: list[anyio.Event] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        await send(start())
        if path == "/go":
            for event in self.waiting:
                event.set()
            await send(body())
            return
        self.waiting.append(anyio.Event())
        await send(body(b"accepted"))
        try:
            await self.waiting[-1].wait()
            if path in self.failing:
                raise ValueError(path)
            self.events.append(f"{path} done")
        except anyio.get_cancelled_exc_class():
            self.events.append(f"{path} cancelled")
            raise


def names(client: Any) -> list[str]:
    """The requests behind whose responses the app goes on."""
    return [work.request for work in client.background]


@pytest.mark.parametrize("where", ["client", "request"])
@pytest.mark.parametrize("streamed", [False, True], ids=["at once", "streamed"])
def test_a_detached_request_returns_at_the_last_byte(driver: Driver, where: str, streamed: bool) -> None:
    """For all requests of a client or for one; the work goes on, and is listed until it ends."""
    app = Jobs()
    detach = {"background": "detach"}
    extensions = {"asgi": detach if where == "request" else {}}
    with driver.client(app, lifespan="off", **(detach if where == "client" else {})) as client:
        if streamed:
            with client.stream("POST", "/jobs", extensions=extensions) as response:
                assert response.read() == b"accepted"
        else:
            assert client.post("/jobs", extensions=extensions).content == b"accepted"
        assert (names(client), app.events) == (["POST /jobs"], [])
        client.post("/go")
        assert (names(client), app.events) == ([], ["/jobs done"])


def test_a_request_waits_by_default(driver: Driver) -> None:
    """Nothing goes on when `get()` has returned."""
    events: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"accepted"))
        for _ in range(5):
            await anyio.lowlevel.checkpoint()
        events.append("done")

    with driver.client(app, lifespan="off") as client:
        client.get("/")
        assert (events, client.background) == (["done"], [])


def test_work_that_does_not_end_is_cancelled_at_the_end(driver: Driver) -> None:
    """Leaving the client gives it a grace, and then ends it."""
    app = Jobs()
    with driver.client(app, lifespan="off", background="detach", grace=0.01) as client:
        client.get("/one")
        client.get("/two")
        assert names(client) == ["GET /one", "GET /two"]
    assert app.events == ["/one cancelled", "/two cancelled"]


@pytest.mark.parametrize("streamed", [False, True], ids=["at once", "streamed"])
def test_a_failure_is_raised_by_settle(driver: Driver, streamed: bool) -> None:
    """Once, chained to what the app raised, with the line that has sent the request."""

    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"accepted"))
        raise ValueError("no paper")

    with driver.client(fails, lifespan="off", background="detach") as client:
        if streamed:
            with client.stream("POST", "/print") as response:
                assert response.read() == b"accepted"
        else:
            assert client.post("/print").content == b"accepted"
        with pytest.raises(BackgroundFailed) as caught:
            client.settle()
        client.settle()
    text = str(caught.value)
    assert text.startswith("background work of POST /print, sent at ")
    assert text.endswith(", failed: ValueError('no paper')")
    assert repr(caught.value.__cause__) == "ValueError('no paper')"


def test_failures_are_raised_at_the_end(driver: Driver) -> None:
    """The first one, with a note for the other; work that has ended well is not mentioned."""
    app = Jobs("/one", "/three")
    with pytest.raises(BackgroundFailed) as caught:  # noqa: SIM117
        with driver.client(app, lifespan="off", background="detach") as client:
            for path in ("/one", "/two", "/three"):
                client.get(path)
            client.post("/go")
    first, (other,) = str(caught.value), caught.value.__notes__
    assert first.startswith("background work of GET /one, sent at ")
    assert other.startswith("And background work of GET /three, sent at ")
    assert first.endswith(", failed: ValueError('/one')")
    assert other.endswith(", failed: ValueError('/three')")


def test_settling_in_the_middle_of_a_stream_forgets_nothing(driver: Driver) -> None:
    """Work behind a stream that was still open at a `settle()` is listed, and its failure is raised."""
    app = Jobs("/jobs")
    with driver.client(app, lifespan="off", background="detach") as client:
        with client.stream("POST", "/jobs") as response:
            client.settle()
            assert response.read() == b"accepted"
        assert names(client) == ["POST /jobs"]
        client.post("/go")
        with pytest.raises(BackgroundFailed):
            client.settle()


def test_a_failure_does_not_hide_that_of_the_test(driver: Driver) -> None:
    """An assertion that is on its way stays what it is, and gets a note."""
    app = Jobs("/one")
    with pytest.raises(AssertionError, match="mine") as caught:  # noqa: SIM117
        with driver.client(app, lifespan="off", background="detach") as client:
            client.get("/one")
            client.post("/go")
            raise AssertionError("mine")
    (note,) = caught.value.__notes__
    assert "background work of GET /one, sent at " in note


def test_a_failure_before_the_last_byte_is_the_requests_own(driver: Driver) -> None:
    """Only what comes after a complete response is background."""

    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        raise ValueError("early")

    with driver.client(fails, lifespan="off", background="detach") as client:
        with pytest.raises(ValueError, match="early"):
            client.get("/")
        client.settle()


def test_what_does_not_exist(driver: Driver) -> None:
    """The text names what does."""
    with pytest.raises(UnknownOption, match=r"^background='later' does not exist; known are 'wait', 'detach'\.$"):
        driver.client(Listener(http=hello), background="later")
