"""The rules about how an app ends. One that ends without a whole response is an error of its own (`errors.py`)."""

from __future__ import annotations

from typing import Final

from .rules import Rule

RETURN_VALUE: Final = Rule(
    "return-value", "The app returned {value!r}, and must return nothing.", "asgi.rst: Applications", "SHOULD"
)

NO_LAST_BODY: Final = Rule(
    "no-last-body",
    'The app returned without a last "http.response.body", although its response has all its bytes.',
    "www.rst: Response Start",
)
NO_CLOSE: Final = Rule(
    "no-close", "The app returned without closing the websocket that it has accepted.", "www.rst: Close", "SHOULD"
)

ENDING_RULES: Final = (RETURN_VALUE, NO_LAST_BODY, NO_CLOSE)
