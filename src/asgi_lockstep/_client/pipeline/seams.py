"""Whether a request may go our way: whether nobody has changed what httpx's clients do below `request()`.

The private names of httpx's clients that are looked at, here and nowhere else. Subclasses override them, tools for
tracing, recording and mocking replace them, on classes and on single clients; then httpx's own way is taken, whole.
`tests/client/pipeline/test_seams.py` fails if a release of httpx goes through others.
"""

from __future__ import annotations

import inspect
from operator import attrgetter
from pathlib import Path
from typing import Any

from ..._httpx import httpx

#: The methods that a request passes on httpx's way, below `request()`; not every release has all of them.
PASSED = (
    "build_request",
    "send",
    "_build_auth",
    "_build_redirect_request",
    "_build_request_auth",
    "_merge_cookies",
    "_merge_headers",
    "_merge_queryparams",
    "_merge_url",
    "_send_handling_auth",
    "_send_handling_redirects",
    "_send_single_request",
    "_set_timeout",
    "_transport_for_url",
)

_LIBRARY = str(Path(inspect.getfile(httpx)).parent)


class Seams:
    """Where others can reach into the way of a request.

    Args:
        kind: our client.
        library: the client of httpx that it is a class of.
        entry: the method of its transport that httpx calls.
    """

    def __init__(self, kind: type, library: type, entry: str) -> None:
        self._library = library
        self._entry = entry
        self._names = frozenset(name for name in PASSED if hasattr(library, name))
        self._methods = attrgetter(*sorted(self._names))
        #: What we override ourselves does not show what becomes of the library's own.
        self._overridden = attrgetter(*(name for name in self._names if getattr(kind, name) != getattr(library, name)))
        self._unchanged = self._methods(kind), self._overridden(library)
        #: A tool may have replaced some of them before this package was imported.
        self._are_own = all(_is_of_library(getattr(library, name)) for name in self._names)

    def are_untouched(self, client: Any, transport: Any) -> bool:
        """Whether a request of `client` comes to `transport` as httpx would send it, and nobody looks at it before.

        Args:
            transport: what `client` was given as its transport.
        """
        attributes = vars(client)
        hooks = client.event_hooks
        return (
            self._are_own
            and (self._methods(type(client)), self._overridden(self._library)) == self._unchanged
            and attributes.keys().isdisjoint(self._names)
            and attributes.get("_transport") is transport
            and attributes.get("_mounts") == {}
            and self._entry not in vars(transport)
            and not (hooks["request"] or hooks["response"])
            and not client.is_closed
        )


def _is_of_library(method: Any) -> bool:
    code = getattr(method, "__code__", None)
    return code is not None and code.co_filename.startswith(_LIBRARY)
