"""What is shown of a message or scope: secrets masked, bytes as text, and nothing that JSON cannot hold."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any, Final

MASK: Final = "***"

#: The headers whose values are secrets.
SECRET: Final = frozenset(("authorization", "proxy-authorization", "cookie", "set-cookie"))

#: The attributes of a cookie, which are none.
_ATTRIBUTES: Final = frozenset(
    ("path", "domain", "expires", "max-age", "samesite", "secure", "httponly", "partitioned", "priority")
)

#: A name, its sign, and the value behind it.
_PAIR: Final = re.compile(r"\s*([^=;]+)=([^;]*)")


def readable(value: Any) -> Any:
    """`value` in what JSON can hold; whatever else it is, in the words of its `repr`."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _text_of(bytes(value))
    if isinstance(value, Mapping):
        return {str(key): readable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [readable(inner) for inner in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    try:
        return repr(value)
    except Exception as broken:  # anybody may have written it
        return f"<{type(value).__name__}, whose repr raises {type(broken).__name__}>"


def masked(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A message or scope that is readable, without the secrets in its headers."""
    headers = mapping.get("headers")
    if not isinstance(headers, list):
        return dict(mapping)
    return {**mapping, "headers": [_masked_pair(pair) for pair in headers]}


def _masked_pair(pair: Any) -> Any:
    if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and pair[0].lower() in SECRET):
        return pair
    name, value = pair
    return [name, _masked_value(name.lower(), value) if isinstance(value, str) else MASK]


def _masked_value(name: str, value: str) -> str:
    """The value of a header without what is secret in it: a scheme, and the names of cookies, are not."""
    if name in ("cookie", "set-cookie"):
        return _PAIR.sub(_masked_cookie, value) if "=" in value else MASK
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space else MASK


def _masked_cookie(found: re.Match[str]) -> str:
    name = found[1].strip()
    # A cookie may be called as an attribute is, but then it is the first of its line.
    is_attribute = found.start() > 0 and name.lower() in _ATTRIBUTES
    return found[0] if is_attribute else f"{found[0][: found.start(2) - found.start()]}{MASK}"


def _text_of(content: bytes) -> Any:
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    if len(content) >= 1024:  # it may have been cut in the middle of a character
        try:
            return content[: len(content) - 3].decode() if _is_cut(content) else _base64(content)
        except UnicodeDecodeError:
            pass
    return _base64(content)


def _is_cut(content: bytes) -> bool:
    """Whether all that is no text in it is the beginning of one character at its end."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.end == len(content) and error.reason == "unexpected end of data"
    return False


def _base64(content: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(content).decode()}
