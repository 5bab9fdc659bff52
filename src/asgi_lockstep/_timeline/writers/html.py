"""A timeline as one page of HTML, which needs no other file and no network."""

from __future__ import annotations

import base64
import functools
import hashlib
import html
from importlib.resources import files
from string import Template
from typing import Final

from ..timeline import Timeline
from .page_data import page_data

#: The parts of the script, in this order: each uses what stands above it.
SCRIPTS: Final = (
    "dom.js",
    "words.js",
    "model.js",
    "filters.js",
    "rolling_list.js",
    "diagram.js",
    "rows.js",
    "values.js",
    "details.js",
    "time_scale.js",
    "waterfall.js",
    "controls.js",
    "keys.js",
    "main.js",
)

#: The parts of the style, each for a part of the page; the last ones change what stands above them.
STYLES: Final = (
    "palette.css",
    "base.css",
    "controls.css",
    "frame.css",
    "waterfall.css",
    "filters.css",
    "sequence.css",
    "drawings.css",
    "details.css",
    "help.css",
    "phone.css",
)

#: What the page may do: run its own script, by its hash, and nothing else. No script that came with the data runs, no
#: connection is made, and nothing is fetched.
_POLICY: Final = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; connect-src 'none'; "
    "base-uri 'none'; form-action 'none'"
)


def as_html(timeline: Timeline) -> str:
    """The page of `timeline`.

    Args:
        timeline: What it shows; the page of 5,000 events has about 3 MB.

    Returns:
        A whole document, to be saved as UTF-8. It is made of ASCII where it shows data.
    """
    style, script = _style(), _script()
    return Template(_part("page.html")).substitute(
        title=html.escape(timeline.title or "timeline"),
        policy=_POLICY.format(script=_hash(script), style=_hash(style)),
        style=style,
        script=script,
        data=page_data(timeline),
    )


@functools.cache
def _script() -> str:
    """All parts as one strict function, so that no name of theirs is a global one."""
    return '(() => {\n"use strict";\n' + "\n".join(_part(name) for name in SCRIPTS) + "})();\n"


@functools.cache
def _style() -> str:
    return "\n".join(map(_part, STYLES))


@functools.cache
def _part(name: str) -> str:
    """A file of the folder `page`."""
    return (files(__name__.rpartition(".")[0]) / "page" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """How a content security policy names a script or a style that stands in the page."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
