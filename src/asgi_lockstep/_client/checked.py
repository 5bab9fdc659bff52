"""An app that is held to the rules of ASGI wherever it runs: under any server, or between two middlewares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._drivers.inspection.senders import lines_of_send
from .._protocol.layer import Layer
from .._protocol.rule_book import RuleBook
from .._protocol.tables import PROTOCOLS
from .._types import ASGIApp, Message, Receive, Scope, Send
from ..errors import ProtocolViolation
from .app_kinds import as_asgi3
from .rule_options import checked_verdicts
from .values import check_type


class Checked:
    """An ASGI app that says where the app inside of it breaks a rule of the specification.

    It looks at each message that the app sends, and at what the app returns, and raises out of the app's `send()`. With
    one around each middleware, the innermost that complains names the one that breaks the rule:

        app = Checked(GZipMiddleware(Checked(app, name="my app")), name="gzip")

    It runs on asyncio and trio, under any server and in any test client, and is no part of a `TestClient`, which has
    `rules=` of its own. Scope and messages are passed on as they are; headers that can be read but once become a list.

    Args:
        app: the application, of ASGI 3 or 2. It stays reachable as `checked.app`; its own attributes are not passed on.
        name: how texts name the app; `""` for its `repr`.
        rules: what becomes of a broken rule, as in `TestClient(rules=...)`; whatever is an error is raised, as there is
            no client to be told. `"spec"`, the default, raises for each rule; `"servers"` where most servers refuse,
            and records the rest; `"off"` does nothing; a mapping names single rules (docs/rules.md has all of them).
            What is recorded is passed on as the app has sent it.

    Raises:
        UsageError (NotAnASGIApp, UnknownOption): an argument makes no sense; the text says what to write instead.

    Out of the app's `send()`, and out of a call of the app that has returned:
        ProtocolViolation: the app has broken a rule: its text, and its attributes `layer` and `rule`, say which app and
            which rule. Change the app at the line that the text names, or set the rule to `"record"` or `"off"`.

    Limits: an app that returns in the middle of its response, or without one, is left to whoever runs it; every server
    and client sees that. What the app sends to a client that has gone is not looked at, once it has been told.

    Example:
        >>> from asgi_lockstep import Checked
        >>> async def app(scope, receive, send):
        ...     await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Answer", b"42")]})
        ...     await send({"type": "http.response.body", "body": b"Hello, world!"})
        >>> checked = Checked(app, name="hello", rules={"upper-case-name": "record", "default": "spec"})
        >>> TestClient(checked).get("/").text
        'Hello, world!'
        >>> [(violation.layer, violation.rule) for violation in checked.violations]
        [('hello', 'upper-case-name')]
    """

    def __init__(self, app: ASGIApp, name: str = "", rules: str | Mapping[str, str] = "spec") -> None:
        __tracebackhide__ = True
        check_type("name", name, str, 'a str, "" for the repr of the app')
        self.app = as_asgi3(app)
        self._name = name
        self._rule_book = RuleBook(checked_verdicts(rules))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {len(self._rule_book.recorded)} violations>"

    @property
    def name(self) -> str:
        """How texts name the app."""
        return self._name or repr(self.app)

    @property
    def violations(self) -> list[ProtocolViolation]:
        """What was found, the oldest first, whether it was raised or not; the newest 1,000 are kept."""
        return [*self._rule_book.recorded]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:
        """Call the app; returns what it returns, which is nothing if it keeps to the rules."""
        __tracebackhide__ = True
        if scope["type"] not in PROTOCOLS:
            return await self.app(scope, receive, send)
        layer = Layer(scope, self._rule_book, lambda: self.name, lambda: lines_of_send(scope, _ENDS))
        call = _Call(layer, receive, send)
        value: object = await self.app(scope, call.receive, call.send)  # type: ignore[func-returns-value]
        layer.returned(value)
        return value


class _Call:
    """The `receive()` and `send()` that the app gets.

    Args:
        layer: what is known of the call.
        receive, send: those that the app would have got.
    """

    __slots__ = ("_layer", "_receive", "_send")

    def __init__(self, layer: Layer, receive: Receive, send: Send) -> None:
        self._layer = layer
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        """See ASGI."""
        __tracebackhide__ = True
        message = await self._receive()
        self._layer.receives(message)
        return message

    async def send(self, message: Message) -> None:
        """See ASGI."""
        __tracebackhide__ = True
        before = self._layer.standing
        message = self._layer.sends(message)
        # Noted before it is passed on, for another task of the app may send meanwhile.
        after = self._layer.standing
        try:
            await self._send(message)
        except OSError:  # www.rst, spec version 2.4: what `send()` raises once the client has gone
            self._layer.lost()
            raise
        except Exception:
            self._layer.takes_back(before, after)
            raise


#: Further out is whoever has called the app; further in, another app whose messages were checked on their way here.
_ENDS = frozenset((Checked.__call__.__code__, _Call.send.__code__))
