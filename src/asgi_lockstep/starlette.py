"""Our classes under the names of `starlette.testclient` and `fastapi.testclient`, for suites that are not edited.

    pytest -p asgi_lockstep.starlette

or, before the suite imports anything: `asgi_lockstep.starlette.install()`. The plugin's option `--asgi-driver=free` (or
`asgi_driver = free` in the configuration) has the apps of a whole suite run by themselves, as with Starlette's client,
and `@pytest.mark.asgi(driver="free")` those of one test; see `driver` of `asgi_lockstep.TestClient`. In the same way,
`@pytest.mark.asgi(rules="spec")` says for one test which rules of ASGI are errors; see `rules` there. docs/pytest.md
has all options of the marker, and the fixtures.

PYTEST_DONT_REWRITE, which pytest looks for: there is no assertion here, and it may be imported before pytest loads it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from ._client.app_kinds import ASGI2Adapter, is_asgi3
from ._client.handed_over import HandedOver
from ._client.old_names import TestClient, like
from ._client.pipeline.transport import SyncTransport
from ._client.websocket.session import WebSocketTestSession
from .errors import MissingExtra

__all__ = ("TestClient", "install", "uninstall")

#: The hooks that run where pytest loads this module as a plugin.
pytest_plugins = ("asgi_lockstep._pytest.starlette_names",)

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
