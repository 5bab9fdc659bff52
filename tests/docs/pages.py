"""The pages of the documentation, and the code in them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def text_of(page: str) -> str:
    """The text of a page, by its path in the repository."""
    return (ROOT / page).read_text(encoding="utf-8")


def files_of(page: str) -> dict[str, str]:
    """The blocks of Python of a page by the file that their first line names."""
    blocks = re.findall(r"```python\n(.*?)```", text_of(page), flags=re.DOTALL)
    named = {block.partition("\n")[0]: block for block in blocks}
    assert len(named) == len(blocks), f"two blocks of {page} are of one file"
    return {line.removeprefix("# "): block for line, block in named.items()}


def names_of_tests(block: str) -> list[str]:
    """The functions of a block that are tests."""
    return re.findall(r"^ *(?:async )?def (test_\w+)", block, flags=re.MULTILINE)
