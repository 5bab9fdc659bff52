"""The commands, and what they are called by."""

from __future__ import annotations

import click

from .bench import bench
from .check import check
from .completion import completion
from .options import Group
from .report import report
from .request import request
from .sse import sse
from .ws import ws

EXAMPLES = (
    "asgi-lockstep request shop:app /notes",
    "asgi-lockstep ws shop:app /chat",
    "asgi-lockstep check shop:app --all-routes",
)


@click.group(
    name="asgi-lockstep", cls=Group, examples=EXAMPLES, context_settings={"help_option_names": ["--help", "-h"]}
)
@click.version_option(package_name="asgi-lockstep", prog_name="asgi-lockstep")
def cli() -> None:
    """Try an ASGI app without a server: it runs in this process, and only while a command waits for it.

    APP is module:attribute, or module:function() for a function that makes the app. Each command has a --help.
    """


for command in (request, sse, ws, check, bench, report, completion):
    cli.add_command(command)
