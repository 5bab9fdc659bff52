"""The cookies of requests and responses, as HAR has them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

#: What stands for a value that is not shown. A whole header line that is masked has one cookie of this name.
MASK = "***"


def request_cookies(values: Iterable[str]) -> list[dict[str, Any]]:
    """The cookies in the values of all `cookie` headers."""
    return [_named(pair) for value in values for pair in value.split(";") if pair.strip()]


def response_cookies(values: Iterable[str], now: datetime) -> list[dict[str, Any]]:
    """The cookies in the values of all `set-cookie` headers, which came at `now`."""
    return [_with_attributes(value, now) for value in values]


def _named(pair: str) -> dict[str, Any]:
    name, equals, value = (part.strip() for part in pair.partition("="))
    if name == MASK and not equals:
        return {"name": MASK, "value": MASK}
    # A cookie without `=` has a value, and no name (RFC 6265bis, 5.6).
    return {"name": name, "value": value} if equals else {"name": "", "value": name}


def _with_attributes(value: str, now: datetime) -> dict[str, Any]:
    """One cookie; of an attribute that is there twice the last one counts (RFC 6265, 5.3)."""
    pair, *rest = value.split(";")
    attributes = {}
    for attribute in rest:
        key, _, content = attribute.partition("=")
        attributes[key.strip().lower()] = content.strip()
    cookie = _named(pair)
    cookie.update({key: attributes[key] for key in ("path", "domain") if attributes.get(key)})
    expires = _expires(attributes, now)
    if expires is not None:
        cookie["expires"] = expires.isoformat(timespec="milliseconds")
    cookie.update(httpOnly="httponly" in attributes, secure="secure" in attributes)
    if attributes.get("samesite"):
        cookie["sameSite"] = attributes["samesite"]
    return cookie


def _expires(attributes: dict[str, str], now: datetime) -> datetime | None:
    """When a cookie expires; None for one of the session, and where no date can be made of what is said."""
    with suppress(ValueError, OverflowError):
        if "max-age" in attributes:  # it goes before `expires` (RFC 6265, 5.3)
            return now + timedelta(seconds=max(int(attributes["max-age"]), 0))
    with suppress(ValueError, OverflowError, IndexError, TypeError):
        expires = parsedate_to_datetime(attributes.get("expires", ""))
        return expires if expires.tzinfo else expires.replace(tzinfo=now.tzinfo)
    return None
