"""The lifespan of an app is the server's; what goes wrong in it is the test's."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

import live_apps
import live_frameworks
from asgi_lockstep import LifespanFailed, UsageError
from asgi_lockstep.live import AppFailed, LiveServer

from .conftest import Run


@pytest.mark.parametrize(
    "app", [live_apps.starts_not, live_frameworks.starlette_starts_not], ids=["plain", "starlette"]
)
def test_what_the_app_raises_instead_of_starting_is_raised(run_in_thread: Run, app: Any) -> None:
    """The exception itself, whatever the server makes of it."""
    with pytest.raises(live_apps.NotStarted, match=r"^no database$"), run_in_thread(app):
        """Not reached."""


def test_what_the_app_says_instead_of_starting_is_raised(run_in_thread: Run) -> None:
    """If it has raised nothing."""
    with (
        pytest.raises(LifespanFailed, match=r"^lifespan startup failed: no database$"),
        run_in_thread(live_apps.says_that_it_cannot_start),
    ):
        """Not reached."""


@pytest.mark.parametrize(
    "app", [live_apps.starts_not, live_frameworks.starlette_starts_not], ids=["plain", "starlette"]
)
def test_what_the_app_raises_in_a_child_process_instead_of_starting_is_raised(app: Any) -> None:
    """As text; daphne runs no lifespan."""
    with pytest.raises(AppFailed) as caught, LiveServer(app, "granian"):
        """Not reached."""
    assert str(caught.value).startswith(
        "the app failed in lifespan startup, in the child process of granian: live_apps.NotStarted: no database\n"
    )


def test_what_the_app_says_in_a_child_process_instead_of_starting_is_raised() -> None:
    """With its message."""
    with (
        pytest.raises(LifespanFailed, match=r"^lifespan startup failed: no database$"),
        LiveServer(live_apps.says_that_it_cannot_start, "granian"),
    ):
        """Not reached."""


def test_what_the_app_raises_at_its_end_is_raised_by_the_block(run_in_thread: Run) -> None:
    """The exception itself."""
    with pytest.raises(ValueError, match=r"^cannot stop$"), run_in_thread(live_frameworks.starlette_stops_not) as live:
        assert live.exceptions == []


def test_an_app_that_raises_at_once_has_no_lifespan(run: Run) -> None:
    """As servers have it."""
    with run(live_apps.plain) as live:
        assert live.client().get("/x").status_code == 200


@pytest.mark.parametrize("server", ["uvicorn", "hypercorn", "granian"])
def test_an_app_without_a_lifespan_can_be_insisted_on(server: Any) -> None:
    """Then what it raises on the lifespan scope is raised."""
    expected = AppFailed if server == "granian" else AssertionError
    with pytest.raises(expected), LiveServer(live_apps.plain, server, lifespan="on"):
        """Not reached."""


def test_an_app_is_not_called_for_a_lifespan_that_is_off(run: Run) -> None:
    """On no server."""
    with run(live_apps.starts_not, lifespan="off") as live:
        assert live.exceptions == []
        httpx2.get(live.url)
        live.exceptions.clear()


def test_daphne_has_no_lifespan() -> None:
    """The text says what to write."""
    with pytest.raises(UsageError) as caught, LiveServer(live_apps.plain, "daphne", lifespan="on"):
        """Not reached."""
    assert str(caught.value) == ('server="daphne" runs no lifespan: leave lifespan="on" out, or take another server.')
