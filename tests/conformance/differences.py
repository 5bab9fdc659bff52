"""Where our clients differ from the consensus of the servers, and why: by the name of the case.

The table is exact: a case that is named here and does not differ fails as well (`test_in_process.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_OSERROR: Final = "uvicorn, the default server, raises OSError out of send() to a websocket whose client has gone"
_REASON: Final = "uvicorn, the default server, tells the app the reason of a close"

DIFFERENCES: Final[Mapping[str, str]] = {
    "extension.debug": "test clients offer http.response.debug, and servers do not (extensions.rst: Debug)",
    "scope.types": "as every test client, ours has scope['extensions']: it offers http.response.debug",
    "denial.no-headers-key": "three stacks insist on a key that extensions.rst has optional; the app is right",
    "denial.start-then-accept": "uvicorn, the default server, refuses an accept behind the start of a denial",
    "send.after-close-waits": _OSERROR,
    "receive.text-too-large": _OSERROR,
    "end.client-3001": _REASON,
    "end.client-4999-unicode": _REASON,
    "end.send-after-drop": _OSERROR,
    "end.close-after-disconnect": _OSERROR,
    "end.close-after-drop": _OSERROR,
    "end.goes-on-sending-after-close": _OSERROR,
    "end.goes-on-sending-after-drop": _OSERROR,
    "close.reason-longest": _REASON,
    "close.reason-unicode": _REASON,
    "lifespan.system-exit": "SystemExit ends the test run, whatever a server would make of it",
}
