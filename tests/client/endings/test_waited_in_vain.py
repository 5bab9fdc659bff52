"""A test that waits for its app outside of the client waits in vain, and its failure says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import anyio
import pytest

from asgi_lockstep import ProtocolViolation, TestClient
from asgi_lockstep._types import Receive, Scope, Send
from helpers import body, start

NOTE = (
    "The app moves only in calls of the client, and one of its timers has been due for 5.0 seconds. If the test has "
    "waited for that, write client.sleep(seconds) instead of time.sleep(seconds), or client.settle() for what is ready."
)


class Hands:
    """The hands of a clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


HANDS = Hands()


class OwnTime(asyncio.SelectorEventLoop):
    """A loop whose time passes as the test says."""

    def time(self) -> float:
        """Seconds of those hands."""
        return HANDS.now


async def timer_of(scope: Scope, _receive: Receive, send: Send) -> None:
    """Sets a timer of 10 seconds, and goes on behind its response until it is due."""
    await send(start())
    await send(body())
    with suppress(asyncio.CancelledError):
        await anyio.sleep(10)


@pytest.fixture(params=["asyncio", "trio", "trio-thread"])
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A client whose app has set a timer."""
    backend, _, thread = request.param.partition("-")
    options: dict[str, Any] = {"backend": backend, "driver": thread or "auto"}
    if backend == "trio":
        monkeypatch.setattr("asgi_lockstep._drivers.on_trio.clocks.real_time", HANDS)
    else:
        options["backend_options"] = {"loop_factory": OwnTime}
    return TestClient(timer_of, lifespan="off", background="detach", on_disconnect="cancel", **options)


def notes(client: TestClient, failure: BaseException, pass_time: Callable[[TestClient], object]) -> list[str]:
    """What is noted on a failure with which the block of the client is left, after `pass_time()`."""
    with pytest.raises(type(failure)) as caught, client:
        client.get("/")
        pass_time(client)
        raise failure
    assert caught.value is failure
    return getattr(failure, "__notes__", [])


def moved(seconds: float) -> Callable[[TestClient], object]:
    """So many seconds pass in the test, without a call of the client."""

    def pass_time(_: TestClient) -> None:
        HANDS.now += seconds

    return pass_time


@pytest.mark.parametrize("kind", [AssertionError, TimeoutError])
def test_a_failure_after_waiting_in_vain_says_so(client: TestClient, kind: type[Exception]) -> None:
    """What to write instead, and for how long a timer has been due."""
    assert notes(client, kind("not done"), moved(15)) == [NOTE]


@pytest.mark.parametrize("seconds", [0, 9, 10.05])
def test_a_failure_before_a_timer_is_due_says_nothing_of_it(client: TestClient, seconds: float) -> None:
    """Nor if the test has only taken a moment."""
    assert notes(client, AssertionError(), moved(seconds)) == []


def test_a_failure_after_the_app_has_moved_says_nothing_of_it(client: TestClient) -> None:
    """It has had its time."""

    def pass_time(client: TestClient) -> None:
        HANDS.now += 15
        client.settle()

    assert notes(client, AssertionError(), pass_time) == []


@pytest.mark.parametrize(
    "failure",
    [KeyError("x"), ProtocolViolation("http.response.body", request="GET /", state="no response yet")],
    ids=["of-the-app", "of-ours"],
)
def test_another_failure_says_nothing_of_it(client: TestClient, failure: Exception) -> None:
    """It has another reason."""
    assert notes(client, failure, moved(15)) == []


def test_on_a_virtual_clock_no_timer_is_overdue() -> None:
    """Its time passes only in calls of the client."""
    client = TestClient(timer_of, lifespan="off", background="detach", on_disconnect="cancel", clock="virtual")
    assert notes(client, AssertionError(), moved(15)) == []


def test_uvloop_does_not_show_its_timers() -> None:
    """There the failure is as it was."""
    pytest.importorskip("uvloop")
    options = {"use_uvloop": True}
    client = TestClient(timer_of, lifespan="off", background="detach", on_disconnect="cancel", backend_options=options)
    assert notes(client, AssertionError(), moved(15)) == []
