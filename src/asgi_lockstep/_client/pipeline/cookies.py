"""The cookies of a client in its requests: asked for of its jar, and remembered as long as that would say the same."""

from __future__ import annotations

from http.cookiejar import CookiePolicy, DefaultCookiePolicy
from typing import Any

from ..._httpx import httpx
from .header_lines import HeaderLines
from .remembered import remember
from .target import Target

#: How many are remembered.
_AT_MOST = 256

_NO_BODY = httpx.ByteStream(b"")


class CookieLines:
    """What the cookies of one client make of the headers of its requests."""

    def __init__(self) -> None:
        #: How the jar stood, and what was remembered then: in one, as other threads may change them.
        self._at: tuple[object, dict[tuple[HeaderLines, Target], HeaderLines]] = None, {}

    def added_to(self, lines: HeaderLines, client: Any, method: str, target: Target) -> HeaderLines:
        """`lines` with the cookies that belong there, as httpx puts them in."""
        stands = _state_of(client.cookies.jar)
        before, known = self._at
        if stands is None or stands != before:
            self._at = stands, (known := {})
        found = known.get((lines, target))
        if found is None:
            request = httpx.Request(method, target.url, headers=lines.raw, stream=_NO_BODY)
            client.cookies.set_cookie_header(request)
            found = HeaderLines.of(request.headers.raw, remembers=True)
            if stands is not None and lines.known is not None:
                remember(known, (lines, target), found, _AT_MOST)
        return found


def _state_of(jar: Any) -> object:
    """All on which it depends what a jar answers, to be compared; None if it is not known, or time is a part of it."""
    cookies = [vars(cookie).copy() for cookie in jar]
    if any(cookie["expires"] is not None for cookie in cookies):
        return None
    own = vars(jar)
    policies = [part for part in own.values() if isinstance(part, CookiePolicy)]
    if type(jar).__module__.partition(".")[0] not in _KNOWN or [*map(type, policies)] != [DefaultCookiePolicy]:
        return None
    return cookies, vars(policies[0]).copy(), jar


#: Whose jars answer by their cookies and their policy alone: Python's, and the library's own.
_KNOWN = ("http", httpx.__name__)
