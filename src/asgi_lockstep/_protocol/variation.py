"""What a server may do differently, decided by a seed: for one client, and for one exchange of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from random import Random, SystemRandom
from typing import Any, Final, TypeVar

from .._types import Message, Scope
from ..errors import UnknownOption, UsageError
from .variation_kinds import Kind, Varied
from .varied_messages import DISCONNECT, OF_BODIES, OF_ENDS_OF_BODIES, OF_MESSAGES
from .varied_scopes import OF_SCOPES

T = TypeVar("T")

#: Seeds that are chosen at random are below this: short enough to be written down.
_SEEDS = 1_000_000

#: How often what is possible happens.
_SHARE = 0.5

#: How many messages of a kind a note lists one by one, and how many lines it has at most: a long upload is cut often.
_LISTED, _LINES = 5, 30

#: All kinds that there are.
KINDS: Final[tuple[Kind[Any], ...]] = (*OF_SCOPES, *OF_BODIES, *OF_ENDS_OF_BODIES, *OF_MESSAGES, DISCONNECT)
_NAMES = tuple(kind.name for kind in KINDS)
_NO_SEED = "an int, True for a random one, a Variation, or None"


@dataclass(frozen=True)
class Variation:
    """How a client varies what the app gets, within what the ASGI specification allows; for `vary=` of a client.

    Args:
        seed: decides what varies. The same seed and the same test give the same variation.
        also: the names of kinds that happen only on request: `"disconnect"` (the client goes away at any point, which
            the test has to be ready for), `"header-case"` (header names with capitals) and `"no-query-string"` (a
            websocket scope without an empty `query_string`), which the specification allows and few frameworks stand.
        without: the names of kinds to leave out, as the notes on exceptions have them.

    Raises:
        UnknownOption: there is no kind of such a name; the text lists them.
        UsageError: the seed is none.

    Example:
        >>> from asgi_lockstep import TestClient, Variation
        >>> async def app(scope, receive, send): ...
        >>> TestClient(app, vary=Variation(7, also=["disconnect"])).vary
        Variation(7, also=('disconnect',))
    """

    seed: int
    also: Sequence[str] = field(default=(), kw_only=True)
    without: Sequence[str] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        __tracebackhide__ = True
        if type(self.seed) is not int:
            raise UsageError(f"seed={self.seed!r} makes no sense: give an int.")
        for option in ("also", "without"):
            names = getattr(self, option)
            names = (names,) if isinstance(names, str) else tuple(names)
            for name in names:
                if name not in _NAMES:
                    raise UnknownOption(f"Variation {option}", name, _NAMES)
            object.__setattr__(self, option, names)

    def __repr__(self) -> str:
        also = f", also={self.also!r}" if self.also else ""
        without = f", without={self.without!r}" if self.without else ""
        return f"Variation({self.seed}{also}{without})"

    @property
    def written(self) -> str:
        """What to write after `vary=` to have the same again."""
        return repr(self) if self.also or self.without else str(self.seed)

    def has(self, kind: Kind[Any]) -> bool:
        """Whether a kind may happen."""
        return kind.name not in self.without and (not kind.asked_for or kind.name in self.also)


class Variations:
    """The variations of all exchanges of one app, which are numbered as they begin.

    Args:
        variation: what the client was given.
    """

    def __init__(self, variation: Variation) -> None:
        self.variation = variation
        self._numbers = count()
        #: What stays as it is in all exchanges that come.
        self._kept: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.variation!r}>"

    def begin(self, kept: Collection[str] = ()) -> ExchangeVariation:
        """What varies in the next exchange.

        Args:
            kept: what the test has asked for by name, and so stays as it is: keys of the scope, `"body"`, `"end"`.
        """
        return ExchangeVariation(self.variation, next(self._numbers), {*kept, *self._kept})

    def begin_lifespan(self) -> ExchangeVariation:
        """What varies in the lifespan. Its scope offers a state, and a server that does so passes it on."""
        self._kept = ("state",)
        return self.begin()

    def explain(self, exception: BaseException) -> None:
        """Note on an exception how it comes again, where nothing is noted yet."""
        _note(exception, [f"vary={self.variation.written} repeats this."])


def variations_of(vary: Any) -> Variations | None:
    """What `vary=` of a client means; None for no variation.

    Raises:
        UsageError: it means nothing; what to write instead stands in the text.
    """
    __tracebackhide__ = True
    if vary is None or vary is False:
        return None
    if vary is True:
        vary = SystemRandom().randrange(_SEEDS)
    if not isinstance(vary, (int, Variation)):
        raise UsageError(f"vary={vary!r} makes no sense: give {_NO_SEED}.")
    return Variations(vary if isinstance(vary, Variation) else Variation(vary))


class ExchangeVariation:
    """What varies in one exchange, and what has varied until now.

    Args:
        variation: of the client.
        number: of the exchange.
        kept: as in `Variations.begin()`.
    """

    def __init__(self, variation: Variation, number: int, kept: Collection[str] = ()) -> None:
        self._variation = variation
        self._number = number
        self._kept = kept
        self._random: dict[str, Random] = {}
        #: What has varied, in words, each with the messages in which it has.
        self._varied: dict[str, list[int]] = {}
        self._messages = 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._number} of {self._variation!r}: {', '.join(self._varied) or 'nothing'}>"

    def scope(self, scope: Scope) -> Scope:
        """The scope as another server may make it."""
        return self._through([kind for kind in OF_SCOPES if kind.key not in self._kept], scope)

    def body(self, pieces: Iterable[bytes]) -> list[bytes]:
        """A whole request body, which was to come in these pieces."""
        found = [*pieces]
        if "body" not in self._kept:
            found = self._through(OF_BODIES, found)
        return self._through(OF_ENDS_OF_BODIES, found)

    def piece(self, piece: bytes) -> list[bytes]:
        """The pieces in which a piece of a request body comes."""
        return self._through(OF_BODIES, [piece])

    def message(self, message: Message) -> Message:
        """A message that the app receives."""
        self._messages += 1
        return self._through(OF_MESSAGES, message, self._messages)

    def end(self, known: Mapping[str, int]) -> Mapping[str, int]:
        """When the client goes away, as `goes_away()` has it; nothing, if it does not."""
        varied = None if "end" in self._kept else self._varied_by(DISCONNECT, known)
        return {} if varied is None else varied

    def explain(self, exception: BaseException, request: str) -> None:
        """Note on an exception how it comes again, and what has varied, where nothing is noted yet.

        Args:
            request: what the exchange is called, for example `"GET /items"`.
        """
        lines = [f"  {words}{_where(numbers)}" for words, numbers in islice(self._varied.items(), _LINES)]
        if len(self._varied) > _LINES:
            lines.append(f"  and {len(self._varied) - _LINES} more")
        what = f"{request} (exchange {self._number} of the client)"
        first = f"vary={self._variation.written} repeats this. "
        first += f"What varied in {what}:" if lines else f"Nothing varied in {what}."
        _note(exception, [first, *lines])

    def _through(self, kinds: Sequence[Kind[T]], value: T, *messages: int) -> T:
        """`value`, after all of the kinds that happen.

        Args:
            messages: the number of the message that it is, if it is one.
        """
        for kind in kinds:
            varied = self._varied_by(kind, value, *messages)
            if varied is not None:
                value = varied
        return value

    def _varied_by(self, kind: Kind[T], value: T, *messages: int) -> T | None:
        """`value` varied in one way; None if that does not happen."""
        varied = self._chosen(kind, value)
        if varied is None:
            return None
        self._varied.setdefault(f"{varied[1]} ({kind.name}; {kind.section})", []).extend(messages)
        return varied[0]

    def _chosen(self, kind: Kind[T], value: T) -> Varied[T]:
        if not self._variation.has(kind):
            return None
        # Each kind has a chance of its own: a seed means the same when others are left out, or come to be.
        random = self._random.get(kind.name)
        if random is None:
            random = self._random[kind.name] = Random(f"{self._variation.seed} {self._number} {kind.name}")
        return kind.vary(value, random) if random.random() < _SHARE else None


def _where(numbers: Sequence[int]) -> str:
    """In which of the messages that the app has received."""
    if not numbers:
        return ""
    if len(numbers) == 1:
        return f", in message {numbers[0]}"
    listed = ", ".join(map(str, numbers[:_LISTED]))
    more = f" and {len(numbers) - _LISTED} more" if len(numbers) > _LISTED else ""
    return f", in messages {listed}{more}"


def _note(exception: BaseException, lines: Sequence[str]) -> None:
    """Add a note to an exception that has none of these, which passes several places on its way to the test."""
    if not any(str(note).startswith("vary=") for note in getattr(exception, "__notes__", ())):
        exception.add_note("\n".join(lines))
