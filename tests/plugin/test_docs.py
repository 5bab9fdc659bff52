"""What docs/pytest.md shows is run, and its texts are those of the plugin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugin.suites import lines_of
from plugin.test_live_servers import SKIPPED
from plugin.test_markers import UNKNOWN

PAGE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text(encoding="utf-8")


def test_its_texts_are_those_of_the_plugin() -> None:
    """Of a mistake in a marker, and of a test that is skipped."""
    texts = re.findall(r"```text\n(.*?)\n```", PAGE, re.DOTALL)
    assert texts[0] == f"test_it: @pytest.mark.asgi: {UNKNOWN}"
    assert texts[1] == SKIPPED[0]


@pytest.mark.parametrize("option", ["asgi_app", "asgi_scope", "asgi_timeline", "asgi_rules", "asgi_driver"])
def test_each_option_of_the_configuration_is_there(option: str) -> None:
    """By its name."""
    assert option in PAGE


def test_each_option_of_the_command_line_is_there(pytester: pytest.Pytester) -> None:
    """By its name."""
    options = re.findall(r"^  (--asgi-[a-z-]+)", "\n".join(lines_of(pytester, "--help")), re.MULTILINE)
    assert [option for option in options if option not in PAGE] == []
    assert len(options) == 9
