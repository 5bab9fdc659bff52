"""`asgi-lockstep check`: which rules of ASGI an app breaks, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from .._client.sync_client import TestClient
from .._protocol.rule_book import RULES
from ..errors import ProtocolViolation, WebSocketDisconnect
from .broken_rules import Visit, as_dict, found_in, print_table
from .options import HEAD, Command, Head, Option
from .outcomes import FAILED, tells_that_the_client_has_closed
from .routes import paths_of
from .setup import APP, APP_OPTIONS, CLOCK, SERVER, TIMELINE, Setup, client_of, with_setup
from .terminal import as_json, stdout

OPTIONS = (
    Option(["-X", "--method"], section="Request", default="GET", show_default=True, help="The method of all requests."),
    Option(
        ["--all-routes"],
        section="Request",
        is_flag=True,
        help="Request each path that answers GET and has no parameters, where the app says which (Starlette, FastAPI).",
    ),
    Option(["--json"], section="Output", is_flag=True, help="Print JSON instead of a table."),
    TIMELINE,
)

#: Each rule is looked at, and none ends a request before it has shown what else it breaks.
_ALL_RECORDED = dict.fromkeys(RULES, "record")

#: What a path begins with that is a websocket's.
_WEBSOCKET = "ws:"

EXAMPLES = (
    "asgi-lockstep check shop:app",
    "asgi-lockstep check shop:app /notes /report ws:/chat",
    "asgi-lockstep check shop:app --all-routes --json",
)


@click.command(
    cls=Command,
    examples=EXAMPLES,
    short_help="Say which rules of ASGI an app breaks, and where.",
    params=[
        APP,
        click.Argument(["paths"], nargs=-1, metavar="[PATH]..."),
        *HEAD,
        *OPTIONS,
        *APP_OPTIONS,
        CLOCK,
        SERVER,
    ],
)
@with_setup
def check(setup: Setup, paths: Sequence[str], method: str, all_routes: bool, json: bool, **values: Any) -> None:
    """Request each PATH, and say which rules of ASGI the app breaks, where, and what servers do then.

    PATH is / unless it is given; ws:/chat opens a websocket, and closes it. docs/rules.md has all rules.

    The exit status is 0 if no rule was broken, 1 if one was, or if the app has raised.
    """
    head = Head(**values)
    with client_of(setup, rules=_ALL_RECORDED, **head.of_client()) as client:
        wanted = [*paths, *(_routes(client) if all_routes else ())] or ["/"]
        seen = Seen(client)
        visits = _lifespan(seen, "started")
        visits += [_visit(client, method, path, head, seen) for path in wanted]
    visits += _lifespan(seen, "stopped")
    broken = found_in(visits)
    if json:
        stdout().text(as_json(as_dict(visits, broken), indent=2))
    else:
        print_table(visits, broken)
    raise click.exceptions.Exit(FAILED if broken or any(visit.failure for visit in visits) else 0)


class Seen:
    """The violations of a client, each of which is new once.

    Args:
        client: whose they are.
    """

    def __init__(self, client: TestClient) -> None:
        self._client = client
        self._known: dict[int, ProtocolViolation] = {}

    def new(self) -> list[ProtocolViolation]:
        """Those that have come since this was asked the last time."""
        found = {id(violation): violation for violation in self._client.violations if id(violation) not in self._known}
        self._known |= found
        return [*found.values()]


def _lifespan(seen: Seen, answer: str) -> list[Visit]:
    """What the app has broken while it was started or stopped: shown where there is something."""
    violations = seen.new()
    return [Visit("lifespan", answer, violations)] if violations else []


def _routes(client: TestClient) -> Iterator[str]:
    found = paths_of(client.app)
    if found is None:
        raise click.UsageError("--all-routes needs an app with routes, as Starlette and FastAPI have them. Name paths.")
    yield from found


def _visit(client: TestClient, method: str, path: str, head: Head, seen: Seen) -> Visit:
    """Make one request, or open one websocket."""
    failure: Exception | None = None
    answer = ""
    is_websocket = path.startswith(_WEBSOCKET)
    request = f"websocket {path.removeprefix(_WEBSOCKET)}" if is_websocket else f"{method.upper()} {path}"
    try:
        if is_websocket:
            answer = _opened(client, head.url(path.removeprefix(_WEBSOCKET)), head)
        else:
            answer = _answered(client, method.upper(), head.url(path), head)
    except Exception as exception:  # whatever the app raises is what is to be shown
        failure = exception
    violations = seen.new()
    if isinstance(failure, ProtocolViolation):
        violations += [] if any(violation is failure for violation in violations) else [failure]
        failure = None
    return Visit(request, answer, violations, failure)


def _answered(client: TestClient, method: str, url: str, head: Head) -> str:
    """The status of a response, when all of it has come; a stream of events, which may have no end, is left before."""
    with client.stream(method, url, **head.of_request()) as response:
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            next(response.iter_raw(), None)
            return f"{response.status_code} (a stream, and left)"
        response.read()
    return str(response.status_code)


def _opened(client: TestClient, url: str, head: Head) -> str:
    try:
        with client.websocket_connect(url, **head.of_request()):
            return "accepted"
    except WebSocketDisconnect:
        return "refused"
    except Exception as exception:
        if tells_that_the_client_has_closed(exception):
            return "accepted"
        raise
