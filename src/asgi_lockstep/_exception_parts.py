"""What exceptions are made of besides their fields: how they are pickled, and what they say of a traceback."""

from __future__ import annotations

from typing import Any

#: How Python begins a traceback.
_TRACEBACK = "Traceback (most recent call last):"


def as_it_was(self: BaseException) -> tuple[Any, ...]:
    """The `__reduce__` of an exception that composes its text; it is unpickled with that, without its constructor.

    Python would call that with `args`, in which the text is, and not what it was made from.
    """
    return _unpickled, (type(self), self.args), self.__getstate__()


def _unpickled(cls: type[BaseException], args: tuple[Any, ...]) -> BaseException:
    return cls.__new__(cls, *args)


def exception_of(text: str) -> str:
    """The line of a formatted traceback that says what was raised last, `""` if the text is none.

    The header of a group, and what follows it, is indented by a margin of `  | `.
    """
    header, happened = "", ""
    for line in text.splitlines():
        if line.endswith(_TRACEBACK) and line.lstrip(" +") in (_TRACEBACK, f"Exception Group {_TRACEBACK}"):
            if not line.startswith("    "):  # those that are deeper are parts of a group
                header, happened = line, ""
        elif header and not happened:
            content = line.removeprefix("  | ") if header.startswith(" ") else line
            happened = "" if content.startswith(" ") else content
    return happened


def seconds_in_words(seconds: float) -> str:
    """A number of seconds in a text."""
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


class LockstepError(Exception):
    """Base of everything that asgi-lockstep itself raises."""

    __reduce__ = as_it_was
