"""The HTTP library on which the clients stand, chosen once for the process: httpx2, or the httpx of an older Starlette.

Everything else says `httpx`, and means this one. What both have is taken as it is; what only httpx2 has (`sse()`,
`query()`, `websocket()`) is absent on httpx. Type checkers see httpx2, of which httpx is the beginning.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

__all__ = (
    "CHOICE",
    "AuthTypes",
    "CookieTypes",
    "EventHooks",
    "HeaderTypes",
    "QueryParamTypes",
    "TimeoutTypes",
    "httpx",
    "no_attribute",
)

#: Says which one to take, where the choice below is not wanted.
VARIABLE: Final = "ASGI_LOCKSTEP_HTTPX"

LIBRARIES: Final = ("httpx2", "httpx")

#: The methods of clients that only the first one has.
_ONLY_HTTPX2: Final = ("query", "sse", "websocket")


class Choice(NamedTuple):
    """The library that was chosen.

    Args:
        name: its name.
        reason: why, to be read after "because".
    """

    name: str
    reason: str


def choose() -> Choice:
    """The library on which the client of the installed Starlette stands; httpx2 without a Starlette.

    Raises:
        ImportError: what was asked for is not installed, or there is no such library.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted:
        if wanted not in LIBRARIES:
            raise ImportError(f"{VARIABLE}={wanted!r} names no library: write {' or '.join(LIBRARIES)}.")
        return Choice(wanted, f"{VARIABLE} says so")
    theirs = sys.modules.get("starlette.testclient")
    if theirs is not None:
        return Choice(theirs.httpx.__name__, "starlette.testclient has imported it")
    source = _source_of_their_client()
    if source is None:
        return Choice("httpx2", "there is no Starlette")
    if "httpx2" in source and _is_installed("httpx2"):
        return Choice("httpx2", "the client of the installed Starlette stands on it")
    if _is_installed("httpx"):
        return Choice("httpx", "the client of the installed Starlette stands on it")
    return Choice("httpx2", "httpx, on which the client of the installed Starlette stands, is not installed")


def _source_of_their_client() -> str | None:
    """The text of `starlette.testclient`; read, and not imported: it warns, or fails, where its library is missing."""
    starlette = importlib.util.find_spec("starlette")
    if starlette is None or not starlette.submodule_search_locations:
        return None
    file = Path(starlette.submodule_search_locations[0], "testclient.py")
    return file.read_text(encoding="utf-8") if file.exists() else None


def _is_installed(name: str) -> bool:
    return name in sys.modules or importlib.util.find_spec(name) is not None


CHOICE: Final = choose()


def no_attribute(client: object, name: str) -> AttributeError:
    """What is raised where a client has no attribute of a name: where httpx2 has it, the text says so."""
    told = f"{type(client).__name__!r} object has no attribute {name!r}"
    if name in _ONLY_HTTPX2:
        told += (
            f": {name}() is httpx2's, and this client stands on {CHOICE.name}, because {CHOICE.reason}. "
            f"{VARIABLE}=httpx2 decides otherwise."
        )
    return AttributeError(told, name=name, obj=client)


if TYPE_CHECKING:
    import httpx2 as httpx
else:
    httpx = importlib.import_module(CHOICE.name)

# What httpx's clients take, which has names only in a private module there.

HeaderTypes = (
    httpx.Headers
    | Mapping[str, str]
    | Mapping[bytes, bytes]
    | Sequence[tuple[str, str]]
    | Sequence[tuple[bytes, bytes]]
)
CookieTypes = httpx.Cookies | CookieJar | dict[str, str] | list[tuple[str, str]]
AuthTypes = httpx.Auth | tuple[str | bytes, str | bytes] | Callable[[httpx.Request], httpx.Request]

_Value = str | int | float | bool | None
QueryParamTypes = (
    httpx.QueryParams
    | Mapping[str, _Value | Sequence[_Value]]
    | list[tuple[str, _Value]]
    | tuple[tuple[str, _Value], ...]
    | str
    | bytes
)

TimeoutTypes = httpx.Timeout | float | tuple[float | None, float | None, float | None, float | None] | None
EventHooks = Mapping[str, list[Callable[..., Any]]]
