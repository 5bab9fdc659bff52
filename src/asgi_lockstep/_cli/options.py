"""Options with the section of `--help` that they stand in, and values of the form name=value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import click

#: Names with their values.
Pairs = Sequence[tuple[str, str]]

#: The last section of `--help`, in which nothing but that option stands.
_OTHER = "Other"


class Option(click.Option):
    """An option that says where in `--help` it stands.

    Args:
        section: the heading.
    """

    def __init__(self, *args: Any, section: str = "Options", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section


class WithExamples(click.Command):
    """A command whose `--help` ends with examples.

    Args:
        examples: lines as they are typed into a shell.
    """

    def __init__(self, *args: Any, examples: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See `click.Command`."""
        with formatter.section("Examples"):
            for line in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")


class Group(WithExamples, click.Group):
    """A group of commands."""


class Command(WithExamples):
    """A command whose `--help` has a section for each kind of option."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See `click.Command`."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(parameter, "section", _OTHER), []).append(record)
        for heading, records in sorted(sections.items(), key=lambda section: section[0] == _OTHER):
            with formatter.section(heading):
                formatter.write_dl(records)


def pairs(between: str, example: str) -> Callable[[click.Context, click.Parameter, Sequence[str]], Pairs]:
    """The callback of an option that may be given more than once, each time with two texts and something between them.

    Args:
        between: what stands between the two.
        example: what to write.
    """

    def split(_context: click.Context, _parameter: click.Parameter, values: Sequence[str]) -> Pairs:
        found = []
        for value in values:
            name, is_there, rest = value.partition(between)
            if not is_there or not name.strip():
                raise click.BadParameter(f"{value!r} has no {between!r} between two texts. Write: {example}")
            found.append((name.strip(), rest.lstrip() if between == ":" else rest))
        return found

    return split


HEADERS = Option(
    ["-H", "--header", "headers"],
    section="Request",
    callback=pairs(":", "'Name: value'"),
    multiple=True,
    metavar="'NAME: VALUE'",
    help="A header; may be given more than once, as the next two.",
)

PARAMS = Option(
    ["-q", "--param", "params"],
    section="Request",
    callback=pairs("=", "name=value"),
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the query.",
)

COOKIES = Option(
    ["--cookie", "cookies"],
    section="Request",
    callback=pairs("=", "name=value"),
    multiple=True,
    metavar="NAME=VALUE",
    help="A cookie.",
)


AUTH = Option(
    ["--auth"],
    section="Request",
    metavar="USER[:PASSWORD]",
    help="Basic authentication; a password that is left out is asked for.",
)

#: What goes with every kind of request.
HEAD = (HEADERS, PARAMS, COOKIES, AUTH)


@dataclass(frozen=True)
class Head:
    """The values of `HEAD`."""

    headers: Pairs
    params: Pairs
    cookies: Pairs
    auth: str | None

    def of_client(self) -> dict[str, Any]:
        """What of them goes to a client, which sends it with the requests that redirects lead to, too."""
        return {"cookies": dict(self.cookies), "auth": self._user_and_password()}

    def _user_and_password(self) -> tuple[str, str] | None:
        """Without a password it is asked for, and stands in no history of a shell."""
        if self.auth is None:
            return None
        user, colon, password = self.auth.partition(":")
        return user, password if colon else click.prompt("Password", hide_input=True, err=True)

    def of_request(self) -> dict[str, Any]:
        """What of them goes with one request."""
        return {"headers": [*self.headers]}

    def url(self, path: str) -> str:
        """The path with the parameters, after those that it has: a client would put them in their place."""
        if not self.params:
            return path
        return f"{path}{'&' if '?' in path else '?'}{urlencode(self.params)}"
