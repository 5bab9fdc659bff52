"""Every option and its default, once, for both clients and for one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import httpx2

from ..errors import UnknownOption, UsageError

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
)

ON_DISCONNECT = ("grace", "cancel")
BACKGROUND = ("wait", "detach")
LEFTOVER_TASKS = ("cancel", "wait", "error")

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
    #: How long the app may take to end after its client has gone, in seconds; None: it is cancelled at once.
    ending_grace: float | None = field(init=False)
    #: After how many bytes of which body the client goes away; None: it does not.
    upload_limit: int | None = field(init=False)
    download_limit: int | None = field(init=False)

    def __post_init__(self) -> None:
        check_one_of("on_disconnect", self.on_disconnect, ON_DISCONNECT)
        check_one_of("background", self.background, BACKGROUND)
        if self.body_chunks is not None and self.body_chunks < 1:
            raise UsageError(f"body_chunks={self.body_chunks!r} cuts a body into nothing: give a number of bytes.")
        for side in self.disconnect_after if isinstance(self.disconnect_after, Mapping) else ():
            check_one_of("disconnect_after key", side, SIDES)
        self.extensions = offered(self.extensions)
        self.ending_grace = None if self.on_disconnect == "cancel" else self.grace
        after = self.disconnect_after
        both = after if isinstance(after, Mapping) else {"upload": after, "download": after}
        self.upload_limit, self.download_limit = both.get("upload"), both.get("download")

    def for_request(self, request: httpx2.Request) -> ExchangeOptions:
        """These options with what `extensions={"asgi": {...}}` of the request says instead."""
        overrides = request.extensions.get("asgi")
        if not overrides:
            return self
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
    own = extensions if isinstance(extensions, Mapping) else {}
    for name in extensions:
        if name not in EXTENSIONS:
            raise UnknownOption("extensions", name, tuple(EXTENSIONS))
    return {name: {**EXTENSIONS[name], **own.get(name, {})} for name in extensions}


def check_one_of(option: str, value: str, known: Sequence[str]) -> None:
    """Raise if `option` has a value that does not exist."""
    __tracebackhide__ = True
    if value not in known:
        raise UnknownOption(option, value, known)


def client_headers(headers: Any) -> httpx2.Headers:
    """The headers of a client: a copy of the caller's, with a user agent."""
    own = httpx2.Headers(headers)
    own.setdefault("user-agent", USER_AGENT)
    return own
