"""What all commands that run an app have in common: their options, and the client that is made of them."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial, wraps
from pathlib import Path
from typing import Any, Literal

import click

from .._client.options import BASE_URL, TIMEOUT
from .._client.sync_client import TestClient
from .._drivers.turning.backends import ROWS
from .._protocol.rule_book import RULES as RULES_OF_ASGI
from .._protocol.rule_book import SETS, VERDICTS
from .._protocol.servers import SERVERS
from ..errors import NotAnASGIApp
from .app_hints import near
from .app_import import load
from .options import Option
from .outcomes import outcome
from .shell_line import FILE, run_as_line
from .timeline_files import SUFFIXES, checked_path, save_timeline_of


@dataclass(frozen=True)
class Setup:
    """The values of the options below; a command has some or all of them."""

    app: str
    app_dir: Path
    factory: bool
    backend: Literal["asyncio", "trio"]
    no_lifespan: bool
    root_path: str
    base_url: str
    timeout: float
    all_frames: bool
    clock: Literal["real", "virtual"] = "real"
    server: Literal["uvicorn", "hypercorn", "daphne", "granian"] = "uvicorn"
    rules: Mapping[str, str] | str = "servers"
    timeline: Path | None = None


def _rules(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> Mapping[str, str]:
    """`spec`, or `buffer=off`, or several of them: what `rules=` of a client takes."""
    rules = {}
    for value in given:
        name, equals, verdict = value.partition("=")
        if not equals and name not in SETS:
            raise click.BadParameter(f"{value!r} is neither {', '.join(SETS)} nor RULE=VERDICT, as in buffer=off.")
        if equals and verdict not in VERDICTS:
            raise click.BadParameter(f"{value!r}: a verdict is one of {', '.join(VERDICTS)}.")
        if equals and name not in RULES_OF_ASGI:
            raise click.BadParameter(
                f"there is no rule {name!r}: docs/rules.md has all of them.{near(name, RULES_OF_ASGI)}"
            )
        rules[name if equals else "default"] = verdict if equals else name
    return rules


APP = click.Argument(["app"], metavar="APP")

#: How the app is found and run.
APP_OPTIONS = (
    Option(
        ["--app-dir"],
        section="App",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=".",
        help="Where the module of the app is looked for first.  [default: here]",
    ),
    Option(["--factory"], section="App", is_flag=True, help="Call APP, with nothing: it makes the app."),
    Option(
        ["--backend"],
        section="App",
        type=click.Choice([*ROWS]),
        default="asyncio",
        show_default=True,
        help="On which library the app runs.",
    ),
    Option(
        ["--no-lifespan"],
        section="App",
        is_flag=True,
        help="Do not start and stop the app.",
    ),
    Option(["--root-path"], section="App", default="", help="The root_path of the scope."),
    Option(["--base-url"], section="App", default=BASE_URL, show_default=True, help="What PATH is relative to."),
    Option(
        ["--timeout"],
        section="App",
        type=click.FloatRange(min=0, min_open=True),
        default=TIMEOUT,
        show_default=True,
        help="For how many seconds the app may do nothing.",
    ),
    Option(
        ["--all-frames"], section="App", is_flag=True, help="Show the lines of libraries in tracebacks of the app, too."
    ),
)

CLOCK = Option(
    ["--clock"],
    section="App",
    type=click.Choice(["real", "virtual"]),
    default="real",
    show_default=True,
    help="virtual: what the app sleeps passes at once.",
)

SERVER = Option(
    ["--server"],
    section="App",
    type=click.Choice([*SERVERS]),
    default="uvicorn",
    show_default=True,
    help="Whose habits count where servers differ.",
)

RULES = Option(
    ["--rules"],
    section="App",
    multiple=True,
    callback=_rules,
    metavar="SET|RULE=VERDICT",
    help="What becomes of an app that breaks a rule of ASGI: servers, spec or off; buffer=off for one rule.",
)

TIMELINE = Option(
    ["--timeline"],
    section="Output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    callback=checked_path,
    metavar="FILE",
    help=f"Save what happened, and when; the suffix says as what: {' '.join(SUFFIXES)}",
)


def with_setup(function: Callable[..., None]) -> Callable[..., None]:
    """Decorate the function of a command: the options of `Setup` become one, and what it raises an exit status."""
    names = {field.name for field in fields(Setup)}

    @wraps(function)
    def call(**values: Any) -> None:
        setup = Setup(**{name: values.pop(name) for name in names & values.keys()})
        command = function.__name__
        with outcome(setup.all_frames):
            run_as_line(_typed(command, setup.app, values), command, partial(function, setup, **values))

    return call


def _typed(command: str, app: str, values: Mapping[str, Any]) -> str:
    """What was typed, without options: some of them are secrets."""
    found = (values[name] for name in ("target", "path", "paths") if name in values)
    words = [word for value in found for word in ([value] if isinstance(value, str) else value)]
    return shlex.join([FILE, command, app, *words])


def _says_more(record: logging.LogRecord) -> bool:
    """Whether a line of the log says what the end of a command does not: what is no app ends it, and is said there."""
    return not any(isinstance(arg, NotAnASGIApp) for arg in record.args or ())


@contextmanager
def client_of(setup: Setup, **more: Any) -> Iterator[TestClient]:
    """The client of the app, entered: its lifespan is run around the block. The timeline is saved after that.

    Args:
        setup: what the options say.
        more: further arguments of the client.

    Raises:
        UsageError: the client does not take what the options say.
    """
    app = load(setup.app, setup.app_dir, setup.factory)
    said: dict[str, Any] = {"rules": setup.rules or "servers", "timeout": setup.timeout} | more
    client = TestClient(
        app,
        setup.base_url,
        root_path=setup.root_path,
        backend=setup.backend,
        lifespan="off" if setup.no_lifespan else "auto",
        clock=setup.clock,
        server=setup.server,
        **said,
    )
    logger = logging.getLogger("asgi_lockstep")
    logger.addFilter(_says_more)
    try:
        with client:
            yield client
    finally:
        logger.removeFilter(_says_more)
        if setup.timeline is not None:
            save_timeline_of(client, setup.timeline)
