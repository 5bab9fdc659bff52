"""The body of a request as the options of a command line have it: JSON, a form, files, or bytes."""

from __future__ import annotations

import json
import mimetypes
import sys
from pathlib import Path
from typing import Any

import click

from .options import Option, Pairs, pairs

_NAMED_FILE = "name=@file"

BODY = (
    Option(
        ["--json", "json_text"],
        section="Body",
        metavar="JSON|@FILE|-",
        help="Send JSON; @FILE reads it from a file, - from stdin.",
    ),
    Option(
        ["-d", "--data", "fields"],
        section="Body",
        callback=pairs("=", "name=value"),
        multiple=True,
        metavar="NAME=VALUE",
        help="Send a field of a form; may be given more than once, as the next one.",
    ),
    Option(
        ["-F", "--file", "files"],
        section="Body",
        callback=pairs("=", _NAMED_FILE),
        multiple=True,
        metavar="NAME=@FILE",
        help="Send a file of a form; with ;type=image/png at the end it has this type, otherwise that of its suffix.",
    ),
    Option(
        ["--content", "content"],
        section="Body",
        metavar="TEXT|@FILE|-",
        help="Send text as it is; @FILE sends a file, - what comes from stdin.",
    ),
)

#: The options that exclude each other; fields and files are one form.
_KINDS = ("--json", "--content", "--data and --file")


def body_of(
    json_text: str | None,
    fields: Pairs,
    files: Pairs,
    content: str | None,
) -> dict[str, Any]:
    """The values of `BODY` as methods of a client take them; empty if there is no body.

    Raises:
        click.UsageError: they are more than one body, or what they name cannot be read.
    """
    given = [json_text is not None, content is not None, bool(fields or files)]
    if sum(given) > 1:
        written = " and of ".join(kind for kind, is_given in zip(_KINDS, given, strict=True) if is_given)
        raise click.UsageError(f"A request has one body, and this one has that of {written}. Leave one of them out.")
    if json_text is not None:
        return {"json": _parsed(_text_of("--json", json_text))}
    if content is not None:
        return {"content": _text_of("--content", content)}
    form: dict[str, Any] = {}
    if fields:
        form["data"] = {name: [value for other, value in fields if other == name] for name, _ in fields}
    if files:
        form["files"] = [(name, _file(name, value)) for name, value in files]
    return form


def _text_of(option: str, value: str) -> bytes:
    """What an option says: itself, or the content of a file, or of stdin."""
    if value == "-":
        return sys.stdin.buffer.read()
    return _read(option, value[1:]) if value.startswith("@") else value.encode()


def _read(option: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{option} names the file {path!r}, which cannot be read: {error.strerror}.") from None


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"What --json sends is no JSON: {error}. --content sends text as it is.") from None


def _file(name: str, value: str) -> tuple[str, bytes, str]:
    path, _, kind = value.partition(";type=")
    if not path.startswith("@"):
        raise click.UsageError(
            f"--file {name}={value} names no file: write {name}=@{value}. A field with this text is "
            f"--data {name}={value}."
        )
    guessed = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Path(path[1:]).name, _read("--file", path[1:]), kind or guessed
