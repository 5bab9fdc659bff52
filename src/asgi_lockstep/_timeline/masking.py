"""What is shown of the headers of a message or scope: no secrets."""

from __future__ import annotations

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
