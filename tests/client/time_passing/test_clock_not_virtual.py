"""Where a virtual clock cannot be had, and what is said there."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
import pytest
import trio.testing

from asgi_lockstep import AsyncTestClient, ClockNotVirtual, TestClient
from helpers import hello
from matrix import ASYNC, available

#: What is said of the loop of the test.
NOT_HERE = 'clock="virtual" cannot be had on the event loop that runs here: its time cannot be replaced.'

#: And what to write for another one.
WHAT_TO_WRITE = """\
Run the test on a loop of asgi_lockstep.clock. With anyio's plugin:

  from asgi_lockstep.clock import virtual_loop_factory

  @pytest.fixture
  def anyio_backend():
      return "asyncio", {"loop_factory": virtual_loop_factory}

On trio it returns "trio", {"clock": virtual_trio_clock()}. With pytest-asyncio (1.4 or newer), in conftest.py:

  from asgi_lockstep.clock import virtual_loop_factory

  def pytest_asyncio_loop_factories(config, item):
      return {"virtual": virtual_loop_factory}

Without a plugin: asyncio.Runner(loop_factory=virtual_loop_factory)."""


def make_loop() -> asyncio.AbstractEventLoop:
    """A loop of the user's own."""
    return asyncio.SelectorEventLoop()


@pytest.mark.parametrize(
    ("options", "loop"),
    [
        pytest.param({"use_uvloop": True}, "uvloop", id="uvloop"),
        pytest.param({"loop_factory": make_loop}, f"the loop of {make_loop!r}", id="loop_factory"),
    ],
)
def test_a_loop_of_asyncio_whose_time_cannot_be_replaced_is_refused(options: dict[str, Any], loop: str) -> None:
    """When it is made."""
    with pytest.raises(ClockNotVirtual) as caught:
        TestClient(hello, clock="virtual", backend_options=options).get("/")
    assert str(caught.value) == (
        f'clock="virtual" cannot be had on {loop}: its time cannot be replaced. Leave out use_uvloop and loop_factory, '
        "or the virtual clock."
    )


def test_a_trio_run_with_a_clock_of_its_own_is_refused() -> None:
    """One run has one clock."""
    options = {"clock": trio.testing.MockClock()}
    with pytest.raises(ClockNotVirtual) as caught:
        TestClient(hello, backend="trio", clock="virtual", backend_options=options).get("/")
    assert str(caught.value) == (
        'clock="virtual" cannot be had on a run with a clock of its own: its time cannot be replaced. Leave out the '
        "option `clock`."
    )


@pytest.mark.parametrize("name", available(ASYNC))
@pytest.mark.parametrize("entered", [True, False])
def test_an_async_test_on_a_loop_with_real_time_is_told_what_to_do(name: str, entered: bool) -> None:
    """When the client is entered, or else with its first call."""

    async def main() -> None:
        client = AsyncTestClient(hello, clock="virtual")
        if entered:
            await client.__aenter__()
        else:
            await client.get("/")

    with pytest.raises(ClockNotVirtual) as caught:
        anyio.run(main, **ASYNC[name])
    assert str(caught.value) == f"{NOT_HERE} {WHAT_TO_WRITE}"
