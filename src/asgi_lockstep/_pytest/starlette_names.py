"""The hooks of `pytest -p asgi_lockstep.starlette`: our classes under the names of `starlette.testclient`.

The second hook runs before any conftest.py is imported, the third where the plugin is named in one.

PYTEST_DONT_REWRITE, for pytest: there is no assertion here, and it may be imported before pytest loads it.
"""

from __future__ import annotations

import importlib.metadata

import pytest

from _asgi_lockstep_plugin import define_marker, define_shared_options, pytest_pycollect_makeitem

from .._client.old_names import DEFAULTS
from .._client.rule_options import checked_verdicts
from .._client.values import check_one_of
from .._drivers.turning.backends import DRIVERS
from .._httpx import CHOICE
from ..starlette import install
from .markers import options_of, options_of_run

#: Markers are checked also where this plugin is alone.
__all__ = ("pytest_pycollect_makeitem",)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a whole suite, unless they are there already."""
    define_shared_options(parser)


def pytest_load_initial_conftests() -> None:
    """Install before the suite's own files are imported."""
    install()


def pytest_configure(config: pytest.Config) -> None:
    """Install where the plugin was loaded too late for the hook before."""
    install()
    define_marker(config)
    options = options_of_run(config)
    check_one_of("driver", options.get("driver", "auto"), DRIVERS)
    checked_verdicts(options.get("rules", "servers"))
    DEFAULTS.say(options)


def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Have the clients of a test, and of the fixtures that it is the first to ask for, do as its marker says."""
    DEFAULTS.say(options_of(item))


def pytest_report_header() -> str:
    """Say in the header of the run which client is in use, and on which library."""
    version = importlib.metadata.version(CHOICE.name)
    return (
        "asgi-lockstep: starlette.testclient and fastapi.testclient hand out asgi_lockstep.TestClient, "
        f"on {CHOICE.name} {version}, because {CHOICE.reason}"
    )
