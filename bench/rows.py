"""What is compared with what, and the targets: the table of `docs/performance.md`, row by row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

from . import apps
from .ways import (
    Way,
    awaited,
    conductor,
    connect,
    create,
    entering,
    floor,
    floor_with_cookie,
    get,
    get_all,
    get_async,
    in_turn,
    not_entered,
    of_path,
    ours,
    ours_async,
    over_asgi,
    post_form,
    post_json,
    round_trip,
    session,
    stream,
    theirs,
)


@dataclass(frozen=True)
class Row:
    """One comparison.

    Args:
        title: what is done.
        ours, theirs: both ways to do it.
        at_least: how many times faster ours has to be; None for a row that has a limit instead.
        at_most: what part of theirs ours may take.
        asks_system: whether ours waits for a thread, polls, or makes a loop: what that costs in floors is another
            figure on another machine, and is not checked.
    """

    title: str
    ours: Way
    theirs: Way
    at_least: float | None = None
    at_most: float | None = None
    asks_system: bool = False

    def ratio(self, ours: float, theirs: float) -> float:
        """The figure of the row: how many times faster, or what part."""
        return theirs / ours if self.at_most is None else ours / theirs

    def is_met(self, ratio: float) -> bool:
        """Whether the target is."""
        return ratio >= self.at_least if self.at_least is not None else ratio <= (self.at_most or 0)

    @property
    def target(self) -> str:
        """In words."""
        return f"at most {self.at_most}" if self.at_least is None else f"at least {self.at_least:g}x"


def rows() -> list[Row]:
    """All of them."""
    return [*_requests(), *_connections(), *_frameworks(), *_libraries()]


def _requests() -> list[Row]:
    """A request of each kind, against the floor and against Starlette's client."""
    found = []
    length = str(len(b'{"name":"chair","price":9.5,"tags":["wood","old"]}')).encode()
    kinds: list[tuple[str, Callable[[Any], Any], bytes, dict[str, Any], float, float]] = [
        ("GET", get, apps.GREETING, {}, 0.45, 20),
        ("GET with header, params, cookie", get_all, apps.GREETING, {"cookies": {"session": "abc"}}, 0.60, 15),
        ("POST JSON", post_json, length, {}, 0.60, 15),
        ("POST form", post_form, b"20", {}, 0.60, 15),
    ]
    for title, do, expected, options, part, times in kinds:
        own = Way("ours", ours(**options), do, expected)
        below = Way("floor", floor_with_cookie if options else floor, do, expected)
        found.append(Row(f"{title} / floor", own, below, at_most=part))
        found.append(Row(title, own, Way("starlette", theirs(**options), do, expected), at_least=times))
    one = Way("ours", partial(not_entered, ours()), get, apps.GREETING)
    many = Way("ours, 100 clients", partial(in_turn, ours(), 100), get, apps.GREETING)
    starlette = Way("starlette", partial(not_entered, theirs()), get, apps.GREETING)
    found.append(Row("GET, not entered", one, starlette, at_least=20))
    found.append(Row("GET, 100 clients in turn / one", many, one, at_most=1.3))
    return found


def _connections() -> list[Row]:
    """What is opened, and what passes through it."""

    def both(title: str, do: Callable[[Any], Any], expected: object, opening: Any, times: float) -> Row:
        own, other = (
            Way(name, partial(opening, make) if opening else make, do, expected)
            for name, make in (("ours", ours()), ("starlette", theirs()))
        )
        return Row(title, own, other, at_least=times)

    entered = Row(
        "with client + GET",
        Way("ours", partial(_none), entering(ours()), apps.GREETING),
        Way("starlette", partial(_none), entering(theirs()), apps.GREETING),
        at_least=9,
        asks_system=True,
    )
    return [
        entered,
        both("websocket connect + close", connect, None, None, 12),
        both("websocket round trip", round_trip, "hi", session, 50),
        both("10,000 chunks of 1 kB", stream, apps.CHUNKS * len(apps.CHUNK), None, 25),
    ]


def _frameworks() -> list[Row]:
    """FastAPI, whose own work is part of both."""
    plain, middle = apps.fastapi_app(), apps.app_behind_middleware()
    hello = b'{"hello":"world"}'
    cases: list[tuple[str, Any, Callable[[Any], Any], bytes, float]] = [
        ("FastAPI: POST, body and dependency", plain, create, apps.CREATED, 8),
        ("FastAPI: def endpoint", plain, of_path("/sync"), hello, 3.5),
        ("FastAPI: behind BaseHTTPMiddleware", middle, of_path("/async"), hello, 6),
    ]
    return [
        Row(
            title,
            Way("ours", ours(app), do, expected),
            Way("starlette", theirs(app), do, expected),
            at_least=times,
            asks_system="def" in title,
        )
        for title, app, do, expected, times in cases
    ]


def _libraries() -> list[Row]:
    """Async clients, trio and uvloop."""
    own = Way("ours async", partial(awaited, ours_async), get_async, apps.GREETING, "asyncio")
    falcon = Way("falcon", partial(awaited, conductor), get_async, apps.GREETING, "asyncio")
    own_trio = Way("ours async trio", partial(awaited, ours_async), get_async, apps.GREETING, "trio")
    httpx_trio = Way("httpx ASGI trio", partial(awaited, over_asgi), get_async, apps.GREETING, "trio")
    found = [
        Row("async GET / Falcon", own, falcon, at_most=1.0, asks_system=True),
        Row("async GET, trio", own_trio, httpx_trio, at_least=1.5, asks_system=True),
        _on("trio GET", {"backend": "trio"}, get, apps.GREETING, None, 12),
    ]
    if find_spec("uvloop"):
        options = {"backend_options": {"use_uvloop": True}}
        found.append(_on("uvloop GET", options, get, apps.GREETING, None, 10))
        found.append(_on("uvloop round trip", options, round_trip, "hi", session, 10))
    return found


def _on(title: str, options: dict[str, Any], do: Any, expected: object, opening: Any, times: float) -> Row:
    """Ours against Starlette's with the same options."""
    own, other = (
        Way(name, partial(opening, make) if opening else make, do, expected)
        for name, make in (("ours", ours(**options)), ("starlette", theirs(**options)))
    )
    return Row(title, own, other, at_least=times, asks_system=True)


def _none() -> Any:
    """Nothing has to be open."""
    from contextlib import nullcontext

    return nullcontext()
