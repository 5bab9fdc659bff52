"""Every row about other people's code, looked up in what is installed."""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._drivers.inspection.known_code import (
    FILES,
    FUNCTIONS,
    SIGNAL_HANDLERS,
    KnownFile,
    KnownFunction,
    Meaning,
    meanings_of_file,
    stands_in,
)
from asgi_lockstep._drivers.turning import worker_thread
from asgi_lockstep._drivers.turning.turn_lock import TurnLock
from asgi_lockstep._drivers.turning.worker_thread import WorkerThread

#: Our own functions that say what they mean.
OURS = [
    (WorkerThread._serve, Meaning.CANNOT_CALL_IN),
    (worker_thread._Job.wait, Meaning.CANNOT_CALL_IN),
    (TurnLock._wait, Meaning.CANNOT_CALL_IN),
    (AppCall._receive, Meaning.RECEIVES),
]


def module_of(file: str) -> str:
    """The name of the module (or of the package) that the row is about."""
    return file.strip("/").removesuffix(".py").replace("/", ".")


def spec_of(module: str) -> ModuleSpec | None:
    """Where the module is installed; skips the test where its package is not."""
    package = module.split(".")[0]
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    return find_spec(module)


def installed(module: str) -> str:
    """The package of the module, and the version that is installed."""
    package = module.split(".")[0]
    return ", ".join(f"{name} {version(name)}" for name in packages_distributions().get(package, ())) or "this Python"


def code_of(spec: ModuleSpec | None) -> CodeType | None:
    """The code of the module; None if there is none in Python."""
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return compile(Path(spec.origin).read_text("utf-8"), spec.origin, "exec")


def functions_in(code: CodeType | None) -> Iterator[CodeType]:
    """All functions that are defined in the code, also those in classes and in other functions."""
    for constant in () if code is None else code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from functions_in(constant)


def text_of(code: CodeType) -> str:
    """The lines of the function."""
    return "".join(linecache.getline(code.co_filename, line) for _, _, line in code.co_lines() if line)


@pytest.mark.parametrize("row", FUNCTIONS, ids=lambda row: f"{row.file[1:]}-{row.function}-{row.means.name}")
def test_the_function_of_a_row_exists(row: KnownFunction) -> None:
    """In the installed version, with the line that the row looks for; modules of other systems are only read."""
    module = module_of(row.file)
    found = [
        function
        for function in functions_in(code_of(spec_of(module)))
        if function.co_name == row.function
        and function.co_filename.replace("\\", "/").endswith(row.file)
        and row.line in text_of(function)
    ]
    assert found, (
        f"{row.read_in} has a function {row.function}() in {row.file}{row.line and f' with a line {row.line!r}'}, and "
        f"{installed(module)} has none. Read there where somebody now stands who means {row.means.name}; then mend the "
        "row in known_code.py, or add one if the older version is still supported."
    )


@pytest.mark.parametrize("row", FILES, ids=lambda row: f"{row.part[1:]}-{row.means.name}")
def test_the_file_of_a_row_exists(row: KnownFile) -> None:
    """In the installed version."""
    module = module_of(row.part)
    spec = spec_of(module)
    assert spec is not None and spec.origin is not None and row.means in meanings_of_file(spec.origin), (  # noqa: PT018
        f"{row.read_in} has {row.part}, and {installed(module)} has not: see what it is called there, and mend the row "
        "in known_code.py."
    )


@pytest.mark.parametrize("module", SIGNAL_HANDLERS)
def test_the_modules_whose_signal_handlers_are_not_the_apps_exist(module: str) -> None:
    """In the installed version."""
    assert spec_of(module) is not None, f"{installed(module)} has no module {module}: mend SIGNAL_HANDLERS."


@pytest.mark.parametrize(("function", "meaning"), OURS, ids=lambda value: getattr(value, "__qualname__", None))
def test_a_function_of_ours_says_itself_what_it_means(function: Any, meaning: Meaning) -> None:
    """So that its name can change; a function of the same name in another file means nothing."""
    code = function.__code__
    found = [
        stands_in((meaning,), file, code.co_name, str)
        for file in (code.co_filename, code.co_filename.replace("/", "\\"), "/work/app.py")
    ]
    assert found == [True, True, False]


def test_every_meaning_is_that_of_something() -> None:
    """None is left over."""
    assert {*(row.means for row in (*FUNCTIONS, *FILES)), *(meaning for _, meaning in OURS)} == set(Meaning)


def test_a_line_is_only_looked_at_where_a_row_asks_for_it() -> None:
    """And tells one function from itself elsewhere."""
    asked: list[str] = []

    def line(text: str) -> str:
        asked.append(text)
        return text

    def stands(text: str, *meanings: Meaning) -> bool:
        return stands_in(meanings, "/lib/concurrent/futures/thread.py", "_worker", lambda: line(text))

    assert (stands("item.run()", Meaning.WORKER), asked) == (True, [])
    found = [stands("item = queue.get(block=True)", Meaning.IDLE), stands("item.run()", Meaning.IDLE)]
    assert (found, asked) == ([True, False], ["item = queue.get(block=True)", "item.run()"])
