"""The options of the clients of a test: those of its markers, of the nearest first, and below them those of the run."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

import pytest

from .._client.options import CLOCKS, LIFESPAN_MODES
from .._client.rule_options import checked_verdicts
from .._client.values import check_flag, check_one_of, checked_limit
from .._drivers.turning.backends import check as check_backend
from .._protocol.servers import SERVERS
from .._protocol.variation import variations_of
from ..errors import UsageError

#: What a marker can say, besides `strict`.
OPTIONS: Final = (
    "backend",
    "clock",
    "driver",
    "lifespan",
    "live",
    "raise_server_exceptions",
    "rules",
    "server",
    "timeout",
    "vary",
)

#: What a marker can say without a name: as it could when it was about clients under Starlette's names alone.
_BY_POSITION: Final = ("driver", "rules")

#: What `strict=True` stands for.
STRICT: Final[Mapping[str, Any]] = {"rules": "spec", "leftover_tasks": "error"}

#: What a client does where nothing is said.
USUAL: Final[Mapping[str, Any]] = {
    "backend": "asyncio",
    "clock": "real",
    "driver": "auto",
    "leftover_tasks": "cancel",
    "lifespan": "auto",
    "rules": "servers",
    "server": "uvicorn",
    "vary": None,
}


def marked_options(item: pytest.Item) -> dict[str, Any]:
    """What the markers of a test say: each over those that are further away."""
    options: dict[str, Any] = {}
    for marker in reversed([*item.iter_markers("asgi")]):
        said = _said(marker)
        said.pop("live", None)  # it is about the test, and not about its clients
        strict = said.pop("strict", None)
        if strict is not None:
            options = {name: value for name, value in options.items() if name not in STRICT}
        options |= {**(STRICT if strict else {}), **said}
    return options


def may_be_live(item: pytest.Item) -> bool:
    """Whether a test may run under a server: `live=False` says of one that it may not; the nearest marker counts."""
    said = (_said(marker).get("live") for marker in item.iter_markers("asgi"))
    return next((live for live in said if live is not None), True)


def options_of_run(config: pytest.Config) -> dict[str, Any]:
    """What holds for the clients of all tests, where it is not what they do anyway."""
    driver = config.getoption("asgi_driver") or config.getini("asgi_driver")
    rules = config.getoption("asgi_rules") or config.getini("asgi_rules")
    vary = config.getoption("asgi_vary")
    options = {"driver": driver, "rules": rules, "vary": vary}
    return {name: value for name, value in options.items() if value != USUAL[name]}


def options_of(item: pytest.Item) -> dict[str, Any]:
    """All options of the clients of a test."""
    options = {**options_of_run(item.config), **(marked := marked_options(item))}
    if options.get("clock") == "virtual" and "driver" not in marked:
        options.pop("driver", None)  # which runs an app in real time
    return options


def check(item: pytest.Item) -> None:
    """Refuse markers that make no sense.

    Raises:
        pytest.Collector.CollectError: one does; the text says what to write instead.
    """
    for marker in item.iter_markers("asgi"):
        try:
            _check_names(marker)
            _check_values(_said(marker))
        except UsageError as exc:
            raise pytest.Collector.CollectError(f"{item.name}: @pytest.mark.asgi: {exc}") from None


def _said(marker: pytest.Mark) -> dict[str, Any]:
    return {**dict(zip(_BY_POSITION, marker.args, strict=False)), **marker.kwargs}


def _check_names(marker: pytest.Mark) -> None:
    if len(marker.args) > len(_BY_POSITION):
        raise UsageError("its options have names. Write: @pytest.mark.asgi(clock=..., strict=...).")
    known = sorted([*OPTIONS, "strict"])
    for name in marker.kwargs:
        if name not in known:
            near = get_close_matches(name, known, n=2)
            meant = f" Do you mean {' or '.join(near)}?" if near else ""
            raise UsageError(f"there is no option {name}.{meant} There are: {', '.join(known)}.")


def _check_values(said: Mapping[str, Any]) -> None:
    """With the checks of the constructors, which a test would meet later, one by one."""
    check_backend(said.get("backend", "asyncio"), said.get("driver") or "auto")
    check_one_of("clock", said.get("clock", "real"), CLOCKS)
    check_one_of("lifespan", said.get("lifespan", "auto"), LIFESPAN_MODES)
    check_one_of("server", said.get("server", "uvicorn"), tuple(SERVERS))
    for name in ("live", "raise_server_exceptions", "strict"):
        check_flag(name, said.get(name))
    checked_verdicts(said.get("rules", "servers"))
    checked_limit(said.get("timeout"))
    variations_of(said.get("vary"))
