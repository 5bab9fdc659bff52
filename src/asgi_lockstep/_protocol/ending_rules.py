"""The rules about how an app ends. One that ends without a whole response is an error of its own (`errors.py`)."""

from __future__ import annotations

from typing import Final

from .rules import Rule

RETURN_VALUE: Final = Rule(
    "return-value", "The app returned {value!r}, and must return nothing.", "asgi.rst: Applications", "SHOULD"
)

ENDING_RULES: Final = (RETURN_VALUE,)
