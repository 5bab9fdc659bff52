"""Which rules the frameworks break themselves, whatever their users write, and why that is no mistake of the rule.

`docs/conformance.md` has the same table, with where it happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LEFT_OPEN: Final = "an endpoint that returns leaves its websocket open: nothing is sent behind it"

#: By framework, and by rule: the reason.
BROKEN_BY: Final[Mapping[str, Mapping[str, str]]] = {
    "starlette": {"no-close": _LEFT_OPEN},
    "fastapi": {"no-close": _LEFT_OPEN},
    "django": {
        "length-of-nothing": "CommonMiddleware adds a content-length to each response, to one of 204 as well",
        "upper-case-name": "the names of all its headers are as its users write them, such as Content-Type",
    },
    "litestar": {"no-close": _LEFT_OPEN},
    "quart": {"length-of-nothing": "each response of bytes has a content-length, one of 204 as well"},
    "blacksheep": {
        "length-of-nothing": "each response without content has a content-length of 0, one of 204 as well",
        "lengths-differ": "a HEAD of a static file has the length of the file, and one of 0 behind it",
        "no-close": _LEFT_OPEN,
        "upper-case-name": "its responses of redirects, files and events have names such as Location in capitals",
    },
}
