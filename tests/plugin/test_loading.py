"""The plugin is there in every run of pytest: it costs a suite nothing that does not use it, and goes with others."""

from __future__ import annotations

import pytest

from inner_runs import all_passed, run
from plugin.suites import APP, FRESH, PLUGIN, lines_of

NOT_OURS = """
    import sys

    class TestNotOurs:
        def test_fails(self):
            assert False

    def test_nothing_of_ours_is_imported():
        assert [name for name in sys.modules if name.startswith(("asgi_lockstep", "httpx", "starlette"))] == []
        assert "_asgi_lockstep_plugin" in sys.modules
"""

#: What is imported by then, also after the last test and with the plugins that are there in most environments.
CONFTEST = """
    import sys

    def pytest_unconfigure():
        assert [name for name in sys.modules if name.startswith("asgi_lockstep")] == []
"""


def test_nothing_is_imported_in_a_suite_that_does_not_use_it(pytester: pytest.Pytester) -> None:
    """Not by its fixtures and hooks, and not by a failure."""
    args = ("-p", "asyncio", "-p", "anyio")
    found = run(pytester, *PLUGIN, *args, conftest=CONFTEST, test_a=NOT_OURS, test_b=NOT_OURS)
    one = {"test_nothing_of_ours_is_imported": "passed"}
    assert found.outcomes == {
        "test_a": one,
        "test_a.TestNotOurs": {"test_fails": "failed"},
        "test_b": one,
        "test_b.TestNotOurs": {"test_fails": "failed"},
    }
    assert [line for line in found.lines if "INTERNALERROR" in line or ("asgi" in line and "Error" in line)] == []


BOTH = f"""
    import pytest
    from starlette.testclient import TestClient
    from myapp import app

    def test_names():
        assert TestClient.__module__.startswith("asgi_lockstep")

    @pytest.mark.asgi(strict=True, clock="virtual")
    def test_clients(asgi_client):
        assert asgi_client.get("/").json() == {FRESH}
        with TestClient(app) as client:
            client.sleep(3600)
            assert client.clock.now == 3600.0
            assert client.get("/").status_code == 200
"""

BY_CONFTEST = 'pytest_plugins = ["asgi_lockstep.starlette"]'

OTHER = ("-p", "asgi_lockstep.starlette")


@pytest.mark.parametrize("order", ["before", "after", "conftest"])
def test_both_plugins_of_ours_go_together(pytester: pytest.Pytester, order: str) -> None:
    """In either order: each option is defined once, and the marker counts for both kinds of clients."""
    if order == "conftest":
        pytester.makeconftest(BY_CONFTEST)
    plugins = {"before": (*OTHER, *PLUGIN), "after": (*PLUGIN, *OTHER), "conftest": PLUGIN}[order]
    args = ("--strict-markers", "--asgi-app=myapp:app", "--asgi-driver=free")
    found = run(pytester, *plugins, *args, myapp=APP, test_it=BOTH)
    assert found.outcomes == {"test_it": all_passed("test_names", "test_clients")}


def test_the_options_and_the_marker_are_listed_once(pytester: pytest.Pytester) -> None:
    """With both plugins."""
    lines = lines_of(pytester, *OTHER, "--help", apart=True)
    options = [line.split()[0].partition("=")[0] for line in lines if line.startswith("  --asgi")]
    assert options == [
        "--asgi-driver",
        "--asgi-rules",
        "--asgi-vary",
        "--asgi-app",
        "--asgi-scope",
        "--asgi-live",
        "--asgi-serve",
        "--asgi-report",
        "--asgi-report-tests",
    ]
    names = [line.split()[0] for line in lines if line.startswith("  asgi_")]
    assert names == ["asgi_driver", "asgi_rules", "asgi_app", "asgi_scope", "asgi_timeline"]
    lines = lines_of(pytester, *OTHER, "--markers", apart=True)
    assert [line.partition("(")[0] for line in lines if "asgi" in line] == ["@pytest.mark.asgi"]


MANY = f"""
    import pytest
    from myapp import app

    @pytest.mark.parametrize("number", range(3))
    def test_sync(asgi_client, number):
        assert asgi_client.get("/").json() == {FRESH}
        app.state.count = number

    @pytest.mark.anyio
    async def test_anyio(async_asgi_client):
        assert (await async_asgi_client.get("/")).json() == {FRESH}

    @pytest.mark.asyncio
    async def test_asyncio(async_asgi_client):
        assert (await async_asgi_client.get("/")).json() == {FRESH}

    @pytest.mark.timeout(30)
    def test_timeout(asgi_client):
        assert asgi_client.get("/").json() == {FRESH}
"""

NAMES = [f"test_sync[{number}]" for number in range(3)]
NAMES += ["test_anyio[asyncio]", "test_anyio[trio]", "test_asyncio", "test_timeout"]

PLUGINS = ("anyio", "asyncio", "xdist", "randomly", "timeout")


def test_it_goes_with_the_plugins_of_others(pytester: pytest.Pytester) -> None:
    """All of them together, with warnings as errors: two workers, tests in random order, and time limits."""
    pytester.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nasyncio_default_test_loop_scope = module"
    )
    others = [argument for name in PLUGINS for argument in ("-p", name)]
    args = ("-n2", "--dist=loadfile", "--timeout=60", "--asgi-app=myapp:app", "--asgi-scope=module")
    found = run(pytester, *PLUGIN, *others, *args, myapp=APP, test_a=MANY, test_b=MANY)
    assert found.outcomes == {"test_a": all_passed(*NAMES), "test_b": all_passed(*NAMES)}


REWRITES = """
    import pytest

    pytest.register_assert_rewrite("asgi_lockstep")
"""

AS_INSTALLED = """
    import asgi_lockstep.errors
    import pytest

    def test_it():
        assert type(asgi_lockstep.__loader__) is type(asgi_lockstep.errors.__loader__) is type(pytest.__loader__)
"""


def test_the_package_is_imported_as_it_was_installed(pytester: pytest.Pytester) -> None:
    """Without the second compilation that pytest has for all that comes with a plugin, as it does by this call."""
    lines = lines_of(pytester, apart=True, conftest=REWRITES, test_it=AS_INSTALLED)
    assert lines[-1].startswith("1 passed")
