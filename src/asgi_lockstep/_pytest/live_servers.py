"""The app of the fixtures on a real socket (`--asgi-live`), and which tests that cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pytest

from ..live import LiveServer
from .markers import marked_options

#: The fixtures that are about an app.
FIXTURES: Final = frozenset(("asgi_client", "async_asgi_client"))

#: What a server can be told as well, or does not feel: where an app runs, and who raises what it raises.
_FOR_SERVERS: Final = frozenset(("driver", "lifespan", "raise_server_exceptions", "timeout"))

#: What is so on every server.
_AS_SERVERS_DO: Final[Mapping[str, tuple[Any, ...]]] = {
    "backend": ("asyncio",),
    "clock": ("real",),
    "rules": ("servers", "off"),
    "vary": (None, False),
}


def server_of(config: pytest.Config) -> Any:
    """The name of the server; None without `--asgi-live`."""
    return config.getoption("asgi_live")


@contextmanager
def live_server(config: pytest.Config, app: Any, lifespan: Any = "auto") -> Iterator[LiveServer]:
    """The server of this run, with `app`."""
    with LiveServer(app, server_of(config), lifespan=lifespan) as server:
        yield server


def skip_what_needs_lockstep(items: Iterable[pytest.Item]) -> None:
    """Have the tests skipped whose marker asks for what no server has."""
    for item in items:
        if FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            continue
        needs = [*_needs(marked_options(item), server_of(item.config))]
        if needs:
            server, options = server_of(item.config), ", ".join(needs)
            item.add_marker(pytest.mark.skip(reason=f"--asgi-live={server}: only lockstep has {options}"))


def check_options(config: pytest.Config) -> None:
    """Refuse what a run under a server cannot do.

    Raises:
        pytest.UsageError: it was asked for, too.
    """
    for name in ("rules", "vary"):
        if config.getoption(f"asgi_{name}") is not None:
            raise pytest.UsageError(f"--asgi-{name} is about apps in lockstep: leave it out, or --asgi-live.")


def _needs(options: Mapping[str, Any], server: str) -> Iterator[str]:
    for name, value in options.items():
        usual = (server,) if name == "server" else _AS_SERVERS_DO.get(name, ())
        if name not in _FOR_SERVERS and value not in usual:
            yield f"{name}={value!r}"
