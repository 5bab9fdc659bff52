"""Every example in docs/ and in the README is run, and prints what the page says; `doc_pages` has the convention."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from doc_commands import ROOT, Commands
from doc_pages import Block, Project, blocks_of, first_missing, run_program

PAGES = {
    path.relative_to(ROOT).as_posix(): blocks_of(path)
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
}

PROGRAMS = {page: parts for page, blocks in PAGES.items() if (parts := [block for block in blocks if block.is_program])}

PROJECTS = {page: blocks for page, blocks in PAGES.items() if any(block.file for block in blocks)}


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    """What runs the commands of all pages."""
    with Commands() as commands:
        yield commands


@pytest.fixture
def no_deadline() -> Iterator[None]:
    """How long an example of Hypothesis takes says nothing, on a machine that does something else, too."""
    settings.register_profile("pages", deadline=None, derandomize=True, database=None)
    settings.load_profile("pages")
    yield
    settings.load_profile("default")


@pytest.mark.usefixtures("no_deadline")
@pytest.mark.parametrize("page", PROGRAMS)
def test_the_program_of_a_page_runs(page: str) -> None:
    """Its blocks without a title, as one program, and the tests in it."""
    run_program(PROGRAMS[page])


@pytest.mark.parametrize("page", PROJECTS)
def test_the_files_of_a_page_do_what_it_shows(page: str, tmp_path: Path, commands: Commands) -> None:
    """Its commands print what stands below them, and the tests that no command has run pass."""
    assert [*Project(tmp_path, commands).play(PROJECTS[page])] == []


def test_every_block_of_python_compiles() -> None:
    """Also what somebody has with another library, which may not be installed here."""
    python = [block for blocks in PAGES.values() for block in blocks if block.language == "python"]
    assert [block.compiled() is not None for block in python] == [True] * len(python)


def test_every_block_has_a_language_of_the_convention() -> None:
    """Code with another tag would be run by nobody."""
    known = {"python", "console", "text", "ini", "toml", "yaml", "html", "sh"}
    unknown = [block for blocks in PAGES.values() for block in blocks if block.language not in known]
    hidden = [block for blocks in PAGES.values() for block in blocks if block.language == "text" and is_code(block)]
    assert [f"{block.page}:{block.line}" for block in [*unknown, *hidden]] == []


def is_code(block: Block) -> bool:
    """A definition or an import at the beginning of a line."""
    return bool(re.search(r"^(async def|def|import|from \w+ import)\b", block.text, flags=re.MULTILINE))


def test_the_times_of_a_timeline_do_not_count() -> None:
    """Its events do."""
    output = "   0.8 ms  test: enter the client\n1234.5 ms  test: GET /\n"
    assert first_missing(["  99.9 ms  test: enter the client", "   100.0 ms  test: GET /"], output) == ""
    assert first_missing(["   0.8 ms  test: GET /notes"], output) == "   0.8 ms  test: GET /notes"


def test_an_output_is_compared_line_by_line() -> None:
    """`...` stands for any lines, a duration is any duration; what lacks is named, up to the next `...`."""
    output = "collected 1 item\n\n.\nFAILED test_app.py::test\n1 failed in 0.12s\n"
    assert first_missing(["...", "FAILED test_app.py::test", "1 failed in 3.45s"], output) == ""
    assert first_missing(["collected 1 item", "...", "2 failed in 0.12s"], output) == "2 failed in 0.12s"
    assert first_missing(["1 failed in 0.12s", "...", "collected 1 item"], output) == "collected 1 item"
    assert first_missing(["collected 1 item", "1 failed in 0.12s"], output) == "collected 1 item\n1 failed in 0.12s"
