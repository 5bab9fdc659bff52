"""`--asgi-live`: the same tests, under a server."""

from __future__ import annotations

import re

import pytest

from inner_runs import all_passed, run
from plugin.suites import APP, FRESH, PLUGIN, lines_of

SUITE = f"""
    import pytest
    from asgi_lockstep.live import AsyncLiveClient, LiveClient
    from myapp import app, events

    def test_sync(asgi_client):
        assert type(asgi_client) is LiveClient
        assert asgi_client.get("/").json() == {FRESH}

    @pytest.mark.anyio
    async def test_async(async_asgi_client):
        assert type(async_asgi_client) is AsyncLiveClient
        assert (await async_asgi_client.get("/")).json() == {FRESH}

    @pytest.mark.asgi(driver="free", raise_server_exceptions=False, timeout=3)
    def test_options(asgi_client):
        assert (asgi_client.raise_server_exceptions, asgi_client.timeout.read) == (False, 3)
        assert asgi_client.get("/").json() == {FRESH}
"""

#: What a server in this process shares with the test.
SHARED = """
    def test_lifespan(asgi_client):
        assert events == ["startup"]
        app.state.count = 5
        assert asgi_client.get("/").json()["count"] == 6

    @pytest.mark.asgi(lifespan="off")
    def test_without_lifespan(asgi_client):
        assert events == ["startup"]

    def test_each_has_cookies_of_its_own(asgi_client):
        assert asgi_client.get("/").json()["cookies"] == {}
"""

NAMES = ("test_sync", "test_async[asyncio]", "test_async[trio]", "test_options")
OF_SHARED = ("test_lifespan", "test_without_lifespan", "test_each_has_cookies_of_its_own")


def test_uvicorn_for_a_session(pytester: pytest.Pytester) -> None:
    """One server; each test finds the app as it was before."""
    args = ("-p", "anyio", "--asgi-live=uvicorn", "--asgi-scope=session", "--asgi-app=myapp:app")
    found = run(pytester, *PLUGIN, *args, myapp=APP, test_it=SUITE + SHARED)
    assert found.outcomes == {"test_it": all_passed(*NAMES, *OF_SHARED)}


@pytest.mark.parametrize("server", ["hypercorn", "granian"])
def test_other_servers(pytester: pytest.Pytester, server: str) -> None:
    """One in a thread, and one in a child process, which imports the app by its name."""
    args = ("-p", "anyio", f"--asgi-live={server}", "--asgi-app=myapp:app", "-k", "sync and not trio")
    found = run(pytester, *PLUGIN, *args, myapp=APP, test_it=SUITE)
    assert found.outcomes == {"test_it": all_passed("test_sync", "test_async[asyncio]")}


NEEDS_LOCKSTEP = """
    import pytest

    @pytest.mark.asgi(clock="virtual", vary=3)
    def test_two(asgi_client): ...

    @pytest.mark.asgi(strict=True)
    def test_strict(asgi_client): ...

    @pytest.mark.asgi(server="hypercorn", backend="trio")
    def test_other_server(asgi_client): ...

    @pytest.mark.asgi(clock="real", vary=None, rules="servers", server="uvicorn", backend="asyncio")
    def test_as_every_server(asgi_client): ...

    @pytest.mark.asgi(clock="virtual")
    def test_without_the_fixture(): ...

    @pytest.mark.asgi(live=False)
    def test_that_says_so(asgi_client): ...

    def test_a_client(asgi_client):
        asgi_client.derive()

    def test_the_state(asgi_client):
        asgi_client.app_state

    def test_a_response(asgi_client):
        with asgi_client.stream("GET", "/") as response:
            response.disconnect()

    def test_a_mistake(asgi_client):
        with pytest.raises(AttributeError):
            asgi_client.drive()
        with pytest.raises(AttributeError):
            asgi_client.app.derive()
"""

SKIPPED = [
    "SKIPPED [1] test_it.py:3: --asgi-live=uvicorn: only lockstep has clock='virtual', vary=3",
    "SKIPPED [1] test_it.py:6: --asgi-live=uvicorn: only lockstep has rules='spec', leftover_tasks='error'",
    "SKIPPED [1] test_it.py:9: --asgi-live=uvicorn: only lockstep has server='hypercorn', backend='trio'",
    "SKIPPED [1] test_it.py:18: --asgi-live=uvicorn: the marker of the test says live=False",
    "SKIPPED [1] LINE: --asgi-live=uvicorn: LiveClient has no app_state, only TestClient has",
    "SKIPPED [1] LINE: --asgi-live=uvicorn: LiveClient has no derive, only TestClient has",
    "SKIPPED [1] LINE: --asgi-live=uvicorn: Response has no disconnect, only LockstepResponse has",
]


def test_what_needs_lockstep_is_skipped(pytester: pytest.Pytester) -> None:
    """With the options that only it has, or what it has asked for and not found."""
    args = ("--asgi-live=uvicorn", "--asgi-app=myapp:app", "-rs")
    lines = lines_of(pytester, *args, myapp=APP, test_it=NEEDS_LOCKSTEP)
    skipped = [re.sub(r"\] \S*live_servers\.py:\d+:", "] LINE:", line) for line in lines if line.startswith("SKIPPED")]
    assert sorted(skipped) == sorted(SKIPPED)
    assert lines[-1].startswith("3 passed, 7 skipped")


@pytest.mark.parametrize("option", ["--asgi-vary=3", "--asgi-rules=spec"])
def test_options_that_need_lockstep_are_refused(
    pytester: pytest.Pytester, capfd: pytest.CaptureFixture[str], option: str
) -> None:
    """They would be about no test."""
    lines_of(pytester, "--asgi-live=uvicorn", option, test_it="def test_it(): ...")
    name = option.partition("=")[0]
    assert capfd.readouterr().err.strip() == f"ERROR: {name} is about apps in lockstep: leave it out, or --asgi-live."
