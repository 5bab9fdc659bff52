"""Threads beside a virtual clock: which of them hold it up, and how the user says that one does not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from asgi_lockstep import AppTimeout, TestClient, UsageError
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, body, hello, start
from virtual import Note, Virtual, on


@pytest.fixture
def exporter() -> Iterator[threading.Thread]:
    """A thread that goes on by itself, now and then."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, args=(3600,), name="metrics-exporter")
    thread.start()
    yield thread
    stop.set()
    thread.join()


@pytest.mark.usefixtures("exporter")
@on()
def test_a_thread_that_reaches_no_task_holds_nothing_up(virtual: Virtual) -> None:
    """A periodic exporter, an idle pool of processes: an hour passes at once."""

    async def work(note: Note) -> None:
        with anyio.move_on_after(3600):
            await anyio.Event().wait()
        note("an hour")

    assert virtual.notes(work, timeout=5) == [(3600.0, "an hour")]


#: Everybody can reach it, and so can the exporter.
GLOBAL: dict[str, Any] = {}


async def waits_for_what_everybody_knows(_scope: Scope, _receive: Receive, send: Send) -> None:
    """A global of its module."""
    GLOBAL["event"] = anyio.Event()
    with anyio.move_on_after(3600):
        await GLOBAL["event"].wait()
    await send(start())
    await send(body(b"an hour"))


@pytest.mark.usefixtures("exporter")
@on()
def test_a_thread_that_may_reach_a_task_holds_time_up(virtual: Virtual) -> None:
    """And the text of the limit names it, and the option."""

    async def scenario(client: Any) -> AppTimeout:
        with pytest.raises(AppTimeout) as caught:
            await client.get("/", timeout=0.02)
        return caught.value

    app = Listener(http=waits_for_what_everybody_knows)
    outside = virtual.run(app, scenario, on_disconnect="cancel").diagnosis.outside
    thread = next(line for line in outside if line.startswith("thread 'metrics-exporter'"))
    assert thread.startswith("thread 'metrics-exporter', at ")
    (hint,) = [line for line in outside if line.startswith("(threads hold virtual time up")]
    assert "'metrics-exporter'" in hint


@pytest.mark.usefixtures("exporter")
@on()
def test_a_thread_that_the_user_calls_quiet_holds_nothing_up(virtual: Virtual) -> None:
    """By a pattern of its name."""

    async def scenario(client: Any) -> tuple[str, float]:
        return (await client.get("/")).text, client.clock.now

    app = Listener(http=waits_for_what_everybody_knows)
    assert virtual.run(app, scenario, quiet_threads=["metrics-*"], timeout=5) == ("an hour", 3600.0)


@pytest.mark.parametrize("value", ["exporter", [1], 3])
def test_what_is_no_collection_of_names_is_refused(value: Any) -> None:
    """Where it is given."""
    with pytest.raises(UsageError) as caught:
        TestClient(hello, clock="virtual", quiet_threads=value)
    assert str(caught.value) == (
        f'quiet_threads={value!r} makes no sense: give names, for example ["exporter", "metrics-*"].'
    )


def test_a_real_clock_has_no_use_for_quiet_threads() -> None:
    """Nothing would be different."""
    with pytest.raises(UsageError) as caught:
        TestClient(hello, quiet_threads=["exporter"])
    assert str(caught.value) == (
        'quiet_threads= is about what holds up a virtual clock: it needs clock="virtual", too.'
    )


def test_many_jumps_beside_an_idle_thread_are_cheap() -> None:
    """A walk through the references is not needed where the threads sleep."""
    asked: list[int] = []

    def ask(*_: object) -> str:
        asked.append(1)
        return "somebody"

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await asyncio.to_thread(int)
        for _ in range(240):
            await asyncio.sleep(15)
        await send(start())
        await send(body(b"an hour"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asgi_lockstep._drivers.rest.answers.why_any_reachable", ask)
        client = TestClient(app, clock="virtual")
        assert (client.get("/").text, client.clock.now) == ("an hour", 3600.0)
        client.close()
    assert len(asked) < 24  # the worker may be on its way to sleep when it is looked at
