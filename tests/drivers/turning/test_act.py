"""A change of an exchange is made in a short turn, which does what `run(act(...))` does with its steps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any, Final

import anyio
import anyio.lowlevel
import pytest

from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._drivers.calls.contract import PASSES_AFTER_ANSWER
from asgi_lockstep._drivers.calls.tasks import do_nothing
from asgi_lockstep._drivers.on_asyncio.loop_runner import SteppedLoop
from asgi_lockstep._drivers.on_trio.loop_runner import SteppedRun
from asgi_lockstep._drivers.turning.sync_driver import SyncDriver
from asgi_lockstep._protocol import steps
from asgi_lockstep._protocol.steps import SETTLE, Move, Steps
from asgi_lockstep._protocol.websocket_exchange import WebSocketExchange
from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import accept

pytestmark = pytest.mark.usefixtures("no_hang")

DRIVERS: Final[dict[str, tuple[Any, bool]]] = {
    "asyncio": (partial(SteppedLoop, {}), False),
    "trio": (partial(SteppedRun, {}), False),
    "asyncio-thread": (partial(SteppedLoop, {}), True),
    "trio-thread": (partial(SteppedRun, {}), True),
}

#: On these the change is made in a short turn: the loop can surely be turned on the calling thread.
SHORT: Final = ("asyncio", "trio")

Act = Callable[..., Any]


def in_steps(driver: SyncDriver, change: Callable[..., Any], *args: Any) -> Any:
    """The long way."""
    return driver.run(steps.act(partial(change, *args)))


@pytest.fixture(params=DRIVERS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each driver of the sync client."""
    name: str = request.param
    return name


async def answers(send: Send, answer: Message) -> None:
    """A task of the app."""
    await send(answer)


async def echoes(seen: list[Message], scope: Scope, receive: Receive, send: Send) -> None:
    """Sends back what it receives: at once, from another task, after a while without a rest, twice, or as a close."""
    await accept(receive, send)
    async with anyio.create_task_group() as tasks:
        while (message := await receive())["type"] == "websocket.receive":
            seen.append(message)
            answer: Message = {"type": "websocket.send", "text": message["text"]}
            match message["text"]:
                case "task":
                    tasks.start_soon(answers, send, answer)
                case "spin":
                    # Two turns and a half: of one that has to end it, the last pass may or may not count.
                    for _ in range(5 * PASSES_AFTER_ANSWER // 2):
                        await anyio.lowlevel.checkpoint()
                    await send(answer)
                case "twice":
                    await send(answer)
                    await send(answer)
                case "close":
                    await send({"type": "websocket.close", "code": 4000})
                case "fail":
                    raise ValueError("failed")
                case _:
                    await send(answer)
        seen.append(message)


JOURNEYS: Final = {
    "answers": ["at once", "task", "twice", "at once"],
    "spin": ["at once", "spin", "nothing", "nothing", "at once"],
    "close": ["at once", "close", "at once"],
    "failure": ["at once", "fail", "at once"],
    "leaving": ["at once", "leave", "at once"],
}


def journey(kind: str, texts: list[str], act: Act) -> list[object]:
    """All that can be seen after each of the changes."""
    new_runner, own_thread = DRIVERS[kind]
    exchange = WebSocketExchange({"type": "websocket", "path": "/", "asgi": {"version": "3.0"}, "extensions": {}})
    received: list[Message] = []
    seen: list[object] = []
    with closing(SyncDriver(new_runner, own_thread=own_thread)) as driver:
        driver.begin(AppCall(partial(echoes, received), exchange), steps.open_websocket(exchange, 1))
        for text in texts:
            if text == "leave":
                result = act(driver, exchange.disconnect, 1001, "gone")
            elif text == "nothing":
                result = act(driver, do_nothing)
            else:
                result = act(driver, exchange.client_sends, {"type": "websocket.receive", "text": text})
            seen.append((result, list(received), exchange.pending, repr(exchange), repr(exchange.exception)))
        seen.append(driver.idle)
    return seen


@pytest.mark.parametrize("texts", JOURNEYS.values(), ids=JOURNEYS)
def test_a_change_made_in_short_is_made_as_in_steps(
    kind: str, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each message the app has come equally far."""
    ran: list[object] = []
    run = SyncDriver.run

    def noticed(self: SyncDriver, of: Steps[Any], *args: Any) -> Any:
        ran.append(of)
        return run(self, of, *args)

    monkeypatch.setattr(SyncDriver, "run", noticed)
    short = journey(kind, texts, SyncDriver.act)
    runs_in_short = len(ran)
    assert short == journey(kind, texts, in_steps)
    assert runs_in_short == (1 if kind in SHORT else 2 + len(texts))  # the first steps are no change, in any case


def test_a_change_that_fails_in_short_fails_as_in_steps(kind: str) -> None:
    """Its failure is raised, and the lock is free again."""
    new_runner, own_thread = DRIVERS[kind]

    def fail(text: str) -> None:
        raise ValueError(text)

    with closing(SyncDriver(new_runner, own_thread=own_thread)) as driver:
        for act in (SyncDriver.act, in_steps):
            with pytest.raises(ValueError, match=r"^no$"):
                act(driver, fail, "no")
            assert not driver.lock.held_here


def test_the_result_of_a_change_is_returned(kind: str) -> None:
    """With its arguments, either way."""
    new_runner, own_thread = DRIVERS[kind]
    with closing(SyncDriver(new_runner, own_thread=own_thread)) as driver:
        assert [driver.act(divmod, 7, 2), in_steps(driver, divmod, 7, 2)] == [(3, 1)] * 2


def test_the_steps_of_a_change_are_one_rest() -> None:
    """What both ways are the beginning of."""
    generator = steps.act(lambda: "changed")
    step = next(generator)
    assert isinstance(step, Move)
    assert (step, step.until()) == (SETTLE, True)
    with pytest.raises(StopIteration) as stop:
        generator.send(None)
    assert stop.value.value == "changed"
