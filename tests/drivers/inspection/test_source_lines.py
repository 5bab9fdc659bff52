"""Lines of source code, and whose they are."""

from __future__ import annotations

import asyncio
import code
import doctest
import inspect
import linecache
import os
import site
import sys
import sysconfig
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import make_dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import anyio
import httpx2
import pytest
import trio

from asgi_lockstep._drivers.inspection import source_lines
from asgi_lockstep._drivers.inspection.source_lines import (
    Creation,
    Link,
    Owner,
    Place,
    creation,
    frame_of_test,
    line_of_app,
    line_of_test,
    owners,
    shown,
)

T = TypeVar("T")

#: A file of the user, of a library (that wraps clients, for example), and of those that are passed over.
USER = str(Path("/work", "app.py"))
WRAPPER = str(Path(pytest.__file__).parent / "wrapper.py")
PASSED_OVER = [source_lines.__file__, httpx2.__file__, mock.__file__]


def through(file: str, function: Callable[[], T]) -> Callable[[], T]:
    """A function `call` of that file that calls `function` in its second line, and returns what that returns."""
    names: dict[str, Any] = {}
    exec(compile("def call(function):\n    return function()\n", file, "exec"), names)
    return partial(names["call"], function)


def on_a_stack_of_others(function: Callable[[], Any]) -> Any:
    """What `function()` returns, called where nothing of the user's is on the stack."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(function).result()


def this_line() -> int:
    """The line that asks."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


# Places.


def test_a_place_is_the_line_at_which_a_frame_stands() -> None:
    """With the name of the function."""
    frame = inspect.currentframe()
    assert frame is not None
    place, line = Place.of(frame), this_line()
    assert place == Place(__file__, line, "test_a_place_is_the_line_at_which_a_frame_stands")
    assert place.source == "place, line = Place.of(frame), this_line()"


def test_a_frame_without_a_line_has_a_place() -> None:
    """Cython makes such frames: the file and the function have to do."""

    def here() -> Place:
        frame = inspect.currentframe()
        assert frame is not None
        return Place.of(frame)

    here.__code__ = here.__code__.replace(co_linetable=b"")
    place = here()
    assert (place, str(place), place.source) == (Place(__file__, 0, "here"), shown(__file__), "")


def test_a_place_is_shown_as_people_know_it() -> None:
    """As editors and terminals make links of it."""
    assert str(Place("/elsewhere/app.py", 7, "main")) == "/elsewhere/app.py:7"


def test_a_file_below_the_working_directory_is_shown_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One beside it is not."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    inside, beside = str(work / "pack" / "app.py"), str(tmp_path / "worker.py")
    assert (shown(inside), shown(beside)) == (str(Path("pack", "app.py")), beside)


@pytest.mark.parametrize("name", ["<string>", "<frozen runpy>"])
def test_code_without_a_file_has_no_text(name: str) -> None:
    """It is shown by the name that it has."""
    place = Place(name, 3, "main")
    assert (place.source, str(place)) == ("", f"{name}:3")


def test_code_that_was_made_at_run_time_has_a_text_if_it_was_registered() -> None:
    """Doctest and pytest's assertions do that, through `linecache`."""
    name = "<made at run time>"
    linecache.cache[name] = (14, None, ["x = 1\n", "  wait(x)\n"], name)
    try:
        assert Place(name, 2, "main").source == "wait(x)"
    finally:
        del linecache.cache[name]


def test_a_line_that_cannot_be_read_has_no_text() -> None:
    """Whatever reading it raises: the loader of its module may be anybody's."""

    class Loader:
        """The loader of a template, for example."""

        def get_source(self, name: str) -> str:
            """Fail."""
            raise RuntimeError(name)

    file = "/made/by/a/loader.py"
    linecache.lazycache(file, {"__name__": "module", "__loader__": Loader()})
    try:
        assert Place(file, 1, "main").source == ""
    finally:
        linecache.cache.pop(file, None)


def test_a_file_is_shown_although_the_working_directory_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test may have worked in a folder that it has deleted."""

    def gone() -> Path:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "cwd", gone)
    assert shown(str(tmp_path / "app.py")) == str(tmp_path / "app.py")


# Whose a file is.


@pytest.mark.parametrize(
    ("file", "owner"),
    [
        (__file__, Owner.USER),
        (USER, Owner.USER),
        ("<string>", Owner.LIBRARY),
        ("<frozen importlib._bootstrap>", Owner.PYTHON),
        (source_lines.__file__, Owner.US),
        (asyncio.__file__, Owner.PYTHON),
        (httpx2.__file__, Owner.PYTHON),
        (anyio.__file__, Owner.ASYNC_LIBRARY),
        (trio.__file__, Owner.ASYNC_LIBRARY),
        (pytest.__file__, Owner.LIBRARY),
        (str(Path(sysconfig.get_path("scripts"), "pytest")), Owner.LIBRARY),
        (str(Path(site.getusersitepackages(), "starlette", "routing.py")), Owner.LIBRARY),
        (str(Path("/usr/lib/python3/dist-packages", "starlette", "routing.py")), Owner.LIBRARY),
        (str(Path("/work/trio/tests", "test_app.py")), Owner.USER),
    ],
)
def test_a_file_belongs_to_the_user_if_it_is_neither_ours_nor_installed(file: str, owner: Owner) -> None:
    """Of what is installed, Python's own library and the few packages that are always there say less than the rest."""
    assert owners[file] is owner


@pytest.mark.parametrize("folder", [Path(source_lines.__file__).parents[2], sysconfig.get_path("stdlib")])
def test_a_folder_whose_name_only_begins_like_another_is_another(folder: object) -> None:
    """`asgi_lockstep_demo` is not ours."""
    assert owners[f"{folder}_demo{os.sep}app.py"] is Owner.USER


def test_code_that_a_person_has_typed_belongs_to_the_user() -> None:
    """It has no file; what a library has made (a dataclass, a mock) has none either, and is the library's."""
    files: list[str] = []
    look = "files.append(inspect.currentframe().f_code.co_filename)"
    names = {"files": files, "inspect": inspect}
    doctest.DocTestRunner().run(doctest.DocTestParser().get_doctest(f">>> {look}", names, "example", None, 0))
    code.InteractiveConsole(names).push(look)
    exec(look, names)
    files.append(inspect.unwrap(make_dataclass("Made", ["field"]).__eq__).__code__.co_filename)
    assert [owners[file] for file in files] == [Owner.USER, Owner.USER, Owner.LIBRARY, Owner.LIBRARY]


# The line of the test.


def test_the_test_stands_at_its_innermost_line() -> None:
    """What lies between is passed over: we, httpx2, a mock, a library that wraps the client."""
    found: Callable[[], Place | None] = line_of_test
    for file in (*PASSED_OVER, WRAPPER):
        found = through(file, found)
    place, line = found(), this_line()
    assert place == Place(__file__, line, "test_the_test_stands_at_its_innermost_line")


def link_of_test() -> Link | None:
    """The same as `line_of_test()`, as it is kept of each request."""
    __tracebackhide__ = True
    frame = frame_of_test(sys._getframe())
    return None if frame is None else Link(frame.f_code, frame.f_lasti)


def test_a_link_has_the_whole_name_of_the_file() -> None:
    """Of the same line."""
    assert str(through(WRAPPER, link_of_test)()) == f"{__file__}:{this_line()}"


def test_a_function_that_hides_from_tracebacks_is_passed_over() -> None:
    """As pytest has it."""

    def helper() -> list[object]:
        __tracebackhide__ = True
        return [line_of_test(), str(link_of_test())]

    found, line = helper(), this_line()
    name = "test_a_function_that_hides_from_tracebacks_is_passed_over"
    assert found == [Place(__file__, line, name), f"{__file__}:{line}"]


def test_a_test_of_a_library_stands_at_its_innermost_line() -> None:
    """Where no line is the user's: of what is installed, and is not only passed over."""
    look = through(httpx2.__file__, through(WRAPPER, through(httpx2.__file__, line_of_test)))
    assert on_a_stack_of_others(look) == Place(WRAPPER, 2, "call")


def test_where_nobody_is_on_the_stack_there_is_no_test() -> None:
    """A thread that only does what httpx2 and we ask for."""
    assert on_a_stack_of_others(line_of_test) is None


# The line of the app.

USERS = [Place(USER, 1, "main"), Place(str(Path("/work", "db.py")), 2, "query")]
LIBRARY = [Place(WRAPPER, 5, "watch"), Place(WRAPPER, 6, "wait")]
WAITS = [Place(anyio.__file__, 3, "sleep"), Place(asyncio.__file__, 3, "sleep")]
OURS = [Place(source_lines.__file__, 4, "_receive")]


def test_a_task_stands_at_the_innermost_line_that_the_user_wrote() -> None:
    """Whatever that has called."""
    assert line_of_app([*LIBRARY, *USERS, *LIBRARY, *WAITS, *OURS]) == USERS[1]


def test_a_task_of_a_library_stands_at_the_innermost_line_of_the_library() -> None:
    """If nothing of it is the user's: where it sleeps or waits says less."""
    assert line_of_app([*WAITS, *LIBRARY, *WAITS, *OURS]) == LIBRARY[1]


def test_a_task_of_an_async_library_stands_at_a_line_of_that_or_else_of_python() -> None:
    """If there is nothing else; what is ours is left out."""
    assert [line_of_app([*WAITS, *OURS]), line_of_app([WAITS[1], *OURS])] == WAITS


def test_a_place_without_a_line_is_not_where_a_task_stands() -> None:
    """Code of Cython is called by the name that its file had where it was made, and nobody could look it up."""
    assert line_of_app([USERS[0], Place("grpc/server.pyx", 0, "wait")]) == USERS[0]


@pytest.mark.parametrize("found", [[], OURS])
def test_a_task_of_which_nothing_is_known_stands_nowhere(found: list[Place]) -> None:
    """It has not begun, or is ours alone."""
    assert line_of_app(found) is None


# The line of whoever creates a task.


def created(create: Callable[[], object]) -> Creation:
    """How a task was created by `create()`, called in a step of a loop that this function runs."""
    found: list[Creation] = []

    def factory(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> Any:
        found.append(through(source_lines.__file__, creation)())
        return asyncio.Task(coro, loop=loop, **options)

    factory.__code__ = factory.__code__.replace(co_filename=source_lines.__file__)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(factory)
        loop.call_soon(create)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(main())
    return found[0]


async def child() -> None:
    """A task."""


def create() -> None:
    """Create one."""
    asyncio.ensure_future(child())  # noqa: RUF006


def test_a_task_is_created_at_the_innermost_line_of_the_user() -> None:
    """Whatever that has called."""
    assert created(create) == (Place(__file__, create.__code__.co_firstlineno + 2, "create"), True)


def test_a_task_that_a_library_creates_is_created_there() -> None:
    """Not where the test has the loop turned: that has not caused it."""
    start = through(WRAPPER, partial(asyncio.ensure_future, child()))
    assert created(start) == (Place(WRAPPER, 2, "call"), False)


def test_a_task_that_a_library_creates_for_itself_is_none_of_the_users() -> None:
    """Although the user has called it, whose line is shown; a library of tasks only does what it is asked for."""
    start = partial(asyncio.ensure_future, child())
    calls = {
        "through a library": lambda: through(WRAPPER, start)(),
        "through anyio": lambda: through(anyio.__file__, partial(asyncio.ensure_future, child()))(),
    }
    found = {how: created(call) for how, call in calls.items()}
    shown_at = {created.place and created.place.file for created in found.values()}
    by_user = {how: created.by_user for how, created in found.items()}
    assert (shown_at, by_user) == ({__file__}, {"through a library": False, "through anyio": True})
