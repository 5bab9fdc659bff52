"""What the application of every framework answers, so that the same is asserted of all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: What the middleware of each application adds to every response.
ADDED: Final = ("x-added", "by middleware")

PERSON: Final = {"name": "Ada"}
TAG: Final = '"one"'
PIECES: Final = ("one, ", "two, ", "three")
EVENTS: Final = ("first", "second")

#: Long enough for each framework to compress it.
LARGE: Final = "lockstep " * 2000

#: What is downloaded: some text with lines, and so with a length that is worth a look.
FILE: Final = Path(__file__).with_name("calls.py")

#: What the lifespan leaves for the endpoints.
READY: Final = "ready"


class Conflict(Exception):
    """What an endpoint raises, and the error handler of its application answers with 409."""


#: The code with which it closes a websocket: one of its own.
CODE: Final = 4001
