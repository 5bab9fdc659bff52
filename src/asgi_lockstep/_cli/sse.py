"""`asgi-lockstep sse`: server-sent events, as they arrive."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import click
from rich.text import Text

from .._client.sync_client import TestClient
from .heads import print_heads
from .options import HEAD, Command, Head, Option
from .outcomes import FAILED, say_error, status_of_response
from .setup import APP, APP_OPTIONS, CLOCK, RULES, SERVER, TIMELINE, Setup, client_of, with_setup
from .terminal import as_json, stderr, stdout, write

OUTPUT = (
    Option(
        ["-n", "--limit"],
        section="Output",
        type=click.IntRange(min=1),
        metavar="N",
        help="Leave after so many events.  [default: when the stream ends]",
    ),
    Option(["--json"], section="Output", is_flag=True, help="Print each event as a line of JSON."),
    Option(["-v", "--verbose"], section="Output", is_flag=True, help="Print the heads of request and response."),
    TIMELINE,
)

EXAMPLES = (
    "asgi-lockstep sse shop:app /prices",
    "asgi-lockstep sse shop:app /prices --limit 3 --clock virtual",
    "asgi-lockstep sse shop:app /prices --json | jq .data",
)


@click.command(
    cls=Command,
    examples=EXAMPLES,
    short_help="Print server-sent events as they arrive.",
    params=[APP, click.Argument(["path"], metavar="PATH"), *HEAD, *OUTPUT, *APP_OPTIONS, CLOCK, RULES, SERVER],
)
@with_setup
def sse(setup: Setup, path: str, limit: int | None, json: bool, verbose: bool, **values: Any) -> None:
    """Print the events of a stream as they arrive, until it ends, --limit is reached, or Ctrl-C.

    With --clock virtual, a ticker that sends one a minute does so at once; a comment before each event, or the key
    "time", says at which second of the app's time it came.

    The exit status is 0, 4 or 5 by the class of the response, 1 if the app has raised or sends no events.
    """
    head = Head(**values)
    with client_of(setup, **head.of_client()) as client, client.sse(head.url(path), **head.of_request()) as source:
        response = source.response
        if verbose:
            print_heads(stderr(), response, with_requests=True)
        status = status_of_response(response.status_code)
        if status or not _has_events(response):
            status = status or FAILED
            response.read()
            _say_what_it_is(response, path)
        else:
            _print_events(islice(iter(source), limit), client, json, with_times=setup.clock == "virtual")
    raise click.exceptions.Exit(status)


def _has_events(response: Any) -> bool:
    return _type_of(response) == "text/event-stream"


def _type_of(response: Any) -> str:
    return str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()


def _say_what_it_is(response: Any, path: str) -> None:
    """Print a response that is no stream of events."""
    write(response.content)
    kind = _type_of(response) or "no content type"
    say_error(f"GET {path} was answered with {response.status_code} and {kind}, and not with text/event-stream.")


def _print_events(events: Iterator[Any], client: TestClient, json: bool, with_times: bool) -> None:
    for event in events:
        time = client.clock.now if with_times else None
        if json:
            write(f"{as_json(_as_dict(event, time))}\n".encode())
        else:
            _print_event(event, time)


def _as_dict(event: Any, time: float | None) -> dict[str, Any]:
    found = {"event": event.event, "data": event.data, "id": event.id, "retry": event.retry, "time": time}
    return {name: value for name, value in found.items() if value not in ("", None) or name == "data"}


def _print_event(event: Any, time: float | None) -> None:
    """An event as it is written in a stream."""
    lines = [("", f" at {time:g} s")] if time is not None else []
    if event.event != "message":
        lines.append(("event", f" {event.event}"))
    if event.id:
        lines.append(("id", f" {event.id}"))
    if event.retry is not None:
        lines.append(("retry", f" {event.retry}"))
    lines += [("data", f" {line}") for line in event.data.split("\n")]
    screen = stdout()
    for name, value in lines:
        of_name, of_value = ("cyan", "") if name else ("dim", "dim")
        screen.print(Text.assemble((f"{name}:", of_name), (value, of_value)), soft_wrap=True)
    screen.text()
    screen.file.flush()
