"""`asgi-lockstep bench`: how long requests take inside of the app, one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import click
from rich.progress import MofNCompleteColumn
from rich.text import Text

from .._client.sync_client import TestClient
from .body import BODY, body_of
from .options import HEAD, Command, Head, Option
from .outcomes import status_of_response
from .progress import progress
from .setup import APP, APP_OPTIONS, Setup, client_of, with_setup
from .statistics_of_times import histogram, spread_of
from .stopwatch import seconds, shown
from .terminal import as_json, stdout

OPTIONS = (
    Option(
        ["-n", "--number"],
        section="Measurement",
        type=click.IntRange(min=1),
        default=1000,
        show_default=True,
        help="How many requests are measured.",
    ),
    Option(
        ["--warm-up"],
        section="Measurement",
        type=click.IntRange(min=0),
        default=50,
        show_default=True,
        help="How many requests are made before, and not measured.",
    ),
    Option(["-X", "--method"], section="Request", help="The method.  [default: GET, or POST if there is a body]"),
    Option(["--json"], section="Output", is_flag=True, help="Print JSON instead, with times in seconds."),
)

#: All kinds but JSON, whose option is that of the output here; `--content` and a header say the same.
_BODY = tuple(option for option in BODY if option.name != "json_text")

EXAMPLES = (
    "asgi-lockstep bench shop:app /notes",
    "asgi-lockstep bench shop:app /notes -n 10000 --json",
)


@click.command(
    cls=Command,
    examples=EXAMPLES,
    short_help="Measure how long requests take.",
    params=[APP, click.Argument(["path"], metavar="PATH"), *OPTIONS, *_BODY, *HEAD, *APP_OPTIONS],
)
@with_setup
def bench(setup: Setup, path: str, number: int, warm_up: int, method: str | None, json: bool, **values: Any) -> None:
    """Measure how long the app takes for a request, without a server and a network.

    Requests are made one after the other, on one thread, and each is measured until the app has come to rest. Some of
    the time is the client's own, the same for every app: docs/performance.md has how much.

    The exit status is 0, 4 or 5 by the worst of the responses, 1 if the app has raised.
    """
    body = body_of(None, *(values.pop(name) for name in ("fields", "files", "content")))
    head = Head(**values)
    method = (method or ("POST" if body else "GET")).upper()
    arguments = {**body, **head.of_request()}
    url = head.url(path)
    times: list[float] = []
    statuses: Counter[int] = Counter()
    with client_of(setup, **head.of_client()) as client:
        for is_measured in _with_progress([False] * warm_up + [True] * number):
            status, took = _measured(client, method, url, arguments)
            if is_measured:
                times.append(took)
                statuses[status] += 1
    if json:
        _print_json(f"{method} {path}", times, statuses)
    else:
        _print(f"{method} {path}", times, statuses)
    raise click.exceptions.Exit(max(map(status_of_response, statuses)))


def _measured(client: TestClient, method: str, url: str, arguments: dict[str, Any]) -> tuple[int, float]:
    began = seconds()
    status = client.request(method, url, **arguments).status_code
    return status, seconds() - began


def _with_progress(rounds: list[bool]) -> Iterator[bool]:
    """Each of them, with a bar on a terminal."""
    with progress(len(rounds), MofNCompleteColumn()) as advance:
        for is_measured in rounds:
            yield is_measured
            advance(1, "measuring" if is_measured else "warming up")


def _print_json(request: str, times: list[float], statuses: Counter[int]) -> None:
    found = {
        "request": request,
        "number": len(times),
        "per_second": round(len(times) / sum(times), 1),
        "seconds": {name: round(value, 9) for name, value in asdict(spread_of(times)).items()},
        "statuses": {str(status): count for status, count in sorted(statuses.items())},
    }
    stdout().text(as_json(found, indent=2))


def _print(request: str, times: list[float], statuses: Counter[int]) -> None:
    screen = stdout()
    counted = ", ".join(f"{status} ({_times(count)})" for status, count in sorted(statuses.items()))
    screen.print(Text.assemble((request, "bold"), f"  {counted}"), soft_wrap=True)
    screen.print(Text.assemble((f"{len(times) / sum(times):.0f}", "bold green"), " requests a second"), soft_wrap=True)
    screen.text()
    spread = asdict(spread_of(times))
    screen.text("".join(f"{name:>10}" for name in spread), style="dim")
    screen.text("".join(f"{shown(value):>10}" for value in spread.values()))
    screen.text()
    _print_histogram(histogram(times))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _print_histogram(rows: Iterable[tuple[str, str, int]]) -> None:
    for begin, bar, count in rows:
        stdout().print(Text.assemble((f"{begin:>10} ", "dim"), (bar, "cyan"), f" {count}"), soft_wrap=True)
