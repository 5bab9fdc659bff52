"""Virtual clocks with each async test runner, seen from outside: what asgi_lockstep.clock tells people to write."""

from __future__ import annotations

import sys

import pytest

from inner_runs import InnerRun, all_passed, run

APP = """
    import anyio

    ticks = []

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(240):
            await anyio.sleep(15)
            await send({"type": "http.response.body", "body": b"%r " % anyio.current_time(), "more_body": True})
        await send({"type": "http.response.body"})

    async def lifespan(receive, send):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(tick)
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            tasks.cancel_scope.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def tick():
        ticks.clear()
        while True:
            await anyio.sleep(1000)
            ticks.append(anyio.current_time())
"""

#: What each test of the user is: an hour of keep-alives, a job in a thread, a deadlock, and what fixtures do.
STEPS = """
    import time
    import anyio
    import pytest
    from asgi_lockstep import AsyncTestClient, Deadlock
    from myapp import app, ticks

    KEEP_ALIVES = [repr(15.0 * number) for number in range(1, 241)]

    async def an_hour(client):
        assert (await client.get("/")).text.split() == KEEP_ALIVES
        assert (client.clock.now, ticks) == (3600.0, [1000.0, 2000.0, 3000.0])

    async def a_time_of_its_own(client):
        assert client.clock.now == 0.0
        await client.clock.advance(2500)
        assert ticks == [1000.0, 2000.0]
        await anyio.sleep(600)
        assert (client.clock.now, ticks[-1]) == (3100.0, 3000.0)

    async def a_job_in_a_thread(client):
        with anyio.fail_after(0.001):
            await anyio.to_thread.run_sync(time.sleep, 0.02)
        assert client.clock.now == 0.0

    async def a_deadlock():
        async def stuck(scope, receive, send):
            await anyio.Event().wait()

        with pytest.raises(Deadlock):
            await AsyncTestClient(stuck, clock="virtual").get("/")
"""

#: As tests with a fixture.
TESTS = """
    import pytest
    from asgi_lockstep import AsyncTestClient
    from steps import a_deadlock, a_job_in_a_thread, a_time_of_its_own, an_hour
    from myapp import app

    {marks}

    @{fixture}
    async def client():
        async with AsyncTestClient(app, clock="virtual") as client:
            yield client

    async def test_an_hour(client):
        await an_hour(client)

    async def test_a_time_of_its_own(client):
        await a_time_of_its_own(client)

    async def test_a_job_in_a_thread(client):
        await a_job_in_a_thread(client)

    async def test_a_deadlock():
        await a_deadlock()
"""

#: With a loop for the whole module, and so one clock.
MODULE = """
    import pytest
    from asgi_lockstep import AsyncTestClient
    from myapp import app

    pytestmark = pytest.mark.asyncio(loop_scope="module")

    @pytest.mark.parametrize("before", [0.0, 3600.0, 7200.0])
    async def test_an_hour(before):
        client = AsyncTestClient(app, clock="virtual")
        assert client.clock.now == before
        assert len((await client.get("/")).text.split()) == 240
        assert client.clock.now == before + 3600
"""

#: As sync tests, each of which runs a loop.
SYNC = """
    import asyncio
    import anyio
    import pytest
    import trio
    from asgi_lockstep import AsyncTestClient
    from asgi_lockstep.clock import virtual_loop_factory, virtual_trio_clock
    from steps import a_deadlock, a_job_in_a_thread, a_time_of_its_own, an_hour
    from myapp import app

    def run_asyncio(main):
        with asyncio.Runner(loop_factory=virtual_loop_factory) as runner:
            runner.run(main())

    def run_trio(main):
        trio.run(main, clock=virtual_trio_clock())

    def run_anyio_asyncio(main):
        anyio.run(main, backend_options={"loop_factory": virtual_loop_factory})

    def run_anyio_trio(main):
        anyio.run(main, backend="trio", backend_options={"clock": virtual_trio_clock()})

    each_runner = pytest.mark.parametrize("run", [run_asyncio, run_trio, run_anyio_asyncio, run_anyio_trio])

    @each_runner
    @pytest.mark.parametrize("step", [an_hour, a_time_of_its_own, a_job_in_a_thread])
    def test_step(run, step):
        async def main():
            async with AsyncTestClient(app, clock="virtual") as client:
                await step(client)

        run(main)

    @each_runner
    def test_a_deadlock(run):
        run(a_deadlock)
"""

#: With the standard library's runner, from Python 3.13 on with the loop of the user's choice.
CASE = """
    import sys
    import unittest
    from asgi_lockstep import AsyncTestClient
    from asgi_lockstep.clock import virtual_loop_factory
    from steps import an_hour
    from myapp import app

    @unittest.skipIf(sys.version_info < (3, 13), "has no loop_factory")
    class Case(unittest.IsolatedAsyncioTestCase):
        loop_factory = staticmethod(virtual_loop_factory)

        async def asyncSetUp(self):
            self.client = await self.enterAsyncContext(AsyncTestClient(app, clock="virtual"))

        async def test_an_hour(self):
            await an_hour(self.client)
"""

#: Chooses the loop of pytest-asyncio's tests, in the folder in which it is.
HOOK = """
    from asgi_lockstep.clock import virtual_loop_factory

    def pytest_asyncio_loop_factories(config, item):
        return {"virtual": virtual_loop_factory}
"""

AN_HOUR, OWN_TIME, THREAD, DEADLOCK = (
    "test_an_hour",
    "test_a_time_of_its_own",
    "test_a_job_in_a_thread",
    "test_a_deadlock",
)

#: All tests pass.
ALL = all_passed(AN_HOUR, OWN_TIME, THREAD, DEADLOCK)

#: The client says that there is no virtual clock: in the fixture, or in the test that makes one itself.
NONE = {**dict.fromkeys((AN_HOUR, OWN_TIME, THREAD), "error"), DEADLOCK: "failed"}

#: What it says.
NOT_VIRTUAL = 'ClockNotVirtual: clock="virtual" cannot be had on the event loop that runs here: its time cannot be '


def on_anyio(backend: str) -> str:
    """The tests for anyio's plugin."""
    marks = (
        "from asgi_lockstep.clock import virtual_loop_factory, virtual_trio_clock\n\n"
        "    pytestmark = pytest.mark.anyio\n\n"
        f"    @pytest.fixture\n    def anyio_backend():\n        return {backend}\n"
    )
    return TESTS.format(marks=marks, fixture="pytest.fixture")


def says_that_there_is_none(found: InnerRun, suite: str) -> bool:
    """Whether each of the tests of a suite has been told so."""
    return all(NOT_VIRTUAL in found.messages[suite][name] for name in NONE)


def test_without_pytest_asyncio(pytester: pytest.Pytester) -> None:
    """Anyio's plugin on both libraries, sync tests, the standard library's test case: each test begins at 0. On a loop
    with real time, the client says where to get a virtual clock.
    """
    found = run(
        pytester,
        *("-p", "anyio"),
        myapp=APP,
        steps=STEPS,
        test_asyncio=on_anyio('"asyncio", {"loop_factory": virtual_loop_factory}'),
        test_trio=on_anyio('"trio", {"clock": virtual_trio_clock()}'),
        test_real_asyncio=on_anyio('"asyncio", {}'),
        test_real_trio=on_anyio('"trio", {}'),
        test_real_uvloop=on_anyio('"asyncio", {"use_uvloop": True}'),
        test_sync=SYNC,
        test_unittest=CASE,
    )
    runners = ("run_asyncio", "run_trio", "run_anyio_asyncio", "run_anyio_trio")
    steps = ("an_hour", "a_time_of_its_own", "a_job_in_a_thread")
    assert found.outcomes == {
        "test_asyncio": ALL,
        "test_trio": ALL,
        "test_real_asyncio": NONE,
        "test_real_trio": NONE,
        "test_real_uvloop": NONE,
        "test_sync": all_passed(
            *(f"test_step[{step}-{runner}]" for step in steps for runner in runners),
            *(f"{DEADLOCK}[{runner}]" for runner in runners),
        ),
        "test_unittest.Case": {AN_HOUR: "passed" if sys.version_info >= (3, 13) else "skipped"},
    }
    real = ("test_real_asyncio", "test_real_trio", "test_real_uvloop")
    assert [says_that_there_is_none(found, suite) for suite in real] == [True] * 3


def test_pytest_asyncio_in_strict_mode(pytester: pytest.Pytester) -> None:
    """With its hook; its fixtures are entered and left in different tasks. Tests that share a loop share its clock."""
    marks = "import pytest_asyncio\n    pytestmark = pytest.mark.asyncio"
    found = run(
        pytester,
        *("-p", "asyncio", "--asyncio-mode=strict"),
        conftest=HOOK,
        myapp=APP,
        steps=STEPS,
        test_function=TESTS.format(marks=marks, fixture="pytest_asyncio.fixture"),
        test_module=MODULE,
    )
    assert found.outcomes == {
        "test_function": ALL,
        "test_module": all_passed(*(f"{AN_HOUR}[{before}]" for before in (0.0, 3600.0, 7200.0))),
    }


def test_pytest_asyncio_in_auto_mode(pytester: pytest.Pytester) -> None:
    """With its hook, and no marks at all; without the hook, the client says where to get a virtual clock."""
    suite = TESTS.format(marks="", fixture="pytest.fixture")
    found = run(
        pytester,
        *("-p", "asyncio", "--asyncio-mode=auto"),
        myapp=APP,
        steps=STEPS,
        test_without=suite,
        **{"hooked/conftest": HOOK, "hooked/test_auto": suite},
    )
    assert found.outcomes == {"hooked.test_auto": ALL, "test_without": NONE}
    assert says_that_there_is_none(found, "test_without")
