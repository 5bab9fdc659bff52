"""The marker `asgi` and the options of a run: what the clients of a test are like."""

from __future__ import annotations

from typing import Any

import pytest

import _asgi_lockstep_plugin as plugin
from asgi_lockstep._drivers.turning.backends import DRIVERS
from asgi_lockstep._live.serving.servers import SERVERS
from asgi_lockstep._protocol.rule_book import SETS
from plugin.suites import APP, between, lines_of

#: What each option says, as a client shows it.
SUITE = """
    import pytest
    from asgi_lockstep import LeftoverTasks, TestClient, Variation
    import asyncio

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        if scope["path"] == "/task":
            app.task = asyncio.ensure_future(asyncio.sleep(100))
        headers = [(b"X-A", b"1")] if scope["path"] == "/odd" else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})
        if scope["path"] == "/fails":
            raise ValueError("no")

    @pytest.fixture
    def asgi_app():
        return app

    def test_as_usual(asgi_client):
        assert (asgi_client.clock.now, asgi_client.timeout.read, asgi_client.vary) != (0.0, 30.0, None)
        assert asgi_client.get("/odd").status_code == 200

    @pytest.mark.asgi(clock="virtual", timeout=3)
    def test_time(asgi_client):
        asgi_client.sleep(3600)
        assert (asgi_client.clock.now, asgi_client.timeout.read) == (3600.0, 3)

    @pytest.mark.asgi(strict=True)
    class TestStrict:
        def test_rules(self, asgi_client):
            with pytest.raises(AssertionError, match="its name must be in lower case"):
                asgi_client.get("/odd")

        @pytest.mark.asgi(raise_server_exceptions=False)
        def test_each_marker_counts(self, asgi_client):
            with pytest.raises(AssertionError, match="its name must be in lower case"):
                asgi_client.raise_server_exceptions = not asgi_client.raise_server_exceptions
                asgi_client.get("/odd")

        @pytest.mark.asgi(rules="off")
        def test_the_nearest_counts_most(self, asgi_client):
            assert asgi_client.get("/odd").status_code == 200

        @pytest.mark.asgi(strict=False)
        def test_it_can_be_taken_back(self, asgi_client):
            assert asgi_client.get("/odd").status_code == 200

    @pytest.mark.asgi(vary=7)
    def test_vary(asgi_client):
        assert asgi_client.vary == Variation(7)

    @pytest.mark.asgi("thread")
    def test_driver(asgi_client):
        asgi_client.get("/")

    @pytest.mark.asgi(backend="trio", server="hypercorn", lifespan="off")
    def test_the_others(asgi_client):
        assert asgi_client.async_backend["backend"] == "trio"
"""


def test_each_option_reaches_the_client(pytester: pytest.Pytester) -> None:
    """Those of all markers of a test together, the nearest first."""
    assert lines_of(pytester, "--strict-markers", test_it=SUITE)[-1].startswith("9 passed")


LEAVES = """
    import asyncio
    import pytest

    tasks = []

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        tasks.append(asyncio.ensure_future(asyncio.sleep(100)))
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    @pytest.fixture
    def asgi_app():
        return app

    @pytest.mark.asgi(strict=True)
    def test_it(asgi_client):
        asgi_client.get("/")
"""


def test_strict_is_about_tasks_that_are_left_too(pytester: pytest.Pytester) -> None:
    """They are an error of the fixture."""
    lines = lines_of(pytester, test_it=LEAVES)
    assert lines[-1].startswith("1 passed, 1 error")
    assert "E   asgi_lockstep.LeftoverTasks: The app had a task still running when its client was closed:" in lines


OPTIONS = """
    from starlette.testclient import TestClient
    from myapp import app

    def both(asgi_client):
        return [asgi_client, TestClient(app)]

    def test_it(asgi_client):
        for client in both(asgi_client):
            assert client.vary.seed == 5
            assert client._options.rules == "spec"
"""


@pytest.mark.parametrize("plugins", [["asgi_lockstep.starlette"], []], ids=["both-plugins", "one-plugin"])
def test_options_of_a_run(pytester: pytest.Pytester, plugins: list[str]) -> None:
    """They hold for the fixtures, and for clients under Starlette's names where there are such."""
    suite = OPTIONS if plugins else OPTIONS.replace(", TestClient(app)", "")
    names = [argument for name in plugins for argument in ("-p", name)]
    args = ["--asgi-app=myapp:app", "--asgi-vary=5", "--asgi-rules=spec"]
    lines = lines_of(pytester, *names, *args, apart=bool(plugins), myapp=APP, test_it=suite)
    assert lines[-1].startswith("1 passed")


UNKNOWN = (
    "there is no option clok. Do you mean clock? There are: backend, clock, driver, lifespan, live, "
    "raise_server_exceptions, rules, server, strict, timeout, vary."
)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("clok='virtual'", UNKNOWN),
        ("zzz=1", UNKNOWN.replace(" Do you mean clock?", "").replace("clok", "zzz")),
        ("'auto', 'spec', 3", "its options have names. Write: @pytest.mark.asgi(clock=..., strict=...)."),
        ("clock='virtul'", "clock='virtul' does not exist; known are 'real', 'virtual'."),
        ("strict='no'", "strict='no' makes no sense: give True or False."),
        ("timeout='3'", "timeout='3' makes no sense: give seconds, 0 or more, or None for as long as it takes."),
    ],
)
def test_a_mistake_is_an_error_of_the_collection(pytester: pytest.Pytester, arguments: str, text: str) -> None:
    """With the test, and what to write instead; nothing runs."""
    suite = f"import pytest\n@pytest.mark.asgi({arguments})\ndef test_it(): ..."
    lines = lines_of(pytester, test_it=suite)
    assert between(lines, "ERROR collecting test_it.py") == [f"test_it: @pytest.mark.asgi: {text}"]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("asgi_scope", "class", "ERROR: asgi_scope = class does not exist; known are function, module, session."),
        ("asgi_timeline", "many", "ERROR: asgi_timeline = many is no number of events; write 0 for none."),
    ],
)
def test_a_mistake_in_the_configuration_ends_the_run(
    pytester: pytest.Pytester, capfd: pytest.CaptureFixture[str], name: str, value: str, text: str
) -> None:
    """Before anything is collected."""
    pytester.makeini(f"[pytest]\n{name} = {value}")
    lines_of(pytester, test_it="def test_it(): ...")
    assert capfd.readouterr().err.strip() == text


def test_the_names_of_the_options_are_those_of_the_package() -> None:
    """The plugin says them itself, since it imports nothing."""
    ours: list[Any] = [plugin.DRIVERS, sorted(plugin.RULES), plugin.SERVERS]
    assert ours == [DRIVERS, sorted(SETS), tuple(SERVERS)]
