"""What is kept of a message: as much as somebody reads, and why the app has sent it, if that is a failure."""

from __future__ import annotations

from types import FrameType
from typing import Any, Final

from .exceptions import handled_in

#: After how many bytes or characters the content of a message is cut.
CONTENT: Final = 1024

#: From which status on a response says that something has failed.
_OF_FAILURES: Final = 400

#: The key of a message that is kept, under which the exception stands that the app handles as it sends it.
HANDLED: Final = "asgi_lockstep.handled"


def cut(value: Any) -> Any:
    """A value that is kept: content that is long is cut."""
    if isinstance(value, str):
        return value[:CONTENT]
    return bytes(value[:CONTENT]) if isinstance(value, (bytes, bytearray, memoryview)) else value


def cut_in(kept: dict[str, Any], *keys: str) -> None:
    """Cut what is long in a message that is kept, and keep how long it was."""
    for key in keys:
        content = kept.get(key)
        if content is not None and len(content) > CONTENT:
            kept[key], kept[f"{key}_length"] = cut(content), len(content)


def explain(kept: dict[str, Any], frame: FrameType) -> None:
    """Keep which exception the app handles as it sends that something has failed: it may not tell anybody else."""
    if kept.get("status", 0) >= _OF_FAILURES or "code" in kept:
        handled = handled_in(frame)
        if handled is not None:
            kept[HANDLED] = handled
