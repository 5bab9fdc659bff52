"""Several threads on one client: none is given what belongs to another, and none waits for ever."""

from __future__ import annotations

import pytest

from crowd import WAYS, crowd


@pytest.mark.parametrize("way", WAYS)
def test_threads_that_change_at_every_line_are_each_given_their_own(way: str) -> None:
    """Requests, streams, websockets, coroutine functions and derived clients, all at the same time."""
    assert crowd(WAYS[way], threads=8, calls=8) == []
