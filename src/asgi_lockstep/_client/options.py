"""Every option and its default, once, for both clients and for one request."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import NoneType
from typing import Any, Literal

from .._drivers.happenings.recorder import Recorder
from .._httpx import HeaderTypes, httpx
from .._protocol.rule_book import KEPT, RuleBook
from .._protocol.servers import SERVERS, Server
from .._protocol.variation import Variations
from ..errors import ProtocolViolation, UnknownOption
from .lifespan_record import LifespanRecord
from .rule_options import checked_verdicts
from .values import check_address, check_count, check_flag, check_one_of, check_seconds, check_type, refuse

LifespanMode = Literal["auto", "on", "off"]

BASE_URL = "http://testserver"
CLIENT = ("testclient", 50000)
USER_AGENT = "testclient"
LIFESPAN_MODES = ("auto", "on", "off")

#: How long the app may take to end by itself after its client has gone, in seconds, before it is cancelled.
GRACE = 1.0

#: After how many seconds in which the app blocks its thread a warning is given.
BLOCK_WARNING = 5.0

CLOCKS = ("real", "virtual")

#: How long the app may rest before an answer is given up, in seconds.
TIMEOUT = 30.0

#: What `extensions={"asgi": {...}}` of one request may override.
_PER_REQUEST = (
    "client",
    "raise_server_exceptions",
    "http_version",
    "scope",
    "grace",
    "on_disconnect",
    "background",
    "extensions",
    "spec_version",
    "target",
    "body_chunks",
    "disconnect_after",
    "rules",
    "server",
)

ON_DISCONNECT = ("grace", "cancel")
BACKGROUND = ("wait", "detach")
LEFTOVER_TASKS = ("cancel", "wait", "error")

#: What a version of the specification looks like.
_SPEC_VERSION = re.compile(r"\d+\.\d+", re.ASCII)
_A_VERSION = 'a str of two numbers, for example "2.4"'

#: The bodies after so many bytes of which a client can go away.
SIDES = ("upload", "download")

#: The extensions that can be offered to the app, with what the scope says of each (extensions.rst).
EXTENSIONS: Mapping[str, Mapping[str, Any]] = {
    "http.response.debug": {},
    "http.response.early_hint": {},
    "http.response.pathsend": {},
    "http.response.push": {},
    "http.response.trailers": {},
    "http.response.zerocopysend": {},
    "websocket.http.response": {},
    "tls": {
        "server_cert": None,
        "client_cert_chain": (),
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": None,
        "cipher_suite": None,
    },
}


@dataclass(slots=True)
class ExchangeOptions:
    """What holds for one request or websocket: the client's options, with those of the request over them."""

    raise_server_exceptions: bool = True
    root_path: str = ""
    client: tuple[str, int] | None = CLIENT
    http_version: str = "1.1"
    scope: Mapping[str, Any] = field(default_factory=dict)
    grace: float = GRACE
    on_disconnect: str = "grace"
    background: str = "wait"
    extensions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    spec_version: str | None = None
    target: bytes | None = None
    body_chunks: int | None = None
    disconnect_after: int | Mapping[str, int] | None = None
    rules: str | Mapping[str, str] = "servers"
    server: str = "uvicorn"
    #: What was recorded of messages that break rules, the oldest first.
    violations: deque[ProtocolViolation] = field(default_factory=lambda: deque(maxlen=KEPT))
    #: What has happened, for the timeline.
    recorder: Recorder = field(default_factory=Recorder)
    #: What became of the lifespan of the app.
    lifespan: LifespanRecord = field(default_factory=LifespanRecord)
    #: How what the app gets is varied; None: it is not.
    variations: Variations | None = None
    #: How long the app may take to end after its client has gone, in seconds; None: it is cancelled at once.
    ending_grace: float | None = field(init=False)
    #: After how many bytes of which body the client goes away; None: it does not.
    upload_limit: int | None = field(init=False)
    download_limit: int | None = field(init=False)
    #: What becomes of a message that breaks a rule, and the habits of the server.
    rule_book: RuleBook = field(init=False)
    habits: Server = field(init=False)

    def __post_init__(self) -> None:
        __tracebackhide__ = True
        self._check_values()
        self.extensions = offered(self.extensions)
        self.ending_grace = None if self.on_disconnect == "cancel" else self.grace
        after = self.disconnect_after
        both = after if isinstance(after, Mapping) else {"upload": after, "download": after}
        for side, limit in both.items():
            check_one_of("disconnect_after key", side, SIDES)
            check_count("disconnect_after", limit, least=0)
        self.upload_limit, self.download_limit = both.get("upload"), both.get("download")
        self.rule_book = RuleBook(checked_verdicts(self.rules), self.violations)
        check_one_of("server", self.server, tuple(SERVERS))
        self.habits = SERVERS[self.server]

    def _check_values(self) -> None:
        __tracebackhide__ = True
        check_flag("raise_server_exceptions", self.raise_server_exceptions)
        check_type("root_path", self.root_path, str, 'a str, "" for none')
        check_address("client", self.client)
        check_type("http_version", self.http_version, str, 'a str, for example "1.1"')
        check_type("scope", self.scope, Mapping, "a dict of what the scope is to say")
        check_seconds("grace", self.grace, finite=True)  # an app may go on for ever
        check_one_of("on_disconnect", self.on_disconnect, ON_DISCONNECT)
        check_one_of("background", self.background, BACKGROUND)
        check_type("target", self.target, (bytes, NoneType), 'bytes, for example b"/path?query"')
        check_count("body_chunks", self.body_chunks, least=1)
        check_type("spec_version", self.spec_version, (str, NoneType), _A_VERSION)
        if self.spec_version is not None and not _SPEC_VERSION.fullmatch(self.spec_version):
            raise refuse(f"spec_version={self.spec_version!r}", _A_VERSION)

    def for_request(self, extensions: Mapping[str, Any]) -> ExchangeOptions:
        """These options with what `extensions={"asgi": {...}}` of a request says instead."""
        __tracebackhide__ = True
        overrides = extensions.get("asgi")
        if not overrides:
            return self
        check_type('extensions["asgi"]', overrides, Mapping, "a dict of options")
        for name in overrides:
            if name not in _PER_REQUEST:
                raise UnknownOption('extensions["asgi"] key', name, _PER_REQUEST)
        return replace(self, **overrides)


def offered(extensions: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The extensions by name, each with what the scope says of it: the user's own words, if a mapping was given.

    Raises:
        UnknownOption: there is no such extension.
    """
    __tracebackhide__ = True
    if isinstance(extensions, str) or not isinstance(extensions, Iterable):
        raise refuse(f"extensions={extensions!r}", f"a list of names, for example [{extensions or 'tls'!r}]")
    own = extensions if isinstance(extensions, Mapping) else dict.fromkeys(extensions)
    for name, says in own.items():
        check_one_of("extensions", name, tuple(EXTENSIONS))
        check_type(f"extensions[{name!r}]", says, (Mapping, NoneType), "a dict of what the scope is to say of it")
    return {name: {**EXTENSIONS[name], **(says or {})} for name, says in own.items()}


def client_headers(headers: HeaderTypes | None) -> httpx.Headers:
    """The headers of a client: a copy of the caller's, with a user agent."""
    own = httpx.Headers(headers)
    own.setdefault("user-agent", USER_AGENT)
    return own
