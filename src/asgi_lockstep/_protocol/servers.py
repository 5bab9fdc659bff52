"""Where real servers differ from each other in what a client sees, or the app; a row for each.

Observed over real sockets, like `consequences.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Server:
    """How one server does what the specification leaves open.

    Args:
        name: its name.
        error_headers, error_body: of the response of 500 that it gives where the app gives none.
        ends_bodies_with_nothing: whether the last event of each request body is an empty one.
        code_of_return, code_of_failure: with which code a websocket ends that the app has accepted, and whose app then
            returns, or raises, without closing it; 1006 is the absence of a close.
        tells_close: whether the app is told the code and the reason with which the client has closed; otherwise 1006.
        code_of_drop: the code that the app is told when the connection breaks.
        raises_after_disconnect: whether `send()` raises an `OSError` when the client of a websocket has gone.
    """

    name: str
    error_headers: tuple[Header, ...]
    error_body: bytes
    ends_bodies_with_nothing: bool = False
    code_of_return: int = 1006
    code_of_failure: int = 1006
    tells_close: bool = True
    code_of_drop: int = 1006
    raises_after_disconnect: bool = False


_TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")
_CLOSES: Final = (b"connection", b"close")

UVICORN: Final = Server(
    "uvicorn", (_TEXT, _CLOSES), b"Internal Server Error", code_of_drop=1005, raises_after_disconnect=True
)

#: Each server by its name.
SERVERS: Final[Mapping[str, Server]] = {
    server.name: server
    for server in (
        UVICORN,
        Server(
            "hypercorn",
            ((b"content-length", b"0"), _CLOSES),
            b"",
            ends_bodies_with_nothing=True,
            code_of_return=1011,
            code_of_failure=1011,
            tells_close=False,
        ),
        Server("daphne", ((b"content-type", b"text/html"),), b"Internal Server Error", code_of_failure=1011),
        Server(
            "granian",
            (_TEXT,),
            b"Internal server error",
            ends_bodies_with_nothing=True,
            code_of_return=1005,
            code_of_failure=1005,
            code_of_drop=1005,
        ),
    )
}
