"""Where in the user's code a request was sent, for the notes on exceptions that it brings back."""

from __future__ import annotations

import contextlib
import inspect
from functools import cache
from pathlib import Path

import httpx2

#: Code between the user's line and the exchange.
_BETWEEN = (
    str(Path(__file__).resolve().parent.parent),
    str(Path(inspect.getfile(httpx2)).resolve().parent),
    contextlib.__file__,
)


@cache
def _is_between(file: str) -> bool:
    return file.startswith(_BETWEEN)


def sent_here() -> str:
    """The innermost line outside of the client and httpx2, as `file:line`; for an await, where it stands."""
    frame = inspect.currentframe()
    while frame is not None and _is_between(frame.f_code.co_filename):
        frame = frame.f_back
    return "an unknown line" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"
