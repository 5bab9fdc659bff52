"""What a framework is to these tests: a way to make its application, and the calls that are made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

#: Makes one call of a client, or a few that belong together, and asserts what comes of it.
Call = Callable[[Any], None]


@dataclass(frozen=True)
class Framework:
    """One framework.

    Args:
        name: as its users write it.
        make: makes an application with all routes that the calls need; a new one for each client.
        calls: what is asked of it, by name.
        needs_asyncio: whether it runs on asyncio only.
        spec_version: the newest version of the specification of HTTP and websockets that it is run under.
        surroundings: what has to be around an application, from before it is made until its last call.
    """

    name: str
    make: Callable[[], Any]
    calls: Mapping[str, Call]
    needs_asyncio: bool = False
    spec_version: str = "2.5"
    surroundings: Callable[[], AbstractContextManager[None]] = nullcontext


def by_name(*calls: Call) -> dict[str, Call]:
    """The calls by their names, in words."""
    return {call.__name__.replace("_", " "): call for call in calls}
