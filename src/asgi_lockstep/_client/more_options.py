"""The options of both clients that few tests need: what httpx takes, and what the server does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal, TypedDict

from .._drivers.happenings.recorder import Recorder
from .._httpx import AuthTypes, EventHooks, QueryParamTypes, TimeoutTypes, httpx
from .._protocol.variation import Variation, variations_of
from .options import TIMEOUT
from .values import check_count, check_flag


class HTTPXOptions(TypedDict, total=False):
    """What a client takes besides, as in httpx."""

    auth: AuthTypes | None
    params: QueryParamTypes | None
    event_hooks: EventHooks | None
    timeout: TimeoutTypes
    max_redirects: int
    default_encoding: str | Callable[[bytes], str | None]


class Overrides(HTTPXOptions, total=False):
    """What another user of a running app has besides, or has of the first one."""

    base_url: httpx.URL | str
    follow_redirects: bool


class ServerOptions(TypedDict, total=False):
    """What a client takes besides about the server that it stands for."""

    rules: str | Mapping[str, str]
    server: Literal["uvicorn", "hypercorn", "daphne", "granian"]
    vary: Variation | int | None
    timeline: int


class MoreOptions(HTTPXOptions, ServerOptions, total=False):
    """All of them."""


def server_options(options: MoreOptions) -> dict[str, Any]:
    """What of them becomes `ExchangeOptions`."""
    __tracebackhide__ = True
    found: dict[str, Any] = {name: value for name, value in options.items() if name in ("rules", "server")}
    if "timeline" in options:
        check_count("timeline", options["timeline"], 0, "events", or_none=False)
        found["recorder"] = Recorder(options["timeline"])
    if "vary" in options:
        found["variations"] = variations_of(options["vary"])
    return found


def httpx_options(
    client: object, base_url: httpx.URL | str, follow_redirects: bool, options: MoreOptions
) -> dict[str, Any]:
    """What of them goes to httpx as it is."""
    __tracebackhide__ = True
    for name in options:
        if name not in MoreOptions.__annotations__:
            raise TypeError(f"{type(client).__name__}() got an unexpected keyword argument {name!r}")
    check_flag("follow_redirects", follow_redirects)
    base_url = _parsed(base_url) if type(base_url) is str else base_url
    own = {name: value for name, value in options.items() if name in HTTPXOptions.__annotations__}
    return {"base_url": base_url, "follow_redirects": follow_redirects, "timeout": TIMEOUT, **own}


@lru_cache(maxsize=64)
def _parsed(base_url: str) -> httpx.URL:
    """A base URL, which cannot be changed, and takes httpx 25 µs to parse; the clients of a suite have the same one."""
    return httpx.URL(base_url)
