"""How a live server is used, and misused: options, names of apps, packages that are missing; what is said then."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Any

import pytest

import live_apps
from asgi_lockstep import MissingExtra, NotAnASGIApp, UnknownOption, UsageError
from asgi_lockstep._live.serving.app_names import name_of
from asgi_lockstep.live import LiveServer

from .conftest import Run


def text_of(app: Any, server: Any = "uvicorn", **options: Any) -> str:
    """What is said about a live server that is refused."""
    with pytest.raises(UsageError) as caught, LiveServer(app, server, **options):
        """Not reached."""
    return str(caught.value)


@pytest.mark.parametrize("option", [{"lifespan": "maybe"}, {"server": "gunicorn"}])
def test_options_that_do_not_exist_are_refused(option: Any) -> None:
    """The text lists those that do."""
    with pytest.raises(UnknownOption):
        LiveServer(live_apps.plain, **option)


@pytest.mark.parametrize(
    "option", [{"timeout": 0}, {"timeout": None}, {"port": "80"}, {"host": 1}, {"server_options": 1}]
)
def test_values_that_make_no_sense_are_refused(option: Any) -> None:
    """When the server is made."""
    with pytest.raises(UsageError, match=" makes no sense: give "):
        LiveServer(live_apps.plain, **option)


def test_the_options_of_a_server_go_to_its_configuration() -> None:
    """Each has its own names."""
    with LiveServer(live_apps.plain, server_options={"server_header": False}) as live:
        assert "server" not in live.client().get("/").headers
    with LiveServer(live_apps.plain, "hypercorn", server_options={"include_server_header": False}) as live:
        assert "server" not in live.client().get("/").headers
    with LiveServer(live_apps.plain, "daphne", server_options={"server_name": "other"}) as live:
        assert live.client().get("/").headers["server"] == "other"
    with LiveServer(live_apps.header_names, "granian", server_options={"url_path_prefix": "/x"}) as live:
        assert live.client().get("/x/y").status_code == 200


def test_options_that_a_server_does_not_have_are_refused(server: str) -> None:
    """In the words of the server, where it has some."""
    text = text_of("live_apps:plain", server, server_options={"wings": 2})
    assert text.startswith("server_options={'wings': 2} cannot be given to ")
    assert "wings" in text.partition(": ")[2]


def test_options_that_are_decided_are_refused(server: str) -> None:
    """The text says what to write."""
    assert text_of(live_apps.plain, server, server_options={"port": 1}) == (
        "server_options={'port': ...} is decided by LiveServer. Write: LiveServer(..., port=...)."
    )


def test_options_that_are_decided_otherwise_are_refused() -> None:
    """The text says so."""
    assert text_of(live_apps.plain, server_options={"workers": 2}) == (
        "server_options={'workers': ...} is decided by LiveServer. Leave it out."
    )


def test_options_for_a_child_process_can_be_pickled(run_in_child: Run) -> None:
    """The text says so."""
    with pytest.raises(UsageError, match="runs in a child process, and server_options= cannot be sent there: "):
        run_in_child(live_apps.plain, server_options={"server_name": lambda: None}).__enter__()


def test_a_child_process_imports_its_app() -> None:
    """One that no module has is refused; the text says what to write."""

    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    assert text_of(app, "granian") == (
        "server='granian' runs the app in a child process, which has to import it, and "
        f"{app!r} is no global of a module. Put the app at the top of a module, and give it or its name: "
        "LiveServer('module:app', server='granian'). 'uvicorn' and 'hypercorn' take any app."
    )


def test_an_app_is_found_by_its_name_or_its_module() -> None:
    """A function says where it is from; an object is looked for in all modules."""
    import live_frameworks

    assert name_of(live_apps.plain, "granian") == "live_apps:plain"
    assert name_of(live_frameworks.starlette, "granian") == "live_frameworks:starlette"
    assert name_of("shop.main:app", "granian") == "shop.main:app"


def test_a_name_that_is_none_is_refused() -> None:
    """The text says what one looks like."""
    expected = "app='live_apps' names no app: write 'module:attribute', for example 'shop.main:app'."
    assert (text_of("live_apps"), text_of("live_apps", "granian")) == (expected, expected)


def test_an_app_that_cannot_be_imported_in_a_child_process_is_told(run_in_child: Run) -> None:
    """With the traceback that it has there."""
    with pytest.raises(UsageError) as caught, run_in_child("live_apps_that_are_not:app"):
        """Not reached."""
    first, second, *_ = str(caught.value).splitlines()
    assert first == (
        "app='live_apps_that_are_not:app' cannot be imported in the child process: "
        "ModuleNotFoundError: No module named 'live_apps_that_are_not'. "
        "Its module has to be found on sys.path as it is here."
    )
    assert second == "Traceback (most recent call last):"


def test_what_is_no_app_is_refused() -> None:
    """As by `TestClient`."""
    with pytest.raises(NotAnASGIApp), LiveServer(42):  # type: ignore[arg-type]
        """Not reached."""


@pytest.mark.parametrize(
    ("server", "install"),
    [("uvicorn", "'asgi-lockstep[live]'"), ("hypercorn", "hypercorn"), ("daphne", "daphne"), ("granian", "granian")],
)
def test_a_server_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch, server: Any, install: str) -> None:
    """With the command that installs it."""
    monkeypatch.delitem(sys.modules, f"asgi_lockstep._live.serving.on_{server}", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == server]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, server, None)
    with pytest.raises(MissingExtra) as caught, LiveServer(live_apps.plain, server):
        """Not reached."""
    assert str(caught.value) == (
        f"server={server!r} needs {server}, which is not installed. Run: pip install {install}"
    )


def test_websockets_need_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    with LiveServer(live_apps.plain) as live:
        monkeypatch.setitem(sys.modules, "websockets", None)
        with pytest.raises(MissingExtra) as caught:
            live.client().websocket_connect("/ws")
    assert str(caught.value) == (
        "websocket_connect() of a live server needs websockets, which is not installed. "
        "Run: pip install 'asgi-lockstep[live]'"
    )


SCRIPT = """
import httpx2
import live_apps
from asgi_lockstep.live import LiveServer
with LiveServer(live_apps.bare_failure, {server!r}) as live:
    httpx2.get(live.url + "/x")
    live.exceptions.clear()
"""


def test_nothing_is_written_to_the_output(server: str) -> None:
    """Not even where the app fails: the test hears of that."""
    script = f"import sys; sys.path[:] = {sys.path!r}\n" + SCRIPT.format(server=server)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_log_of_a_server_is_that_of_the_test(caplog: pytest.LogCaptureFixture) -> None:
    """Under the logger that the server has for it, which gets back all handlers that it had."""
    handlers = [*logging.getLogger("uvicorn").handlers]
    with LiveServer(live_apps.bare_failure) as live:
        assert live.client(raise_server_exceptions=False).get("/x").status_code == 500
    assert [(record.name, record.message) for record in caplog.records if record.name.startswith("uvicorn")] == [
        ("uvicorn.error", "Exception in ASGI application\n")
    ]
    assert logging.getLogger("uvicorn").handlers == handlers


def test_the_package_does_not_import_it() -> None:
    """Who does not use it pays nothing for it."""
    script = "import sys, asgi_lockstep; print([name for name in sys.modules if '_live' in name or name == 'uvicorn'])"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {script}"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout == "[]\n"
