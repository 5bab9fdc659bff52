"""Which paths an app has, where its framework says so: Starlette's, and whatever has routes as Starlette has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def paths_of(app: Any) -> list[str] | None:
    """The paths that answer GET and have no parameters, in the order of the routes; None if the app has no routes."""
    routes = getattr(app, "routes", None)
    return None if routes is None else [*dict.fromkeys(_paths(routes, ""))]


def _paths(routes: Iterable[Any], prefix: str) -> Iterator[str]:
    for route in routes:
        path = getattr(route, "path", None)
        inner = getattr(route, "routes", None)
        if inner is not None:
            yield from _paths(inner, prefix + (path or ""))
        elif isinstance(path, str) and "{" not in prefix + path and "GET" in (getattr(route, "methods", None) or ()):
            yield prefix + path
