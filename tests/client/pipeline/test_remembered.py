"""What is remembered is bounded, and stands under keys that tell apart what differs."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_lockstep._client.pipeline.remembered import remember, texts_of


def test_so_much_is_kept() -> None:
    """What comes after that begins anew; what is there already does not, and stays."""
    known: dict[str, int] = {}
    kept = [remember(known, key, value, 2) for value, key in enumerate("abaac")]
    assert (kept, known) == ([0, 1, 0, 0, 4], {"c": 4})


@pytest.mark.parametrize("given", [{1: "a"}, {"a": 1}, {"a": True}, [("a", "b")], "a", {b"a": b"b"}], ids=repr)
def test_what_is_not_all_texts_is_no_key(given: Any) -> None:
    """Two of them may be equal, and mean different things."""
    assert texts_of(given) is None


def test_a_dict_of_texts_is_a_key() -> None:
    """With its order, which is that of what is sent."""
    assert [texts_of({}), texts_of({"b": "1", "a": "2"})] == [(), (("b", "1"), ("a", "2"))]
