"""`make rules-page`: the tables of docs/rules.md, made of those of the rules.

    python tools/rules_page.py

What stands before them is written by hand, and stays. The page is committed; `tests/test_rules_page.py` fails where it
is not what this makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from asgi_lockstep._protocol.consequences import CONSEQUENCES, SERVERS, Consequence
from asgi_lockstep._protocol.ending_rules import ENDING_RULES
from asgi_lockstep._protocol.header_rules import HEADER_RULES
from asgi_lockstep._protocol.kind_rules import KIND_RULES
from asgi_lockstep._protocol.order_rules import ORDER_RULES
from asgi_lockstep._protocol.response_rules import RESPONSE_RULES
from asgi_lockstep._protocol.rule_book import verdicts_of
from asgi_lockstep._protocol.rules import Rule
from asgi_lockstep._protocol.websocket_rules import WEBSOCKET_RULES

PAGE: Final = Path(__file__).parent.parent / "docs" / "rules.md"

#: The rules as people look for them: a heading, a sentence, and the rows.
GROUPS: Final[Sequence[tuple[str, str, Sequence[Rule]]]] = (
    ("Order", "Which message may be sent where.", ORDER_RULES),
    ("Kinds of values", "Which type each key of a message has.", KIND_RULES),
    ("Headers", "Of responses, trailers, pushes, and of accepted and refused websockets.", HEADER_RULES),
    ("Status, body and extensions", "What a response says, and what its extensions carry.", RESPONSE_RULES),
    ("Websockets", "What the messages of a websocket say.", WEBSOCKET_RULES),
    ("Ends", "How an app returns. These are found when there is no `send()` any more.", ENDING_RULES),
)

#: What is written by hand stands before this line.
MARK: Final = "<!-- From here on made by `make rules-page`, of the tables in src/asgi_lockstep/_protocol. -->\n"

#: What no server offers, none can do anything with.
_NOT_OFFERED: Final = "not offered"


def page(written: str) -> str:
    """The whole page, with what is written by hand as it stands in `written`."""
    tables = [*_legend(), *(line for group in GROUPS for line in _group(*group))]
    return "".join([written.partition(MARK)[0], MARK, "\n", "\n".join(tables)])


def _legend() -> Iterable[str]:
    verdicts = [*verdicts_of("servers").values()]
    errors, records = verdicts.count("error"), verdicts.count("record")
    yield f"{len(verdicts)} rules; by default {errors} are errors, and {records} recorded."
    yield ""
    yield from (f"- *{_word(consequence)}*: the server {consequence.value}." for consequence in Consequence)
    yield f"- *{_NOT_OFFERED}*: what the rule is about is part of an extension that none of these servers has."
    yield ""


def _group(heading: str, sentence: str, rules: Iterable[Rule]) -> Iterable[str]:
    columns = ["rule", "what is said", "level", "section", *SERVERS, "default"]
    yield from (f"## {heading}", "", sentence, "", _row(columns), _row("---" for _ in columns))
    yield from (_row(_cells(rule)) for rule in rules)
    yield ""


def _cells(rule: Rule) -> Iterable[str]:
    consequences = CONSEQUENCES.get(rule.id)
    yield from (f"`{rule.id}`", _sentence(rule.words), rule.level, f"[{rule.section}]({rule.address})")
    yield from (_NOT_OFFERED if consequences is None else _word(consequences[server]) for server in SERVERS)
    yield verdicts_of("servers")[rule.id]


def _sentence(words: str) -> str:
    """The words of a rule, with the names of their fields; a hint is there for some messages alone."""
    return re.sub(r"\{(\w+)(?:!r)?\}", r"*\1*", words.replace("{hint}", ""))


def _word(consequence: Consequence) -> str:
    return consequence.name.lower().replace("_", " ")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE.name}")
