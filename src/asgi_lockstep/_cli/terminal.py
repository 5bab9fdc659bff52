"""What is printed: coloured and indented where a person looks at a terminal, as it is where a pipe takes it."""

from __future__ import annotations

import json
import sys
from typing import IO, Any, NoReturn

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

#: How wide tables are where nobody has a window: in a pipe or a file.
WIDTH_OF_PIPES = 120

#: The languages that are highlighted, by the last part of a content type.
_LANGUAGES = {
    "json": "json",
    "html": "html",
    "xml": "xml",
    "css": "css",
    "javascript": "javascript",
    "yaml": "yaml",
    "x-yaml": "yaml",
    "markdown": "markdown",
}

_THEME = "ansi_dark"


class OutputGone(Exception):
    """Who has read our output reads no more, for example `head`."""


class Screen(Console):
    """A console of rich that says when nobody reads any more, and has the few ways in which we print.

    Args:
        stream: where to.
    """

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(file=stream, highlight=False)
        if not self.is_terminal:
            self.width = WIDTH_OF_PIPES

    def on_broken_pipe(self) -> NoReturn:
        """See `rich.console.Console`."""
        raise OutputGone

    def text(self, text: str = "", style: str = "") -> None:
        """Print lines as they are: nothing in them is markup, and none is broken."""
        self.print(Text(text, style=style), soft_wrap=True)

    def syntax(self, text: str, language: str) -> None:
        """Print lines in the colours of a language, where there are colours."""
        if not self.is_terminal:
            self.text(text)
            return
        highlighted = Syntax(text, language, theme=_THEME, background_color="default").highlight(text)
        highlighted.rstrip()
        self.print(highlighted, soft_wrap=True)


def stdout() -> Screen:
    """Where results go; made anew for each use, because tests replace the stream."""
    return Screen(sys.stdout)


def stderr() -> Screen:
    """Where everything goes that is no result."""
    return Screen(sys.stderr)


def write(data: bytes) -> None:
    """Write bytes to stdout as they are, at once.

    Raises:
        OutputGone: nobody reads them.
    """
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise OutputGone from None


def language_of(content_type: str) -> str | None:
    """In which language a body is written, as far as it is highlighted; `""` for other text, None for no text.

    Example:
        >>> language_of("application/problem+json"), language_of("text/plain; charset=utf-8"), language_of("image/png")
        ('json', '', None)
    """
    kind, _, rest = content_type.partition(";")[0].strip().lower().partition("/")
    language = _LANGUAGES.get(rest.rpartition("+")[2])
    return language if language or kind != "text" else ""


def print_content(screen: Screen, text: str, language: str) -> None:
    """Print a body for a person: JSON indented, the languages that are known in their colours."""
    if language == "json":
        text = indented(text)
    if language:
        screen.syntax(text, language)
    else:
        screen.text(text.removesuffix("\n"))


def indented(text: str) -> str:
    """JSON with a line for each value; what is no JSON stays as it is."""
    try:
        return as_json(json.loads(text), indent=2)
    except ValueError:
        return text


def as_json(value: Any, indent: int | None = None) -> str:
    """`value` as JSON, with all letters as they are."""
    return json.dumps(value, indent=indent, ensure_ascii=False)
