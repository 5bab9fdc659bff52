"""A request that is ready to be sent: made of what the test has said, or of a request of httpx."""

from __future__ import annotations

from typing import Any, Final

from ..._httpx import httpx
from ..._protocol.header_rules import header_of_more_lines
from ...errors import UsageError
from .body import Kind, encoder_of, layout_of
from .cookies import CookieLines
from .header_lines import HeaderLines, MergedHeaders
from .seams import Seams
from .target import Target, Targets, target_of

#: Put on a request by the clients: nobody will look at the response before it is complete.
COLLECT: Final = "asgi_lockstep.collect"

#: Put on a request by `client.open()`: the test sends the body by hand.
BY_HAND: Final = "asgi_lockstep.by_hand"


class Prepared:
    """A request in the parts that a call of the app needs; httpx's own request of it is made when somebody looks.

    Args:
        method, target, body: what they are; the body is None if it is made piece by piece.
        headers: all of them, in order.
        extensions: what the request says to the transport.
        request: httpx's request, if there is one already.
    """

    __slots__ = ("_request", "body", "extensions", "headers", "method", "target")

    def __init__(
        self,
        method: str,
        target: Target,
        headers: HeaderLines,
        body: bytes | None,
        extensions: dict[str, Any],
        request: httpx.Request | None = None,
    ) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.extensions = extensions
        self._request = request

    @classmethod
    def of(cls, request: httpx.Request) -> Prepared:
        """What a request of httpx comes to.

        Raises:
            UsageError: no client could send it, or not to an ASGI app.
        """
        target, raw = target_of(request.url), request.headers.raw
        broken = header_of_more_lines(raw)
        if broken is not None:
            raise UsageError(
                f"The header {broken!r} of the request has CR, LF or NUL in it, which no client can send: leave that "
                "out."
            )
        if "host" not in request.headers:
            raw = [(b"host", target.host), *raw]
        is_whole = isinstance(request.stream, httpx.ByteStream) and not request.extensions.get(BY_HAND)
        body = request.read() if is_whole else None
        return cls(request.method, target, HeaderLines.of(raw), body, request.extensions, request)

    @property
    def request(self) -> httpx.Request:
        """The request as httpx would have made it."""
        if self._request is None:
            assert self.body is not None
            self._request = httpx.Request(
                self.method,
                self.target.url,
                headers=self.headers.raw,
                stream=httpx.ByteStream(self.body),
                extensions=self.extensions,
            )
            self._request.read()
        return self._request


class Preparation:
    """Prepares the requests of one client, and remembers what comes to the same each time.

    Args:
        seams: where others can reach into the way of its requests.
    """

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self.targets = Targets()
        self._headers = MergedHeaders()
        self._cookies = CookieLines()

    def prepare(
        self,
        client: Any,
        transport: Any,
        method: str,
        url: httpx.URL | str,
        *,
        content: Any = None,
        data: Any = None,
        files: Any = None,
        json: Any = None,
        params: Any = None,
        headers: Any = None,
        cookies: Any = None,
        auth: Any = httpx.USE_CLIENT_DEFAULT,
        timeout: Any = httpx.USE_CLIENT_DEFAULT,
        extensions: Any = None,
    ) -> Prepared | None:
        """The request of these arguments, which are those of `httpx.Client.request`; None if it has to go httpx's way.

        Args:
            client, transport: who sends it, and what that was given as its transport.
            auth, timeout: as the others, those of httpx; where they are not given, the client's count.
        """
        if files is not None or cookies is not None or type(method) is not str:
            return None
        if not self._seams.are_untouched(client, transport):
            return None
        try:
            method = method.upper()
            kind, body = (None, b"") if content is data is json is None else _body(content, data, json)
            lines = self._headers.of(client, headers)
            if lines is None or body is None:
                return None
            target = self.targets.of(client, url, params)
            if client.cookies:
                lines = self._cookies.added_to(lines, client, method, target)
            lines = layout_of(method, kind).around(lines, target.host, len(body))
            auth = client.auth if auth is httpx.USE_CLIENT_DEFAULT else auth
            if auth is not None or target.has_userinfo:
                lines = _with_auth(lines, target, auth)
                if lines is None:
                    return None
            said = {} if extensions is None else dict(extensions)
            if "timeout" not in said:
                timeout = client.timeout if timeout is httpx.USE_CLIENT_DEFAULT else httpx.Timeout(timeout)
                said["timeout"] = timeout.as_dict()
            said[COLLECT] = True
            return Prepared(method, target, lines, body, said)
        except Exception:
            return None  # something makes no sense: httpx says what, and looks at one thing after the other


def _body(content: Any, data: Any, json: Any) -> tuple[Kind | None, bytes | None]:
    """The kind of a body, None for an empty one, and the body; None instead of it where httpx has to make it."""
    kind: Kind
    value: Any
    if content is not None:
        kind, value, is_usual = "content", content, isinstance(content, (str, bytes)) and data is json is None
    elif data is not None:
        kind, value, is_usual = "data", data, type(data) is dict and bool(data) and json is None
    else:
        kind, value, is_usual = "json", json, True
    encode = encoder_of(kind) if is_usual else None
    if encode is None:
        return None, None
    body = encode(value)
    return None if kind == "content" and not body else kind, body


def _with_auth(lines: HeaderLines, target: Target, auth: Any) -> HeaderLines | None:
    """`lines` with the name and password of basic auth; None for any other auth, which may be a flow of requests."""
    if type(auth) is tuple:
        auth = httpx.BasicAuth(auth[0], auth[1])
    if type(auth) is not httpx.BasicAuth:
        return None
    request = next(auth.sync_auth_flow(httpx.Request("GET", target.url)))
    return lines.with_line("Authorization", request.headers["Authorization"])
