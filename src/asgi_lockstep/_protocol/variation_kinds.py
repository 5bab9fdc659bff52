"""One kind of variation: something that servers may do differently.

What there is of them is rows: of scopes in `varied_scopes.py`, of bodies, messages and ends in `varied_messages.py`. A
new one is a row there, with a small pure function. It is given what the client would hand the app, and a source of
chance; it returns what another server may hand it instead, with a few words about the difference, or None where the
specification leaves no choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")

#: Something else that means the same, and the difference in words; None where there is no choice.
Varied = tuple[T, str] | None


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One kind of variation.

    Args:
        name: how it is called in notes, and in `Variation`.
        section: where the specification leaves the choice.
        vary: makes the choice.
        key: the key of the scope that it is about; one that the test has asked for stays as it is.
        asked_for: whether it happens only where `Variation(also=...)` names it.
    """

    name: str
    section: str
    vary: Callable[[T, Random], Varied[T]]
    key: str = ""
    asked_for: bool = False
