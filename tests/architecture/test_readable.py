"""What a reader can hold in the head: the length of files and functions, and that each file says what it is for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.package import OURS, PACKAGE, TREES

TESTS = Path(__file__).parents[1]

#: How many lines a file may have.
LINES = 350

#: How many lines a function may have, besides its docstring.
LINES_OF_FUNCTION = 50

FOLDERS = sorted(name.removesuffix("__init__.py") for name in TREES if name.endswith("__init__.py"))


def too_long(folder: Path) -> Iterator[str]:
    """The files and functions of `folder` that are longer than allowed."""
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > LINES:
            yield name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = (ast.get_docstring(node, clean=False) or "").count("\n")
                assert node.end_lineno is not None
                if node.end_lineno - node.lineno - docstring > LINES_OF_FUNCTION:
                    yield f"{name}: {node.name}"


@pytest.mark.parametrize("folder", [PACKAGE, TESTS], ids=["package", "tests"])
def test_files_and_functions_have_a_readable_size(folder: Path) -> None:
    """A reviewer holds one in the head, of the tests as well."""
    assert list(too_long(folder)) == []


def test_the_docstring_of_a_file_begins_with_a_sentence() -> None:
    """One line that stands for the whole file."""
    wrong = []
    for name, tree in TREES.items():
        first = (ast.get_docstring(tree) or "").split("\n")[0]
        if not re.fullmatch(r"[A-Z`].*\.", first):
            wrong.append(f"{name}: {first}")
    assert wrong == []


def listed(folder: str) -> list[str]:
    """The names that the docstring of a folder lists, in its order: what begins a line that is indented by four."""
    docstring = ast.get_docstring(TREES[f"{folder}__init__.py"]) or ""
    lines = re.findall(r"^ {4}(\S.*?)(?: {2,}.*)?$", docstring, re.MULTILINE)
    return [name.rstrip("/").removesuffix(".py") for line in lines for name in line.split(", ")]


def content(folder: str) -> list[str]:
    """The names of the files and folders in a folder."""
    names = {name.removeprefix(folder).split("/")[0].removesuffix(".py") for name in TREES if name.startswith(folder)}
    return sorted(names - {"__init__"})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder or "asgi_lockstep")
def test_the_docstring_of_a_folder_names_what_is_in_it(folder: str) -> None:
    """Each file and each folder, once."""
    assert sorted(listed(folder)) == content(folder)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder or "asgi_lockstep")
def test_the_docstring_of_a_folder_goes_from_the_bottom_to_the_top(folder: str) -> None:
    """Who reads the files in its order knows everything that the next one imports."""
    order = listed(folder)
    wrong = []
    for name in TREES:
        importer = order_of(name, folder, order)
        for imported in OURS[name]:
            other = order_of(imported, folder, order)
            if importer is not None and other is not None and other > importer:
                wrong.append(f"{name} imports {imported}")
    assert wrong == []


def order_of(name: str, folder: str, order: list[str]) -> int | None:
    """Where `order` lists the file `name`, or the folder that it is in; None if it is not in `folder`."""
    if not name.startswith(folder) or name == f"{folder}__init__.py":
        return None
    return order.index(name.removeprefix(folder).split("/")[0].removesuffix(".py"))
