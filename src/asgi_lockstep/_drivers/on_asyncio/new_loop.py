"""The loop that the options of a client ask for, and the way to see its rests."""

from __future__ import annotations

import asyncio
import sys
import warnings
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

from ...errors import ClockNotVirtual, MissingExtra, UnknownOption, UsageError
from ..clock.virtual_clock import VirtualClock
from .rest_counter import Rest, RestCounter
from .rest_selector import RestSelector
from .virtual_loop import VirtualLoop

_KNOWN_OPTIONS = ("debug", "loop_factory", "use_uvloop")

_A_FACTORY = "a function without arguments that makes a new loop, for example asyncio.new_event_loop"


def new_loop(options: Mapping[str, Any], clock: VirtualClock | None) -> tuple[asyncio.AbstractEventLoop, Rest]:
    """The loop that the options ask for, and the way to see its rests."""
    for name in options:
        if name not in _KNOWN_OPTIONS:
            raise UnknownOption("backend_options key", name, _KNOWN_OPTIONS)
    _check_values(options)
    factory = options.get("loop_factory")
    if clock is not None:
        if factory is not None or options.get("use_uvloop"):
            raise ClockNotVirtual("uvloop" if factory is None else f"the loop of {factory!r}")
        selector = RestSelector(clock)
        return _with_debug(VirtualLoop(selector, clock), options), selector
    if factory is None and options.get("use_uvloop"):
        factory = _uvloop_factory()
    if factory is None and (sys.platform == "win32" or _has_own_policy()):
        factory = asyncio.new_event_loop  # on Windows the proactor loop: a selector cannot run subprocesses there
    rest: Rest
    if factory is None:
        rest = RestSelector()
        loop: asyncio.AbstractEventLoop = asyncio.SelectorEventLoop(rest)
    else:
        rest = RestCounter()
        loop = _made_by(factory)
    return _with_debug(loop, options), rest


def _check_values(options: Mapping[str, Any]) -> None:
    factory = options.get("loop_factory")
    if factory is not None and not callable(factory):
        raise UsageError(f"loop_factory={factory!r} cannot be called: give {_A_FACTORY}.")
    for name in ("debug", "use_uvloop"):
        if not isinstance(options.get(name), (int, NoneType)):
            raise UsageError(f"{name}={options[name]!r} makes no sense: give True or False.")


def _made_by(factory: Callable[[], asyncio.AbstractEventLoop]) -> asyncio.AbstractEventLoop:
    loop: object = factory()
    if not isinstance(loop, asyncio.AbstractEventLoop):
        raise UsageError(f"loop_factory={factory!r} returned {loop!r}, which is no event loop: give {_A_FACTORY}.")
    if loop.is_closed() or loop.is_running():
        state = "running" if loop.is_running() else "closed"
        raise UsageError(f"loop_factory={factory!r} returned a loop that is {state}: give {_A_FACTORY}.")
    return loop


def _has_own_policy() -> bool:
    """Whether the user has set an event loop policy, such as uvloop's, which knows what loops to make."""
    get_policy: Any = getattr(asyncio, "get_event_loop_policy", None)  # Python 3.16 will have none
    if get_policy is None:
        return False
    if sys.version_info < (3, 14):
        policy = get_policy()
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # whoever has set one has been warned
            policy = get_policy()
    return not type(policy).__module__.startswith("asyncio.")


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
