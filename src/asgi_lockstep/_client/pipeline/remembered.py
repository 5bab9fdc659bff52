"""How what a request comes to is remembered: so much of it, and under keys that tell apart what differs."""

from __future__ import annotations

from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


def remember(known: dict[K, V], key: K, value: V, at_most: int) -> V:
    """Keep `value` in `known`, which begins anew when it is full; returns what is there, perhaps of another thread."""
    if len(known) >= at_most and key not in known:
        known.clear()
    return known.setdefault(key, value)


def texts_of(given: Any) -> tuple[tuple[str, str], ...] | None:
    """The items of a dict of texts, as a key; None for anything else.

    1, True and 1.0 are one key, and three texts; so are a text and an enum that is one.
    """
    if type(given) is not dict or not all(type(part) is str for pair in given.items() for part in pair):
        return None
    return tuple(given.items())
