"""Virtual clocks with each async test runner, seen from outside: what asgi_lockstep.clock tells people to write."""

from __future__ import annotations

import pytest

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
        begin = time.perf_counter()
        assert (await client.get("/")).text.split() == KEEP_ALIVES
        assert (client.clock.now, ticks) == (3600.0, [1000.0, 2000.0, 3000.0])
        assert time.perf_counter() - begin < 0.5

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

HOOK = """
    from asgi_lockstep.clock import virtual_loop_factory

    def pytest_asyncio_loop_factories(config, item):
        return {"virtual": virtual_loop_factory}
"""

#: How many tests there are in TESTS.
COUNT = 4

#: What the client says on a loop with real time.
NOT_VIRTUAL = '*ClockNotVirtual: clock="virtual" cannot be had on the event loop that runs here: its time cannot be *'


def run(pytester: pytest.Pytester, tests: str, *args: str) -> pytest.RunResult:
    """Run the tests in a process of its own, with warnings as errors."""
    pytester.makepyfile(myapp=APP, steps=STEPS)
    pytester.makepyfile(test_app=tests)
    # pytest-asyncio warns of an option that is not set; the suites of users need not care.
    quiet = ("-W", "error", "-W", "ignore::pytest.PytestWarning", "-p", "no:randomly", "-p", "no:cacheprovider")
    return pytester.runpytest_subprocess(*quiet, *args, timeout=60)


def on_anyio(backend: str) -> str:
    """The tests for anyio's plugin."""
    marks = (
        "from asgi_lockstep.clock import virtual_loop_factory, virtual_trio_clock\n\n"
        "    pytestmark = pytest.mark.anyio\n\n"
        f"    @pytest.fixture\n    def anyio_backend():\n        return {backend}\n"
    )
    return TESTS.format(marks=marks, fixture="pytest.fixture")


@pytest.mark.parametrize(
    "backend",
    ['"asyncio", {"loop_factory": virtual_loop_factory}', '"trio", {"clock": virtual_trio_clock()}'],
    ids=["asyncio", "trio"],
)
def test_anyios_plugin(pytester: pytest.Pytester, backend: str) -> None:
    """On both libraries; each test begins at 0."""
    run(pytester, on_anyio(backend), "-p", "no:asyncio").assert_outcomes(passed=COUNT)


@pytest.mark.parametrize("backend", ['"asyncio", {}', '"trio", {}', '"asyncio", {"use_uvloop": True}'])
def test_anyios_plugin_without_a_virtual_clock(pytester: pytest.Pytester, backend: str) -> None:
    """The client says where to get one."""
    result = run(pytester, on_anyio(backend), "-p", "no:asyncio")
    result.assert_outcomes(errors=COUNT - 1, failed=1)
    result.stdout.fnmatch_lines([NOT_VIRTUAL])


def test_pytest_asyncio_in_strict_mode(pytester: pytest.Pytester) -> None:
    """With its hook; its fixtures are entered and left in different tasks."""
    pytester.makeconftest(HOOK)
    marks = "import pytest_asyncio\n    pytestmark = pytest.mark.asyncio"
    tests = TESTS.format(marks=marks, fixture="pytest_asyncio.fixture")
    run(pytester, tests, "-p", "asyncio", "--asyncio-mode=strict").assert_outcomes(passed=COUNT)


def test_pytest_asyncio_in_auto_mode(pytester: pytest.Pytester) -> None:
    """With its hook, and no marks at all."""
    pytester.makeconftest(HOOK)
    tests = TESTS.format(marks="", fixture="pytest.fixture")
    run(pytester, tests, "-p", "asyncio", "--asyncio-mode=auto").assert_outcomes(passed=COUNT)


def test_pytest_asyncio_with_a_loop_for_the_module(pytester: pytest.Pytester) -> None:
    """The tests share a loop, and so its clock."""
    pytester.makeconftest(HOOK)
    tests = """
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
    run(pytester, tests, "-p", "asyncio", "--asyncio-mode=strict").assert_outcomes(passed=3)


def test_pytest_asyncio_without_its_hook(pytester: pytest.Pytester) -> None:
    """The client says where to get a virtual clock."""
    tests = TESTS.format(marks="", fixture="pytest.fixture")
    result = run(pytester, tests, "-p", "asyncio", "--asyncio-mode=auto")
    result.assert_outcomes(errors=COUNT - 1, failed=1)
    result.stdout.fnmatch_lines([NOT_VIRTUAL])


@pytest.mark.parametrize(
    "call",
    [
        "with asyncio.Runner(loop_factory=virtual_loop_factory) as runner: runner.run(main())",
        "trio.run(main, clock=virtual_trio_clock())",
        'anyio.run(main, backend_options={"loop_factory": virtual_loop_factory})',
        'anyio.run(main, backend="trio", backend_options={"clock": virtual_trio_clock()})',
    ],
    ids=["asyncio", "trio", "anyio-asyncio", "anyio-trio"],
)
def test_sync_tests_that_run_a_loop(pytester: pytest.Pytester, call: str) -> None:
    """Each run has a clock of its own, that begins at 0."""
    tests = f"""
        import asyncio
        import anyio
        import pytest
        import trio
        from asgi_lockstep import AsyncTestClient
        from asgi_lockstep.clock import virtual_loop_factory, virtual_trio_clock
        from steps import a_deadlock, a_job_in_a_thread, a_time_of_its_own, an_hour
        from myapp import app

        @pytest.mark.parametrize("step", [an_hour, a_time_of_its_own, a_job_in_a_thread])
        def test_step(step):
            async def main():
                async with AsyncTestClient(app, clock="virtual") as client:
                    await step(client)

            {call}

        def test_a_deadlock():
            main = a_deadlock
            {call}
    """
    run(pytester, tests, "-p", "no:asyncio").assert_outcomes(passed=COUNT)


def test_isolated_asyncio_test_case(pytester: pytest.Pytester) -> None:
    """The standard library's runner, from Python 3.13 on with the loop of the user's choice."""
    tests = """
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
    outcomes = run(pytester, tests, "-p", "no:asyncio").parseoutcomes()
    assert outcomes in ({"passed": 1}, {"skipped": 1})
