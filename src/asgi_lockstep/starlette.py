"""Our classes under the names of `starlette.testclient` and `fastapi.testclient`, for suites that are not edited.

    pytest -p asgi_lockstep.starlette

or, before the suite imports anything: `asgi_lockstep.starlette.install()`. The plugin's option `--asgi-driver=free` (or
`asgi_driver = free` in the configuration) has the apps of a whole suite run by themselves, as with Starlette's client,
and `@pytest.mark.asgi(driver="free")` those of one test; see `driver` of `asgi_lockstep.TestClient`. In the same way,
`@pytest.mark.asgi(rules="spec")` says for one test which rules of ASGI are errors; see `rules` there.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from ._client.app_kinds import ASGI2Adapter, is_asgi3
from ._client.handed_over import HandedOver
from ._client.old_names import DEFAULTS, TestClient, like
from ._client.pipeline.transport import SyncTransport
from ._client.websocket.session import WebSocketTestSession
from ._drivers.turning.backends import DRIVERS
from ._httpx import CHOICE
from .errors import MissingExtra, UnknownOption

if TYPE_CHECKING:
    import pytest

__all__ = ("TestClient", "install", "uninstall")

#: What public code imports from `starlette.testclient` and that means something else here; the type aliases in that
#: module mean the same, and stay; so does `WebSocketDenialResponse`, of which ours becomes a subclass.
REPLACED: Final[Mapping[str, object]] = {
    "TestClient": TestClient,
    "WebSocketTestSession": WebSocketTestSession,
    "_TestClientTransport": SyncTransport,
    "_Upgrade": HandedOver,
    "_WrapASGI2": ASGI2Adapter,
    "_is_asgi3": is_asgi3,
}

_MODULES = ("starlette.testclient", "fastapi.testclient")

#: What was there before, by module and name.
_originals: dict[str, dict[str, Any]] = {}


def install() -> None:
    """Make `starlette.testclient` and `fastapi.testclient` hand out the classes of asgi-lockstep.

    Code that has imported a name from them before keeps what it has. Calling it again changes nothing.

    Raises:
        MissingExtra: Starlette is not installed.
    """
    try:
        theirs = importlib.import_module("starlette.testclient")
    except ImportError:
        raise MissingExtra("starlette", "pytest -p asgi_lockstep.starlette", "starlette") from None
    # The same class for both modules, also where the second one is imported later.
    client = theirs.TestClient if theirs.__name__ in _originals else like(theirs.TestClient)
    for name in _MODULES:
        module = sys.modules.get(name)
        if module is not None and name not in _originals:
            _originals[name] = _replace(module, {**REPLACED, "TestClient": client})


def uninstall() -> None:
    """Undo `install()`."""
    for name, names in _originals.items():
        _replace(sys.modules[name], names)
    _originals.clear()


def _replace(module: ModuleType, names: Mapping[str, object]) -> dict[str, Any]:
    """Set those of the names that the module has; returns what they were."""
    before = {name: getattr(module, name) for name in names if hasattr(module, name)}
    for name in before:
        setattr(module, name, names[name])
    return before


# Hooks of pytest: the second runs before any conftest.py is imported, the third where the plugin is named in one.

_DRIVER_HELP = "where apps run under the names of starlette.testclient: free lets them run also between two calls"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The driver of a whole suite."""
    group = parser.getgroup("asgi-lockstep")
    group.addoption("--asgi-driver", choices=DRIVERS, default=None, help=_DRIVER_HELP)
    parser.addini("asgi_driver", _DRIVER_HELP, default="auto")


def pytest_load_initial_conftests() -> None:
    """Install before the suite's own files are imported."""
    install()


def pytest_configure(config: pytest.Config) -> None:
    """Install where the plugin was loaded too late for the hook before."""
    install()
    config.addinivalue_line(
        "markers", "asgi(driver, rules): where the app of a test runs, and which rules of ASGI are errors for it"
    )
    DEFAULTS.driver = _wanted(config)


def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Have the clients of a test, and of the fixtures that it is the first to ask for, do as its marker says."""
    marker = item.get_closest_marker("asgi")
    args, options = ((), {}) if marker is None else (marker.args, marker.kwargs)
    DEFAULTS.driver, DEFAULTS.rules = _marked(_wanted(item.config), *args, **options)


def _marked(wanted: str, driver: str | None = None, rules: Any = None) -> tuple[str, Any]:
    """What a marker says of the driver and the rules; what it does not say is as for the whole suite."""
    return wanted if driver is None else _known(driver), rules


def _wanted(config: pytest.Config) -> str:
    return _known(config.getoption("--asgi-driver") or config.getini("asgi_driver"))


def _known(driver: str) -> str:
    if driver not in DRIVERS:
        raise UnknownOption("driver", driver, DRIVERS)
    return driver


def pytest_report_header() -> str:
    """Say in the header of the run which client is in use, and on which library."""
    version = importlib.metadata.version(CHOICE.name)
    return (
        "asgi-lockstep: starlette.testclient and fastapi.testclient hand out asgi_lockstep.TestClient, "
        f"on {CHOICE.name} {version}, because {CHOICE.reason}"
    )
