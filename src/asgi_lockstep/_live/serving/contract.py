"""What the rest needs of a server, wherever it runs."""

from __future__ import annotations

from typing import Protocol

from ..record import Record


class Serving(Protocol):
    """A server with its app."""

    @property
    def record(self) -> Record:
        """What is known of the calls of the app."""
        ...

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        ...

    def start(self, limit: float) -> None:
        """Serve; return when the server is up.

        Args:
            limit: how long that may take, in seconds.

        Raises:
            ServerTimedOut: it took longer, and was cut off.
            ServerFailed: the server has ended.
            Exception: what the app has raised in its lifespan.
        """

    def stop(self, limit: float) -> None:
        """Stop as the server does when it is asked to; return when it has ended.

        Args:
            limit: how long that may take, in seconds.

        Raises:
            ServerTimedOut: it took longer, and was cut off.
            ServerFailed: the server had ended before.
        """

    def kill(self) -> None:
        """Cut off what can be cut off, and raise nothing."""

    def standing_of(self, request: str) -> list[str]:
        """Where the app stands in its calls of one kind, for example of `"GET /items"`; a line each."""
        ...
