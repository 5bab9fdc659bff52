"""What a check has found: the rules that were broken, each with where and how often, as a table or as JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ..errors import ProtocolViolation
from .terminal import stdout

#: What stands for the rule of what has none: an app that has ended without its response, or in the middle of it.
_NO_RESPONSE = "no-response"

#: Where in the line of a message it stands where that was sent.
_PLACE = re.compile(r"at (.+:\d+) in ")

#: How the sentence of a rule ends, and what is said of the request begins.
_OF_THE_REQUEST = " The app broke ASGI in "


@dataclass(frozen=True)
class Visit:
    """One request, and what the app has done.

    Args:
        request: which one, for example `"GET /notes"`.
        answer: the status of the response, or what became of a websocket; `""` if it had none.
        violations: what has broken a rule.
        failure: what the app has raised besides.
    """

    request: str
    answer: str
    violations: Sequence[ProtocolViolation]
    failure: Exception | None = None


@dataclass(frozen=True)
class Broken:
    """One rule that was broken at one place.

    Args:
        rule: its name.
        sentence: what was wrong the first time.
        place: the line that sent it, as `file:line`; `""` where no message was sent.
        servers: what servers do.
        section: the address at which the specification has it.
        requests: in which requests, one for each time.
    """

    rule: str
    sentence: str
    place: str
    servers: str
    section: str
    requests: tuple[str, ...]


def found_in(visits: Sequence[Visit]) -> list[Broken]:
    """The rules that were broken, each once for each place, in the order in which they were broken."""
    found: dict[tuple[str, str], list[tuple[str, ProtocolViolation]]] = {}
    for visit in visits:
        for violation in visit.violations:
            key = violation.rule or _NO_RESPONSE, _place(violation)
            found.setdefault(key, []).append((visit.request, violation))
    return [_broken(rule, place, times) for (rule, place), times in found.items()]


def _broken(rule: str, place: str, times: Sequence[tuple[str, ProtocolViolation]]) -> Broken:
    first = times[0][1]
    sentence = str(first.args[0]).partition(_OF_THE_REQUEST)[0]
    return Broken(rule, sentence, place, first.servers, first.section, tuple(request for request, _ in times))


def _place(violation: ProtocolViolation) -> str:
    found = _PLACE.search(next(iter(violation.sent_from), ""))
    return found[1] if found else ""


def as_dict(visits: Sequence[Visit], broken: Sequence[Broken]) -> dict[str, Any]:
    """The same for machines."""
    requests = [
        {"request": visit.request, "answer": visit.answer, "raised": visit.failure and _first_line(visit.failure)}
        for visit in visits
    ]
    return {"requests": requests, "broken": [{**vars(one), "requests": [*one.requests]} for one in broken]}


def print_table(visits: Sequence[Visit], broken: Sequence[Broken]) -> None:
    """Print a line for each request, a row for each rule that was broken at one place, and how many rules that are."""
    screen = stdout()
    width = max(len(visit.request) for visit in visits)
    for visit in visits:
        failed = visit.failure is not None
        screen.text(f"{visit.request:{width}}  {_answer(visit)}", style="red" if failed else "")
    if broken:
        screen.print(_table(broken))
    failed = any(visit.failure for visit in visits)
    screen.text(_summary(visits, broken), style="bold red" if broken or failed else "bold green")


def _summary(visits: Sequence[Visit], broken: Sequence[Broken]) -> str:
    """How many rules are broken, and what the app has raised besides: both are failures of the check."""
    rules = len({one.rule for one in broken})
    count = "No rule is" if not rules else "One rule is" if rules == 1 else f"{rules} rules are"
    failed = [visit for visit in visits if visit.failure is not None]
    if not failed:
        return f"{count} broken."
    others = "" if len(failed) == 1 else f", and so did {', '.join(visit.request for visit in failed[1:])}"
    raised = f"{failed[0].request} {_answer(failed[0])}{others}"
    return f"{count} broken, {'and' if rules else 'but'} {raised.removesuffix('.')}."


def _answer(visit: Visit) -> str:
    if visit.failure is not None:
        return f"raised {_first_line(visit.failure)}"
    return visit.answer or "no response"


def _table(broken: Sequence[Broken]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("rule", style="bold", no_wrap=True)
    table.add_column("what is wrong, and what servers do", ratio=1)
    table.add_column("where", overflow="fold")
    table.add_column("times", justify="right")
    for one in broken:
        table.add_row(one.rule, _words(one), Text(one.place or one.requests[0]), str(len(one.requests)))
        table.add_section()
    return table


def _first_line(failure: Exception) -> str:
    """What was raised; texts of ours go on with a diagnosis."""
    text = str(failure).partition("\n")[0]
    return f"{type(failure).__name__}: {text}" if text else type(failure).__name__


def _words(one: Broken) -> Text:
    return Text.assemble(one.sentence, *([("\n" + one.servers, "dim")] if one.servers else []))
