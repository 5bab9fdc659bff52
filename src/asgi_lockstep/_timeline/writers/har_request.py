"""The request of an exchange, as HAR has it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote

from .conversation import Conversation
from .har_bodies import post_data
from .har_cookies import request_cookies
from .recorded_bytes import HeaderLine, as_bytes, as_text, body_of, content_length, header_lines, value_of, values_of

#: What may stand in a URL besides letters and digits (RFC 3986, 3.2 to 3.4), and the sign of what is escaped already.
_ESCAPED = "%"
_IN_HOST = ":[]@!$&'()*+,;=~"
_IN_PATH = "/:@!$&'()*+,;=~"
_IN_QUERY = _IN_PATH + "?"

#: Ports that are not named in a URL.
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


def as_request(conversation: Conversation) -> dict[str, Any]:
    """`request` of an entry."""
    scope = conversation.exchange.scope
    lines = header_lines(scope.get("headers"))
    messages = [message for _, message in conversation.passed("receives", "http.request")]
    body = body_of(messages)
    complete = bool(messages) and not messages[-1].get("more_body")
    made = {
        "method": scope.get("method") or "GET",  # a websocket begins as a GET (RFC 6455, 4.1)
        "url": url_of(scope, lines),
        "httpVersion": http_version(scope),
        "cookies": request_cookies(values_of(lines, "cookie")),
        "headers": [{"name": name, "value": value} for name, value in lines],
        "queryString": _query(scope),
        "headersSize": -1,
        "bodySize": body.size if complete else _announced(conversation, lines),
    }
    if body.size:
        made["postData"] = post_data(lines, body)
    return made


def http_version(scope: dict[str, Any]) -> str:
    """The version as the developer tools of browsers write it."""
    version = scope.get("http_version") or "1.1"
    return "HTTP/2.0" if version == "2" else f"HTTP/{version}"


def _announced(conversation: Conversation, lines: list[HeaderLine]) -> int:
    """How long a body is that the app has not read, or not to its end: -1 where nobody knows.

    One that no header announces is empty (RFC 9112, 6.3), except in HTTP/2, which has no need of a header.
    """
    length = content_length(lines)
    if length is not None:
        return length
    if conversation.exchange.kind == "websocket":
        return 0
    old = str(conversation.exchange.scope.get("http_version") or "1.1").startswith("1")
    return 0 if old and not value_of(lines, "transfer-encoding") else -1


def url_of(scope: dict[str, Any], lines: list[HeaderLine]) -> str:
    """The absolute URL of a request, with everything escaped that may not stand in one."""
    scheme = scope.get("scheme") or ("ws" if scope.get("type") == "websocket" else "http")
    host = quote(value_of(lines, "host"), safe=_IN_HOST + _ESCAPED) or _host(scope, scheme)
    path = quote(as_bytes(scope.get("raw_path")), safe=_IN_PATH + _ESCAPED)
    path = path or quote(as_bytes(scope.get("path")), safe=_IN_PATH)  # which nobody has escaped
    query = quote(as_bytes(scope.get("query_string")), safe=_IN_QUERY + _ESCAPED)
    return f"{scheme}://{host}/{path.removeprefix('/')}" + (f"?{query}" if query else "")


def _host(scope: dict[str, Any], scheme: str) -> str:
    """The server of a request without a host; a socket of Unix has no port, and no name that could stand in a URL."""
    host, port = scope.get("server") or ("localhost", None)
    if port is None:
        return "localhost"
    name = f"[{host}]" if ":" in host else quote(host, safe=_IN_HOST)
    return name if port == _PORTS.get(scheme) else f"{name}:{port}"


def _query(scope: dict[str, Any]) -> list[dict[str, str]]:
    text = as_text(scope.get("query_string"))
    return [{"name": name, "value": value} for name, value in parse_qsl(text, keep_blank_values=True)]
