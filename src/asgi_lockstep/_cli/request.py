"""`asgi-lockstep request`: one request, and its response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.progress import DownloadColumn

from .._client.sync_client import TestClient
from .body import BODY, body_of
from .heads import print_heads
from .options import HEAD, Command, Head, Option
from .outcomes import status_of_response
from .progress import progress
from .setup import APP, APP_OPTIONS, CLOCK, RULES, SERVER, TIMELINE, Setup, client_of, with_setup
from .stopwatch import seconds, shown
from .terminal import language_of, print_content, stderr, stdout, write

OUTPUT = (
    Option(["--stream"], section="Output", is_flag=True, help="Print each piece of the body when the app has sent it."),
    Option(
        ["--download"],
        section="Output",
        type=click.Path(dir_okay=False, writable=True, path_type=Path),
        metavar="FILE",
        help="Save the body in a file instead of printing it.",
    ),
    Option(
        ["-v", "--verbose"],
        section="Output",
        is_flag=True,
        help="Print the heads of request and response, how long it took, and which rules the app has broken.",
    ),
    TIMELINE,
)

REDIRECTS = Option(
    ["--follow-redirects/--no-follow-redirects"],
    section="Request",
    default=True,
    help="Whether redirects are followed.  [default: they are]",
)


@dataclass(frozen=True)
class Asked:
    """What to send, and how to show what comes."""

    method: str
    url: str
    arguments: dict[str, Any]
    verbose: bool
    download: Path | None


EXAMPLES = (
    "asgi-lockstep request shop:app /notes",
    'asgi-lockstep request shop:app /notes --json \'{"text": "milk"}\' -v',
    "asgi-lockstep request shop:app PUT /photo -F photo=@cat.png",
    "asgi-lockstep request 'shop:create_app(debug=True)' /report --stream --clock virtual",
    "asgi-lockstep request shop:app /notes | jq '.[0]'",
)


@click.command(
    cls=Command,
    examples=EXAMPLES,
    short_help="Send one request, and print its response.",
    params=[
        APP,
        click.Argument(["target"], nargs=-1, required=True, metavar="[METHOD] PATH"),
        *BODY,
        *HEAD,
        REDIRECTS,
        *OUTPUT,
        *APP_OPTIONS,
        CLOCK,
        RULES,
        SERVER,
    ],
)
@with_setup
def request(
    setup: Setup,
    target: Sequence[str],
    follow_redirects: bool,
    stream: bool,
    download: Path | None,
    verbose: bool,
    **values: Any,
) -> None:
    """Send one request to the app, and print its response.

    METHOD is GET, or POST if there is a body, unless it is given. The app is started before, and stopped after it.
    A terminal shows the head of the response, and its body indented and coloured; a pipe gets the body as it is.

    The exit status is 0, 4 or 5 by the class of the response, 1 if the app has raised, 2 if the command is wrong.
    """
    body = body_of(*(values.pop(name) for name in ("json_text", "fields", "files", "content")))
    head = Head(**values)
    method, url = _method_and_path(target, "POST" if body else "GET")
    asked = Asked(method, head.url(url), {**body, **head.of_request()}, verbose, download)
    with client_of(setup, follow_redirects=follow_redirects, **head.of_client()) as client:
        began, virtual = seconds(), client.clock.now
        response = (_streamed if stream or download else _whole)(client, asked)
        took = shown(seconds() - began)
        passed = f", {client.clock.now - virtual:g} s of virtual time" if setup.clock == "virtual" else ""
    if verbose:
        stderr().text(f"\n{took}{passed}, {response.num_bytes_downloaded} bytes of body", style="dim")
        _print_violations(client)
    raise click.exceptions.Exit(status_of_response(response.status_code))


def _method_and_path(target: Sequence[str], default: str) -> tuple[str, str]:
    """Of one or two words."""
    if len(target) > 2:
        raise click.UsageError(f"There is one METHOD and one PATH, and {' '.join(target)!r} has more.")
    method, url = (default, target[0]) if len(target) == 1 else target
    if "/" in method:
        raise click.UsageError(f"{method!r} is no method. Write the method before the path: {url.upper()} {method}")
    return method.upper(), url


def _whole(client: TestClient, asked: Asked) -> Any:
    response = client.request(asked.method, asked.url, **asked.arguments)
    _print_heads(response, asked)
    screen = stdout()
    language = language_of(response.headers.get("content-type", "text/plain" if _is_text(response) else ""))
    if not screen.is_terminal:
        write(response.content)
    elif response.content and language is None:
        kind = response.headers.get("content-type", "of no type")
        screen.text(f"<{len(response.content)} bytes, {kind}: --download FILE saves them>", style="dim")
    elif response.content:
        print_content(screen, response.text, language or "")
    return response


def _is_text(response: Any) -> bool:
    """Whether a body of which nothing is said can be read."""
    try:
        return str(response.content, "utf-8").isprintable()
    except UnicodeDecodeError:
        return False


def _streamed(client: TestClient, asked: Asked) -> Any:
    with client.stream(asked.method, asked.url, **asked.arguments) as response:
        _print_heads(response, asked)
        if asked.download is not None:
            _save(response, asked.download)
        else:
            for piece in response.iter_bytes():
                write(piece)
    return response


def _save(response: Any, path: Path) -> None:
    size = 0
    length = response.headers.get("content-length")
    total = int(length) if length and length.isdecimal() else None
    with path.open("wb") as file, progress(total, DownloadColumn()) as advance:
        for piece in response.iter_bytes():
            size += file.write(piece)
            advance(len(piece), "downloading")
    stderr().text(f"saved {size} bytes: {path}")


def _print_heads(response: Any, asked: Asked) -> None:
    if asked.verbose or stdout().is_terminal:
        print_heads(stderr(), response, with_requests=asked.verbose)


def _print_violations(client: TestClient) -> None:
    for violation in client.violations:
        stderr().text(f'the app broke the rule "{violation.rule}": {violation}', style="yellow")
