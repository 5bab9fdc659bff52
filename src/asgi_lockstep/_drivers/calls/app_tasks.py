"""Which tasks belong to the app: those of its calls, and every task that such a task has made.

Tasks inherit the context of whoever makes them (asyncio and trio alike), so a mark in the context of an app call
marks everything that comes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..inspection.known_code import Meaning
from ..inspection.source_lines import Place, line_of_app
from .app_call import AppCall


@dataclass(frozen=True, slots=True)
class AppTask:
    """A task of the app, as an error text shows it.

    Args:
        name: what its library calls it; `""` for the app call itself.
        call: the call of the app that it comes from; None for a task of the test.
        created_at: where it was created, if that is known.
        places: where it stands, the outermost place first; empty if it has not begun.
        created_by_user: whether the user's code has asked for it; of a library that has, only who wrote that can say
            when it should end. True where it is not known.
        coroutine: what it runs; None where that is not known.
    """

    name: str
    call: AppCall[Any] | None
    created_at: Place | None
    places: tuple[Place, ...]
    created_by_user: bool = True
    coroutine: Any = field(default=None, repr=False, compare=False)

    @property
    def is_call(self) -> bool:
        """Whether it is the task of the call itself."""
        return self.call is not None and not self.name

    @property
    def stands_at(self) -> Place | None:
        """The line of the user's code at which it stands."""
        return line_of_app(self.places)

    @property
    def sleeps(self) -> bool:
        """Whether it stands in a sleep that has an end."""
        return any(place.is_in(Meaning.SLEEPS) for place in self.places) and not any(
            place.is_in(Meaning.SLEEPS_FOR_EVER) for place in self.places
        )

    @property
    def title(self) -> str:
        """Which task it is."""
        owner = "the test" if self.call is None else self.call.exchange.request
        return f"task {self.name!r} of {owner}" if self.name else owner

    def __str__(self) -> str:
        made = f", created at {self.created_at}" if self.created_at else ""
        place = self.stands_at
        where = f", stands at {place.in_words}" if place else ", has not begun"
        caller = self._called_at
        called = f", called at {caller.in_words}" if caller else ""
        return self.title + made + where + (", and a timer is pending for it" if self.sleeps else "") + called

    @property
    def _called_at(self) -> Place | None:
        """The line of the user's that has called the function in which it stands, if no library stands between."""
        places = [place for place in self.places if place.line]
        inner = max((number for number, place in enumerate(places) if place.is_of_user), default=0)
        return places[inner - 1] if inner and places[inner - 1].is_of_user else None
