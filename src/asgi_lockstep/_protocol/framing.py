"""How long the body of a response is, by its head (RFC 9112 section 6.3)."""

from __future__ import annotations

from typing import Final, NamedTuple

#: The statuses of responses that end with their headers (RFC 9110 sections 15.3.5 and 15.4.5).
WITHOUT_BODY: Final = frozenset((204, 304))

CONTENT_LENGTH: Final = b"content-length"

#: How many are remembered: the responses of a suite say the same again and again.
_REMEMBERED: Final = 1024


class Framing(NamedTuple):
    """What the head of a response says about its body.

    Args:
        declared: the length that it declares, None where it does not.
        has_no_body: whether no client reads a body, whatever is declared.
    """

    declared: int | None
    has_no_body: bool

    @property
    def counts(self) -> bool:
        """Whether the body has to have exactly the length that was declared."""
        return self.declared is not None and not self.has_no_body


_known: dict[tuple[str | None, int, tuple[bytes, ...]], Framing] = {}


def framing_of(method: str | None, status: int, lengths: tuple[bytes, ...]) -> Framing:
    """What a head says.

    Args:
        method: that of the request.
        status: that of the response.
        lengths: the values of its content-lengths, of which the first counts.
    """
    asked = (method, status, lengths)
    framing = _known.get(asked)
    if framing is None:
        if len(_known) >= _REMEMBERED:
            _known.clear()
        # The same more than once, in a list or in lines, is that one (RFC 9110 section 8.6).
        length = lengths[0].partition(b",")[0].strip() if lengths else b""
        declared = int(length) if length.isdigit() else None
        framing = _known[asked] = Framing(declared, status in WITHOUT_BODY or method == "HEAD")
    return framing


#: Of an exchange whose response has not begun: nothing is declared.
NOT_BEGUN: Final = Framing(None, False)
