"""The plugin that puts our classes under Starlette's names, seen from outside."""

from __future__ import annotations

import subprocess
import sys
from typing import Literal

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

import asgi_lockstep
from inner_runs import all_passed, run

SUITE = """
    from fastapi import FastAPI
    from fastapi.testclient import TestClient
    import starlette.testclient as theirs
    from starlette.testclient import WebSocketTestSession, WebSocketDenialResponse, ASGI3App, _is_asgi3

    app = FastAPI()

    @app.get("/")
    def index():
        return {"hello": "world"}

    client = TestClient(app)

    def test_names():
        assert TestClient.__module__.startswith("asgi_lockstep")
        assert theirs.TestClient is TestClient
        assert WebSocketTestSession.__module__.startswith("asgi_lockstep")
        assert issubclass(WebSocketDenialResponse, Exception)
        assert _is_asgi3(app)

    def test_index():
        assert client.get("/").json() == {"hello": "world"}
"""


#: A conftest.py that imports the client before the suite does.
CONFTEST = """
    import pytest
    from starlette.testclient import TestClient

    @pytest.fixture
    def module():
        return TestClient.__module__
"""

#: The outcomes of SUITE.
PASSED = all_passed("test_names", "test_index")


def test_an_unedited_suite_runs_on_our_client(pytester: pytest.Pytester) -> None:
    """`pytest -p asgi_lockstep.starlette`, and nothing else; the header says so. The plugin is there before the suite's
    own files are imported.
    """
    found = run(
        pytester,
        *("-p", "asgi_lockstep.starlette"),
        conftest=CONFTEST,
        test_conftest="def test_module(module): assert module.startswith('asgi_lockstep')",
        test_suite=SUITE,
    )
    assert found.outcomes == {"test_conftest": all_passed("test_module"), "test_suite": PASSED}
    said = "asgi-lockstep: starlette.testclient and fastapi.testclient hand out "
    assert len([line for line in found.lines if line.startswith(said)]) == 1


def test_the_plugin_can_be_named_in_a_conftest(pytester: pytest.Pytester) -> None:
    """`pytest_plugins = ["asgi_lockstep.starlette"]` serves the files that are imported after it."""
    named = 'pytest_plugins = ["asgi_lockstep.starlette"]'
    found = run(pytester, conftest=named, test_suite=SUITE)
    assert found.outcomes == {"test_suite": PASSED}


def test_install_and_uninstall() -> None:
    """Each can be called twice; afterwards everything is as it was."""
    from starlette import testclient

    from asgi_lockstep.starlette import REPLACED, install, uninstall

    before = {name: getattr(testclient, name) for name in REPLACED}
    install()
    install()
    assert {name: getattr(testclient, name) for name in REPLACED} == REPLACED
    uninstall()
    uninstall()
    assert {name: getattr(testclient, name) for name in REPLACED} == before


def test_every_replaced_name_still_exists_in_starlette() -> None:
    """Private names are among them; this is where we hear that one has gone."""
    from starlette import testclient

    from asgi_lockstep.starlette import REPLACED

    assert [name for name in REPLACED if not hasattr(testclient, name)] == []


def test_our_package_does_not_import_starlette() -> None:
    """Nor trio, nor uvloop: what is optional is imported when it is used."""
    code = (
        "import sys, asgi_lockstep; "
        "print([name for name in ('starlette', 'fastapi', 'trio', 'uvloop', 'pytest') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_client_of_the_plugin_is_ours() -> None:
    """A subclass with one habit more."""
    from asgi_lockstep.starlette import REPLACED, TestClient

    assert REPLACED["TestClient"] is TestClient
    assert issubclass(TestClient, asgi_lockstep.TestClient)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_app_that_cannot_be_built_is_noticed_on_entering(backend: Literal["asyncio", "trio"]) -> None:
    """With the client of the plugin, as with Starlette's, which knows no app without a lifespan that raises."""
    from asgi_lockstep.starlette import TestClient

    def picky(app: ASGIApp) -> ASGIApp:
        raise TypeError("not a plugin")

    app = Starlette(middleware=[Middleware(picky)])
    with pytest.raises(TypeError, match=r"^not a plugin$"), TestClient(app, backend=backend):
        pytest.fail("the block must not be entered")
    with asgi_lockstep.TestClient(app, backend=backend) as client, pytest.raises(TypeError, match=r"^not a plugin$"):
        client.get("/")
    with TestClient(Starlette(), backend=backend) as other:
        assert other.derive().get("/").status_code == 404
