"""Virtual clocks for event loops that the test runs itself, for `AsyncTestClient(app, clock="virtual")`.

On such a loop an hour of `sleep` takes a millisecond: whenever no task is ready to run and nothing outside of the loop
is under way (a thread, a socket, a subprocess), time jumps to the next timer.

    asyncio.Runner(loop_factory=virtual_loop_factory)                       asyncio itself

    def pytest_asyncio_loop_factories(config, item):                        pytest-asyncio, in conftest.py
        return {"virtual": virtual_loop_factory}

    @pytest.fixture                                                         anyio's plugin
    def anyio_backend():
        return "asyncio", {"loop_factory": virtual_loop_factory}            ... or on trio:
        return "trio", {"clock": virtual_trio_clock()}

    trio.run(main, clock=virtual_trio_clock())                              trio itself

`TestClient(app, clock="virtual")` needs none of this: its loop is its own.

Example:
    >>> import asyncio
    >>> async def main():
    ...     await asyncio.sleep(3600)
    ...     return asyncio.get_running_loop().time()
    >>> with asyncio.Runner(loop_factory=virtual_loop_factory) as runner:
    ...     runner.run(main())
    3600.0
"""

from __future__ import annotations

from typing import Any

from ._drivers.on_asyncio.jumping_loop import virtual_loop_factory

__all__ = ("virtual_loop_factory", "virtual_trio_clock")


def virtual_trio_clock() -> Any:
    """A virtual clock for `trio.run`; see `asgi_lockstep.clock`."""
    from ._drivers.on_trio.clocks import JumpingClock  # not above: asyncio's loop does not need trio

    return JumpingClock()
