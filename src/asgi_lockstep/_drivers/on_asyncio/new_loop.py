"""The loop that the options of a client ask for, and the way to see its rests."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import ClockNotVirtual, MissingExtra, UnknownOption
from ..clock.virtual_clock import VirtualClock
from .rest_counter import Rest, RestCounter
from .rest_selector import RestSelector
from .virtual_loop import VirtualLoop

_KNOWN_OPTIONS = ("debug", "loop_factory", "use_uvloop")


def new_loop(options: Mapping[str, Any], clock: VirtualClock | None) -> tuple[asyncio.AbstractEventLoop, Rest]:
    """The loop that the options ask for, and the way to see its rests."""
    for name in options:
        if name not in _KNOWN_OPTIONS:
            raise UnknownOption("backend_options key", name, _KNOWN_OPTIONS)
    factory = options.get("loop_factory")
    if clock is not None:
        if factory is not None or options.get("use_uvloop"):
            raise ClockNotVirtual("uvloop" if factory is None else f"the loop of {factory!r}")
        selector = RestSelector(clock)
        return _with_debug(VirtualLoop(selector, clock), options), selector
    if factory is None and options.get("use_uvloop"):
        factory = _uvloop_factory()
    if factory is None and sys.platform == "win32":
        factory = asyncio.new_event_loop  # the proactor loop: a selector cannot run subprocesses there
    rest: Rest
    if factory is None:
        rest = RestSelector()
        loop: asyncio.AbstractEventLoop = asyncio.SelectorEventLoop(rest)
    else:
        rest = RestCounter()
        loop = factory()
    return _with_debug(loop, options), rest


def _with_debug(loop: asyncio.AbstractEventLoop, options: Mapping[str, Any]) -> asyncio.AbstractEventLoop:
    if "debug" in options:
        loop.set_debug(bool(options["debug"]))
    return loop


def _uvloop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        if sys.platform == "win32":
            import winloop

            return winloop.new_event_loop  # type: ignore[no-any-return]
        import uvloop
    except ImportError:
        raise MissingExtra("uvloop", 'backend_options={"use_uvloop": True}', "uvloop") from None
    return uvloop.new_event_loop
