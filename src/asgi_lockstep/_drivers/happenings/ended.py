"""What has to be known of an exchange whose app has ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..._protocol.tables import State


class Ended(Protocol):
    """An exchange whose app has ended: one of ours, or one of a server."""

    @property
    def scope(self) -> Mapping[str, Any]:
        """What the app was called with, and what a framework has written into it."""
        ...

    @property
    def app_end(self) -> str:
        """How the app has ended, in a word."""
        ...

    @property
    def app_words(self) -> str:
        """The same in more words."""
        ...

    @property
    def disconnected(self) -> bool:
        """Whether its client has gone."""
        ...

    @property
    def state(self) -> State:
        """What it has said."""
        ...
