"""The plugin that puts our classes under Starlette's names, seen from outside."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from textwrap import dedent
from typing import Any, Literal

import fastapi.testclient
import pytest
import starlette.testclient
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

import asgi_lockstep
from asgi_lockstep._client.old_names import TestClient as TestClientOfOldNames
from asgi_lockstep._client.old_names import like
from asgi_lockstep.starlette import install, uninstall
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


class Old(starlette.testclient.TestClient):
    """As Starlette's was up to 0.42."""

    def request(self, *args: Any, allow_redirects: bool | None = None, **options: Any) -> Any:
        """Takes both names."""


async def redirects(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends from / to /there."""
    response: ASGIApp = RedirectResponse("/there") if scope["path"] == "/" else PlainTextResponse("there")
    await response(scope, receive, send)


def test_an_older_starlette_takes_allow_redirects_too() -> None:
    """With its warning; of both names `follow_redirects` counts, and None says nothing."""
    client = like(Old)(redirects)
    with pytest.warns(DeprecationWarning, match=r"^The `allow_redirects` argument is deprecated\. Use `follow_redir"):
        assert client.get("/", allow_redirects=False).status_code == 307  # type: ignore[call-arg]
    with pytest.warns(DeprecationWarning, match="allow_redirects"):
        assert client.post("/", follow_redirects=True, allow_redirects=False).text == "there"  # type: ignore[call-arg]
    nothing: Any = {"allow_redirects": None, "follow_redirects": None}
    assert client.request("GET", "/", **nothing).text == "there"


def test_both_modules_hand_out_the_same_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside an older Starlette it is a class of its own; also where the second module is imported after the first."""
    monkeypatch.setattr(starlette.testclient, "TestClient", Old)
    monkeypatch.setattr(fastapi.testclient, "TestClient", Old)
    try:
        monkeypatch.delitem(sys.modules, "fastapi.testclient")
        install()
        first: Any = starlette.testclient.TestClient
        monkeypatch.setitem(sys.modules, "fastapi.testclient", fastapi.testclient)
        install()
        assert fastapi.testclient.TestClient is starlette.testclient.TestClient is first
        assert first is not TestClientOfOldNames
    finally:
        uninstall()
    assert (starlette.testclient.TestClient, fastapi.testclient.TestClient) == (Old, Old)


def test_the_newest_does_not() -> None:
    """Nor does ours under its own name."""
    assert like(starlette.testclient.TestClient) is TestClientOfOldNames
    with pytest.raises(TypeError, match="allow_redirects"):
        asgi_lockstep.TestClient(redirects).get("/", allow_redirects=False)  # type: ignore[call-arg]


class Leaves:
    """An app that leaves a task behind each conversation."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[Any]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI app."""
        self.tasks.append(asyncio.ensure_future(asyncio.sleep(3600)))
        await PlainTextResponse("x")(scope, receive, send)


@pytest.mark.parametrize("options", [{}, {"backend_options": {"use_uvloop": True}}, {"driver": "thread"}], ids=str)
def test_a_client_that_is_not_entered_ends_the_tasks_of_its_app(options: dict[str, Any]) -> None:
    """When its last conversation has ended, as Starlette's does with the end of the loop; not in the middle of one."""
    app = Leaves()
    client = TestClientOfOldNames(app, **options)
    with client.stream("GET", "/") as response:
        client.get("/")
        assert [task.done() for task in app.tasks] == [False, False]
        response.read()
    assert [task.cancelled() for task in app.tasks] == [True, True]
    assert client.get("/").text == "x"
    assert [task.cancelled() for task in app.tasks] == [True, True, True]


def test_it_leaves_them_where_the_user_says_what_becomes_of_them() -> None:
    """And so does ours under its own name."""
    app = Leaves()
    clients = [TestClientOfOldNames(app, leftover_tasks="cancel"), asgi_lockstep.TestClient(app)]
    for client in clients:
        client.get("/")
    assert [task.done() for task in app.tasks] == [False, False]
    for client in clients:
        client.close()
    assert [task.cancelled() for task in app.tasks] == [True, True]


DRIVERS_SUITE = """
    import threading
    import pytest
    from starlette.testclient import TestClient

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            raise NotImplementedError
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": str(threading.get_ident()).encode()})

    def is_here():
        return TestClient(app).get("/").text == str(threading.get_ident())

    @pytest.fixture
    def client():
        return TestClient(app)

    def test_by_default():
        assert is_here() == HERE

    @pytest.mark.asgi(driver="thread")
    def test_with_a_marker(client):
        assert client.get("/").text != str(threading.get_ident())

    @pytest.mark.asgi("auto")
    def test_with_another_marker():
        assert is_here()

    def test_after_a_marker():
        assert is_here() == HERE

    def test_with_an_argument():
        assert TestClient(app, driver="auto").get("/").text == str(threading.get_ident())
"""


@pytest.mark.parametrize("where", ["option", "ini", "nowhere"])
def test_the_plugin_has_a_driver_for_a_suite_and_a_marker_for_a_test(pytester: pytest.Pytester, where: str) -> None:
    """A client that is told its driver by its constructor has that one."""
    if where == "ini":
        pytester.makeini("[pytest]\nasgi_driver = free")
    args = ["--asgi-driver=free"] if where == "option" else []
    here = f"HERE = {where == 'nowhere'}\n"
    result = run(
        pytester, "-p", "asgi_lockstep.starlette", "--strict-markers", *args, test_suite=here + dedent(DRIVERS_SUITE)
    )
    names = ("by_default", "with_a_marker", "with_another_marker", "after_a_marker", "with_an_argument")
    assert result.outcomes == {"test_suite": all_passed(*(f"test_{name}" for name in names))}


def test_a_driver_that_does_not_exist_is_refused(pytester: pytest.Pytester) -> None:
    """By the marker as by a constructor."""
    suite = """
        import pytest

        @pytest.mark.asgi(driver="free and easy")
        def test_it(): ...
    """
    pytester.makepyfile(suite)
    result = pytester.runpytest_subprocess("-p", "asgi_lockstep.starlette", timeout=60)
    assert "driver='free and easy' does not exist" in str(result.stdout) + str(result.stderr)


RULES_SUITE = """
    import pytest
    from starlette.testclient import TestClient

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"X-A", b"1")]})
        await send({"type": "http.response.body"})

    def test_by_default():
        client = TestClient(app)
        client.get("/")
        assert [violation.rule for violation in client.violations] == ["upper-case-name"]

    @pytest.mark.asgi(rules="spec")
    def test_with_a_marker():
        with pytest.raises(AssertionError, match="its name must be in lower case"):
            TestClient(app).get("/")

    @pytest.mark.asgi(rules={"upper-case-name": "off"})
    def test_with_a_single_rule():
        client = TestClient(app)
        client.get("/")
        assert client.violations == []

    @pytest.mark.asgi(rules="spec")
    def test_with_an_argument():
        assert TestClient(app, rules="off").get("/").status_code == 200
"""


def test_a_marker_says_which_rules_are_errors(pytester: pytest.Pytester) -> None:
    """A client that is told by its constructor has those."""
    result = run(pytester, "-p", "asgi_lockstep.starlette", "--strict-markers", test_suite=dedent(RULES_SUITE))
    names = ("by_default", "with_a_marker", "with_a_single_rule", "with_an_argument")
    assert result.outcomes == {"test_suite": all_passed(*(f"test_{name}" for name in names))}
