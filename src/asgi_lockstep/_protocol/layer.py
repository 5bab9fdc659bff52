"""One call of an app that lies between others: what it sends is judged, and none of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from .._types import Message, Scope
from .checks import check
from .ending_rules import RETURN_VALUE, broken_by_returning
from .findings import violation_of
from .rule_book import RuleBook
from .rules import Broken, Finding
from .scope import request_of
from .standing import Standing
from .tables import PROTOCOLS


class Layer:
    """What an app has sent and received in one call, as far as the rules need it.

    There is no client that could be told of a rule which most servers leave their apps in the dark about: whatever the
    verdict makes an error is raised at once.

    Args:
        scope: that of the call.
        rule_book: the verdicts, and where records go.
        name: tells the name of the app, when it is needed.
        sent_from: tells where the `send()` stands that is running, in lines.
    """

    def __init__(
        self, scope: Scope, rule_book: RuleBook, name: Callable[[], str], sent_from: Callable[[], Sequence[object]]
    ) -> None:
        self.standing = Standing.at_first(scope)
        self._table = PROTOCOLS[scope["type"]][0]
        self._rule_book = rule_book
        self._name = name
        self._sent_from = sent_from

    def __repr__(self) -> str:
        return f"<{self._name()} in {request_of(self.standing.scope)}: {self.standing.state.value}>"

    def sends(self, message: Message) -> Message:
        """Judge a message of the app; returns what is to be passed on, which is the message itself.

        Only where its headers can be read but once, it is one like it, with the headers in a list.

        Raises:
            ProtocolViolation: the message breaks a rule, and the verdict on that is an error. The app has not sent it.
        """
        message = _with_lasting_headers(message)
        if self._is_heard:
            checked = check(message, self.standing)
            if isinstance(checked, Broken):
                self._judge(checked.findings, self._sent_from)
            as_servers_have_it = checked.checked if isinstance(checked, Broken) else checked
            if as_servers_have_it is not None:
                self.standing = self.standing.sent(as_servers_have_it)
        return message

    @property
    def _is_heard(self) -> bool:
        """Whether anybody takes notice of what the app sends: to a client that has gone it may send what it likes.

        Behind the last message that it had to send, another one is out of order with a client or without.
        """
        return not self.standing.disconnected or not self._table[self.standing.state]

    def receives(self, message: Message) -> None:
        """Note what the app is told."""
        self.standing = self.standing.received(message)

    def takes_back(self, before: Standing, after: Standing) -> None:
        """Note that a message was refused further out, and so has not been sent.

        Args:
            before, after: where the app stood when it was judged; if more has happened since then, that stays.
        """
        if self.standing is after:
            self.standing = before

    def lost(self) -> None:
        """Note that `send()` has told the app that its client has gone."""
        self.standing = self.standing.lost()

    def returned(self, value: object) -> None:
        """Judge how the app has returned.

        Raises:
            ProtocolViolation: that breaks a rule, and the verdict on that is an error.
        """
        rule = None if self.standing.disconnected else broken_by_returning(self.standing)
        request = request_of(self.standing.scope)
        findings = [Finding(RETURN_VALUE, request, {"value": value})] if value is not None else []
        self._judge([*findings, Finding(rule, request, {})] if rule is not None else findings, tuple)

    def _judge(self, findings: Sequence[Finding], sent_from: Callable[[], Sequence[object]]) -> None:
        for finding in findings:
            verdict = self._rule_book.verdicts[finding.rule.id]
            if verdict == "off":
                continue
            where, name = sent_from(), self._name()
            made = partial(violation_of, finding, self.standing, self._table, sent_from=where, layer=name)
            self._rule_book.recorded.append(made())
            if verdict == "error":
                raise made()  # another one, whose traceback the record does not keep


def _with_lasting_headers(message: Any) -> Any:
    """The message; one like it if its headers are an iterator, which nobody could read after us."""
    headers = message.get("headers") if isinstance(message, dict) else None
    return {**message, "headers": [*headers]} if isinstance(headers, Iterator) else message
