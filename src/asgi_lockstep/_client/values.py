"""Values that make no sense: refused where they are given, with what to write instead.

What is found deep inside instead is a `TypeError` of asyncio's, an app that never gets its body, or nothing at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import timedelta
from inspect import iscoroutine
from numbers import Real
from typing import Any

from ..errors import UnknownOption, UsageError

#: How texts show what the test wrote: an option, or the one argument of a method.
OPTION, ARGUMENT = "{}={!r}", "{}({!r})"


def refuse(written: str, instead: str) -> UsageError:
    """The error about a value, to be raised.

    Args:
        written: what the test wrote, for example `"grace=-1"` or `"sleep(-1)"`.
        instead: what to write, to be read after "give".
    """
    return UsageError(f"{written} makes no sense: give {instead}.")


def check_seconds(
    option: str, value: Any, *, form: str = OPTION, none: str = "", positive: bool = False, finite: bool = False
) -> None:
    """Refuse what is no length of time.

    Args:
        option, form: what was written, and how.
        none: what None means, in words; `""` where it is no value.
        positive: whether it has to be more than 0.
        finite: whether it has to come to an end.
    """
    __tracebackhide__ = True
    if _is_length(value, positive, finite) or (value is None and none):
        return
    least = "more than 0" if positive else "0 or more"
    instead = f"seconds, {least}{f', or None {none}' if none else ''}"
    if isinstance(value, timedelta):
        instead += ", as .total_seconds() has them"
    raise refuse(form.format(option, value), instead)


def _is_length(value: Any, positive: bool, finite: bool) -> bool:
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    try:
        seconds = float(value)
    except OverflowError:
        return False
    return (seconds > 0 or (seconds == 0 and not positive)) and not (finite and seconds == math.inf)


def checked_limit(value: Any) -> float | None:
    """`value`, if it is what can be given as `timeout=`."""
    __tracebackhide__ = True
    check_seconds("timeout", value, none="for as long as it takes")
    return value  # type: ignore[no-any-return]


def check_count(option: str, value: Any, least: int, of: str = "bytes", *, or_none: bool = True) -> None:
    """Refuse what is no number of things.

    Args:
        option, value: what was given.
        least: how many there are at least.
        of: what they are.
        or_none: whether it may be None, as one that was not given.
    """
    __tracebackhide__ = True
    if value is None and or_none:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise refuse(f"{option}={value!r}", f"a number of {of}, {least} or more{', or None' if or_none else ''}")


def name_of(function: Any) -> str:
    """What a function is called, for the timeline."""
    return str(getattr(function, "__name__", None) or type(function).__name__)


def check_flag(option: str, value: Any) -> None:
    """Refuse what is neither true nor false, such as the text "no", which is true."""
    __tracebackhide__ = True
    if value is not None and not isinstance(value, (bool, int)):
        raise refuse(f"{option}={value!r}", "True or False")


def check_type(option: str, value: Any, kind: type | tuple[type, ...], instead: str, *, form: str = OPTION) -> None:
    """Refuse what is not of the kind."""
    __tracebackhide__ = True
    if not isinstance(value, kind):
        raise refuse(form.format(option, value), instead)


def check_address(option: str, value: Any) -> None:
    """Refuse what is no address of a client; None is an unknown one."""
    __tracebackhide__ = True
    if value is None:
        return
    if isinstance(value, (tuple, list)) and [*map(type, value)] == [str, int]:
        return
    raise refuse(f"{option}={value!r}", 'its host and port, for example ("127.0.0.1", 50000), or None')


def check_names(option: str, value: Any) -> None:
    """Refuse what is no collection of names."""
    __tracebackhide__ = True
    if isinstance(value, str) or not isinstance(value, Iterable) or not all(isinstance(name, str) for name in value):
        raise refuse(OPTION.format(option, value), 'names, for example ["exporter", "metrics-*"]')


def check_function(method: str, func: Any) -> None:
    """Refuse a coroutine, and whatever else cannot be called."""
    __tracebackhide__ = True
    if iscoroutine(func):
        name = func.__name__
        func.close()  # or Python would warn that it was never awaited, which is the same mistake said worse
        raise UsageError(
            f"{method}() was given a coroutine: {name}() was called. Give the function and its arguments: "
            f"{method}({name}, ...)."
        )
    if not callable(func):
        raise UsageError(f"{method}() was given {func!r}, which cannot be called. Give a function and its arguments.")


def check_one_of(option: str, value: Any, known: Sequence[str]) -> None:
    """Raise if `option` has a value that does not exist."""
    __tracebackhide__ = True
    if value not in known:
        raise UnknownOption(option, value, known)
