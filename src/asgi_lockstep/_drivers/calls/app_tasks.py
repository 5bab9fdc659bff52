"""Which tasks belong to the app: those of its calls, and every task that such a task has made.

Tasks inherit the context of whoever makes them (asyncio and trio alike), so a mark in the context of an app call
marks everything that comes of it.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from ..._protocol.exchange import Exchange
from ..inspection.source_lines import Place, line_of_app

#: The exchange whose app call, or a task of it, is running.
calling: ContextVar[Exchange | None] = ContextVar("asgi_lockstep_calling", default=None)


@dataclass(frozen=True, slots=True)
class AppTask:
    """A task of the app, as an error text shows it.

    Args:
        name: what its library calls it; `""` for the app call itself.
        exchange: the call that it comes from; None for a task of the test.
        created_at: where it was created, if that is known.
        places: where it stands, the outermost place first; empty if it has not begun.
    """

    name: str
    exchange: Exchange | None
    created_at: Place | None
    places: tuple[Place, ...]

    @property
    def stands_at(self) -> Place | None:
        """The line of the user's code at which it stands."""
        return line_of_app(self.places)

    def __str__(self) -> str:
        owner = "the test" if self.exchange is None else self.exchange.request
        whose = f"task {self.name!r} of {owner}" if self.name else owner
        made = f", created at {self.created_at}" if self.created_at else ""
        place = self.stands_at
        where = f", stands at {place} in {place.function}: {place.source}" if place else ", has not begun"
        return whose + made + where
