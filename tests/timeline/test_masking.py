"""Which values of headers are secrets, and what is left of them."""

from __future__ import annotations

import pytest

from asgi_lockstep._timeline.masking import masked


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        ("authorization", "Bearer abc.def", "Bearer ***"),
        ("authorization", "abc", "***"),
        ("proxy-authorization", "Basic YTpi", "Basic ***"),
        ("Authorization", "Basic YTpi", "Basic ***"),
        ("cookie", "session=abc; theme=dark", "session=***; theme=***"),
        ("cookie", "path=/secret", "path=***"),
        ("cookie", "abc", "***"),
        ("cookie", 'a="x=y"; b=', "a=***; b=***"),
        ("set-cookie", "session=abc; Path=/; Max-Age=60; HttpOnly", "session=***; Path=/; Max-Age=60; HttpOnly"),
        ("set-cookie", "path=abc; Path=/", "path=***; Path=/"),
        ("set-cookie", "a=b; SameSite=Lax; Unknown=1", "a=***; SameSite=Lax; Unknown=***"),
        ("x-token", "abc", "abc"),
    ],
)
def test_a_secret_is_masked(name: str, value: str, left: str) -> None:
    """Names of cookies, their attributes, and schemes are no secrets."""
    assert masked({"headers": [[name, value]]}) == {"headers": [[name, left]]}


@pytest.mark.parametrize("headers", [None, "none", [["cookie"]], ["cookie"], [[1, 2]], {"cookie": "abc"}])
def test_what_are_no_headers_is_left_alone(headers: object) -> None:
    """An app may have sent anything, and was told so."""
    assert masked({"type": "x", "headers": headers}) == {"type": "x", "headers": headers}


def test_a_secret_that_is_no_text_is_masked_as_a_whole() -> None:
    """Such as bytes that no character is made of."""
    assert masked({"headers": [["cookie", {"base64": "/w=="}]]}) == {"headers": [["cookie", "***"]]}
