"""`asgi-lockstep report`: a timeline that was saved, in another form."""

from __future__ import annotations

from pathlib import Path

import click

from .options import Command, Option
from .outcomes import outcome
from .terminal import stdout, write
from .timeline_files import SUFFIXES, checked_path, load, save

EXAMPLES = (
    "asgi-lockstep report notes.jsonl",
    "asgi-lockstep request shop:app /notes --timeline notes.jsonl",
    "asgi-lockstep report notes.jsonl -o notes.html",
    "asgi-lockstep report notes.jsonl -o notes.svg -o notes.har",
)


@click.command(
    cls=Command,
    examples=EXAMPLES,
    short_help="Turn a saved timeline into a page, a drawing, ...",
    params=[
        click.Argument(["file"], type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.jsonl"),
        Option(
            ["-o", "--output"],
            section="Output",
            multiple=True,
            type=click.Path(dir_okay=False, writable=True, path_type=Path),
            callback=checked_path,
            metavar="FILE",
            help=f"Where to; the suffix says as what: {' '.join(SUFFIXES)}. May be given more than once."
            "  [default: print it]",
        ),
    ],
)
def report(file: Path, output: tuple[Path, ...]) -> None:
    """Write a timeline that was saved as .jsonl as a page, a drawing, a HAR file, a text, or a trace.

    Without -o it is printed.
    """
    with outcome():
        timeline = load(file)
        for path in output:
            save(timeline, path)
        if not output:
            screen = stdout()
            write(timeline.text(screen.width, screen.is_terminal).encode())
