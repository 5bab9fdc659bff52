"""Lines of source code, and whose they are: the line of the test, of the app, and of whoever created a task."""

from __future__ import annotations

import inspect
import linecache
import os
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from operator import attrgetter
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple, TypeVar

from .known_code import TYPED, Meaning, Meanings, meanings_of_file, stands_in

T = TypeVar("T")

#: Folders, each with its separator at the end: those of this package, of installed packages, and of Python's library.
_PACKAGE = {Path(__file__).parents[2], Path(__file__).resolve().parents[2]}
_OURS = (
    *(f"{folder}{os.sep}" for folder in _PACKAGE),
    *(str(folder.with_name("_asgi_lockstep_plugin.py")) for folder in _PACKAGE),  # the plugin of pytest, beside it
)
_INSTALLED = tuple(f"{sysconfig.get_path(name)}{os.sep}" for name in ("purelib", "platlib", "scripts"))
_STANDARD = tuple(f"{sysconfig.get_path(name)}{os.sep}" for name in ("stdlib", "platstdlib"))

#: What the folders of installed packages are called that Python does not list: of the system, of one person.
_PACKAGES = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


class Owner(IntEnum):
    """Whose file it is; of two lines, the one with the greater owner tells more about what goes on."""

    #: Ours: never what somebody looks for.
    US = 0
    #: Python's own library, and httpx, which every request goes through.
    PYTHON = 1
    #: Of anyio and trio: where tasks of others wait.
    ASYNC_LIBRARY = 2
    #: Of whatever else is installed, and code without a file.
    LIBRARY = 3
    #: The test's or the app's: written by those who read the text.
    USER = 4


#: Looked up once: before Python 3.12 it takes longer to look up a member of an enum than to compare it.
_PYTHON, _LIBRARY, _USER = Owner.PYTHON, Owner.LIBRARY, Owner.USER
_BEGINS_A_STEP = (Meaning.BEGINS_A_STEP,)


class _Owners(dict[str, Owner]):
    """Whose each file is, once it was asked: each request asks for each frame down to the test."""

    def __missing__(self, file: str) -> Owner:
        self[file] = owner = _owner_of(file)
        return owner


#: Whose a file is, by its name.
owners = _Owners()


def _owner_of(file: str) -> Owner:
    if file.startswith(_OURS):
        return Owner.US
    if file.startswith(_INSTALLED) or any(folder in file for folder in _PACKAGES):
        return _owner_of_installed(file)
    if file.startswith((*_STANDARD, "<frozen ")):
        return Owner.PYTHON
    return Owner.LIBRARY if is_generated(file) else Owner.USER


def is_generated(file: str) -> bool:
    """Whether code without a file was made by a library, and not typed by somebody."""
    return file.startswith("<") and not file.startswith(TYPED)


def _owner_of_installed(file: str) -> Owner:
    meanings = meanings_of_file(file)
    if Meaning.HTTP_LIBRARY in meanings:
        return Owner.PYTHON
    return Owner.ASYNC_LIBRARY if Meaning.ASYNC_LIBRARY in meanings else Owner.LIBRARY


class Place(NamedTuple):
    """A line of code at which something stands, or was done.

    Args:
        file: the name of the file, as its code has it.
        line: the number of the line; 0 for code without lines, as Cython makes it.
        function: the name of the function.
    """

    file: str
    line: int
    function: str

    @classmethod
    def of(cls, frame: FrameType) -> Place:
        """Where `frame` stands."""
        return cls(frame.f_code.co_filename, frame.f_lineno or 0, frame.f_code.co_name)

    @classmethod
    def of_instruction(cls, code: CodeType, instruction: int) -> Place:
        """Where a function stood that ran `code`."""
        lines = (line for begin, end, line in code.co_lines() if begin <= instruction < end)
        return cls(code.co_filename, next(lines, None) or 0, code.co_name)

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}" if self.line else shown(self.file)

    @property
    def source(self) -> str:
        """The text of the line, `""` if it cannot be read."""
        return line_text(self.file, self.line)

    @property
    def in_words(self) -> str:
        """The line as errors show where somebody stands: with its function and its text."""
        return f"{self} in {self.function}: {self.source}"

    @property
    def is_of_user(self) -> bool:
        """Whether it is a line of the user's."""
        return owners[self.file] is _USER

    def is_in(self, *meanings: Meaning) -> bool:
        """Whether one of `meanings` is that of standing here."""
        return stands_in(meanings, self.file, self.function, lambda: self.source)


def frame_is_in(frame: FrameType, meanings: Meanings) -> bool:
    """Whether one of `meanings` is that of standing where `frame` stands: `Place.is_in()` without a place."""
    code = frame.f_code
    return stands_in(meanings, code.co_filename, code.co_name, lambda: line_text(code.co_filename, frame.f_lineno))


def line_text(file: str, line: int | None) -> str:
    """The text of a line, `""` if it cannot be read."""
    try:
        return linecache.getline(file, line or 0).strip()
    except Exception:  # `linecache` asks the loader of the module, and that may be anybody's
        return ""


def shown(file: str) -> str:
    """`file` as people know it: from the working directory, if it lies in there."""
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except (OSError, ValueError):  # the working directory may be gone
        return file


def shown_shortly(file: str) -> str:
    """`file` as people know it; that of an installed package from the folder of all packages, as it is imported."""
    if owners[file] in (_LIBRARY, Owner.ASYNC_LIBRARY):
        for folder in (*_INSTALLED, *_PACKAGES):
            before, found, after = file.partition(folder)
            if found:
                return after or before
    return shown(file)


def line_of_test() -> Place | None:
    """Where the test stands that has called us.

    That is the innermost line of the user's that does not hide from tracebacks: what lies between (httpx, a mock, a
    library that wraps the client) is passed over. Where no line is the user's, it is the innermost of the best owner,
    for example of a library of tests; None if there is nothing but Python's own library, httpx and us.
    """
    frame = frame_of_test(inspect.currentframe())
    return None if frame is None else Place.of(frame)


class Link:
    """A line of code as `file:line`, with the whole name of the file; which one it is is found out when it is shown."""

    __slots__ = ("_code", "_instruction")

    def __init__(self, code: CodeType, instruction: int) -> None:
        self._code = code
        self._instruction = instruction

    def __str__(self) -> str:
        return f"{self._code.co_filename}:{self.place.line}"

    @property
    def place(self) -> Place:
        """The line, with what there is to know about it."""
        return Place.of_instruction(self._code, self._instruction)


class Creation(NamedTuple):
    """How a task was created.

    Args:
        place: the innermost line of the best owner, not further out than where the loop has begun this step; None if
            all of it is ours.
        by_user: whether it is code of the user's that has asked for the task, and not a library that it has called.
    """

    place: Place | None
    by_user: bool


def creation() -> Creation:
    """How the task is created that is being created."""
    frame, by_user = _frame_of_creator(inspect.currentframe())
    return Creation(None if frame is None else Place.of(frame), by_user)


def line_of_app(places: Sequence[Place]) -> Place | None:
    """Where somebody stands, of the places that lead there, the outermost first: the innermost line of the best owner.
    None if all of them are ours.
    """
    return _best((place for place in reversed(places) if place.line), attrgetter("file"))


class Line:
    """A line of code in a sentence; its file is read when that is shown, which a loop must not wait for."""

    __slots__ = ("_place", "_words")

    def __init__(self, words: str, place: Place) -> None:
        self._words = words
        self._place = place

    def __str__(self) -> str:
        return f"{self._words} {self._place.in_words}"


def frame_of_test(begin: FrameType | None) -> FrameType | None:
    """The frame of `line_of_test()`, looked for from `begin` outwards."""
    # Nearly always it is the user's, and nothing else has to be asked: this takes a time that each request feels.
    frame = begin
    while frame is not None:
        if owners[frame.f_code.co_filename] is _USER and not _hides(frame):
            return frame
        frame = frame.f_back
    return _best((frame for frame in _outwards(begin) if not _hides(frame)), _file, above=Owner.PYTHON)


def _frame_of_creator(begin: FrameType | None) -> tuple[FrameType | None, bool]:
    # The same here, for each task of an app.
    frame, of_library = begin, False
    while frame is not None:
        owner = owners[frame.f_code.co_filename]
        if owner is _USER:
            return frame, not of_library
        if owner is _LIBRARY:
            of_library = True
        elif owner is _PYTHON and frame_is_in(frame, _BEGINS_A_STEP):
            break
        frame = frame.f_back
    return _best(_outwards(begin, frame), _file), False


def _best(stand: Iterable[T], file_of: Callable[[T], str], above: Owner = Owner.US) -> T | None:
    """The first of the best owner.

    Args:
        stand: what stands somewhere, the innermost first.
        file_of: the file of one of them.
        above: the owner of those that do not count.
    """
    found = None
    for one in stand:
        owner = owners[file_of(one)]
        if owner > above:
            found, above = one, owner
            if owner is _USER:
                break
    return found


def _outwards(frame: FrameType | None, end: FrameType | None = None) -> Iterator[FrameType]:
    while frame is not end and frame is not None:
        yield frame
        frame = frame.f_back


def _hides(frame: FrameType) -> bool:
    return "__tracebackhide__" in frame.f_code.co_varnames


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename
