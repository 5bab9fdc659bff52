"""The page that lists the reports of a run: one file, without scripts, light or dark as the reader's system is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, NamedTuple
from urllib.parse import quote

#: The forms in which each timeline is saved, by suffix, with the words of their links.
FORMATS: Final = {".html": "page", ".jsonl": "JSON lines", ".har": "HAR"}

#: What stands in each page of ours, and by which an old one is known.
IS_OURS: Final = '<meta name="generator" content="asgi-lockstep report">'

_ORDER: Final = ("error", "failed", "xpassed", "xfailed", "skipped", "passed")

_STYLE: Final = """\
:root { color-scheme: light dark; --bad: light-dark(#b3261e, #ff8a80); --good: light-dark(#1b6e3c, #7bd88f); }
html { background: light-dark(#fff, #121212); color: light-dark(#111, #eee); }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.4rem 0.8rem 0.4rem 0; border-bottom: 1px solid #8886; vertical-align: top; }
td:first-child { overflow-wrap: anywhere; font-family: ui-monospace, monospace; font-size: 0.9rem; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td ul { list-style: none; margin: 0; padding: 0; }
.failed, .error { color: var(--bad); font-weight: 600; }
.passed { color: var(--good); }
a { color: light-dark(#0b57d0, #a8c7fa); }
"""


class Row(NamedTuple):
    """A test.

    Args:
        test: its node ID.
        outcome: what it has come to.
        seconds: how long it took, with its fixtures.
        files: the files about it, without their suffixes, relative to the page: one for each client.
    """

    test: str
    outcome: str
    seconds: float
    files: Sequence[str]


def index_page(rows: Iterable[Row], count: int, has_all: bool, is_whole: bool) -> str:
    """The page.

    Args:
        rows: the tests that it lists.
        count: how many tests have run.
        has_all: whether it is about all of them, and not only about those that failed.
        is_whole: whether the run has ended; otherwise the page says that it has not.
    """
    rows = sorted(rows, key=lambda row: (_ORDER.index(row.outcome), row.test))
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            IS_OURS,
            "<title>asgi-lockstep report</title>",
            f"<style>\n{_STYLE}</style>",
            "</head>",
            "<body>",
            "<main>",
            "<h1>What happened between tests and their apps</h1>",
            f"<p>{escape(_words(rows, count, has_all) if is_whole else _NOT_WHOLE)}</p>",
            *(_table(rows) if rows else ()),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


_NOT_WHOLE: Final = "The run has not ended, or was cut off: this page is written at its end."


def _words(rows: Sequence[Row], count: int, has_all: bool) -> str:
    outcomes = [row.outcome for row in rows]
    listed = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in _ORDER if outcome in outcomes)
    tests = "1 test has run" if count == 1 else f"{count} tests have run"
    if not rows:
        return f"{tests}, and none of them has failed."
    return f"{tests}: {listed}." if has_all else f"{tests}, of which are listed: {listed}."


def _table(rows: Iterable[Row]) -> list[str]:
    head = '<tr><th scope="col">Test</th><th scope="col">Outcome</th>'
    head += '<th scope="col" class="number">Seconds</th><th scope="col">What happened</th></tr>'
    return ["<table>", f"<thead>{head}</thead>", "<tbody>", *map(_row, rows), "</tbody>", "</table>"]


def _row(row: Row) -> str:
    links = "".join(f"<li>{_links(row, file, number)}</li>" for number, file in enumerate(row.files, 1))
    what = f"<ul>{links}</ul>" if links else "no client did anything"
    return (
        f'<tr><td>{escape(row.test)}</td><td class="{row.outcome}">{row.outcome}</td>'
        f'<td class="number">{row.seconds:.2f}</td><td>{what}</td></tr>'
    )


def _links(row: Row, file: str, number: int) -> str:
    """The links to one client's files; what a reader hears of each says of which test it is."""
    client = f"client {number}: " if len(row.files) > 1 else ""
    links = (
        f'<a href="{quote(file)}{suffix}" aria-label="{escape(f"{client}{words} of {row.test}")}">{words}</a>'
        for suffix, words in FORMATS.items()
    )
    return client + ", ".join(links)
