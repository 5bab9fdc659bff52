"""Our classes under the names of `starlette.testclient` and `fastapi.testclient`, for suites that are not edited.

    pytest -p asgi_lockstep.starlette

or, before the suite imports anything: `asgi_lockstep.starlette.install()`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from ._client.app_kinds import ASGI2Adapter, is_asgi3
from ._client.handed_over import HandedOver
from ._client.sync_client import TestClient as LockstepTestClient
from ._client.transport import SyncTransport
from ._client.websocket.session import WebSocketTestSession
from .errors import MissingExtra


class TestClient(LockstepTestClient):
    """`asgi_lockstep.TestClient`, with the one habit of Starlette's that its suites rely on.

    What the app raises on the lifespan scope is raised by entering the client, also where a server takes it for an app
    without a lifespan: an app whose middleware cannot be built is noticed there.
    """

    _raises_refusals = True


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
        importlib.import_module("starlette.testclient")
    except ImportError:
        raise MissingExtra("starlette", "pytest -p asgi_lockstep.starlette", "starlette") from None
    for name in _MODULES:
        module = sys.modules.get(name)
        if module is not None and name not in _originals:
            _originals[name] = _replace(module, REPLACED)


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


# Hooks of pytest: the first runs before any conftest.py is imported, the second where the plugin is named in one.


def pytest_load_initial_conftests() -> None:
    """Install before the suite's own files are imported."""
    install()


def pytest_configure() -> None:
    """Install where the plugin was loaded too late for the first hook."""
    install()


def pytest_report_header() -> str:
    """Say in the header of the run which client is in use."""
    return "asgi-lockstep: starlette.testclient and fastapi.testclient hand out asgi_lockstep.TestClient"
