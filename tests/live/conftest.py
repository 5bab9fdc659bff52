"""The fixtures that run each behaviour on every server."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from asgi_lockstep.live import LiveServer

#: Those that run in a thread of this process, and those that run in a child process.
IN_THREAD = ("uvicorn", "hypercorn")
IN_CHILD = ("daphne", "granian")

Run = Callable[..., LiveServer]


def _installed(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if find_spec(name) is not None]


def _run(server: Any) -> Run:
    def run(app: Any, **options: Any) -> LiveServer:
        return LiveServer(app, server, **options)

    return run


@pytest.fixture(params=_installed(IN_THREAD + IN_CHILD))
def server(request: pytest.FixtureRequest) -> str:
    """Each server in turn."""
    return str(request.param)


@pytest.fixture
def run(server: str) -> Run:
    """Makes a live server of each kind in turn."""
    return _run(server)


@pytest.fixture(params=_installed(IN_THREAD))
def run_in_thread(request: pytest.FixtureRequest) -> Run:
    """Makes a live server of each kind in turn that runs in this process."""
    return _run(request.param)


@pytest.fixture(params=_installed(IN_CHILD))
def run_in_child(request: pytest.FixtureRequest) -> Run:
    """Makes a live server of each kind in turn that runs in a child process."""
    return _run(request.param)
