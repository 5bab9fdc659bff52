"""Whatever an app sends and a test does: every call ends, with what is documented, and nothing is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given

from fuzz.programs import legal, plain, plays
from fuzz.runs import STUCK, WAYS, Found, Play, Way

Run = Callable[[Way, Play], Found]
KINDS = ("http", "websocket", "lifespan")


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_documented_is_raised_and_nothing_is_left(kind: str, way: Way, run: Run) -> None:
    """No task, thread or loop, and nothing that a library logs; of apps and tests that do what comes to mind."""

    @given(play=plays(kind))
    def check(play: Play) -> None:
        assert run(way, play).complaints == []

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_app_and_test_give_the_same_on_every_way(kind: str, run: Run) -> None:
    """Whichever client, library and clock: what the test is given, what it sees raised, and what the app receives."""

    @given(play=plain(kind))
    def check(play: Play) -> None:
        expected = run(WAYS[0], play).notes
        for way in WAYS[1:]:
            found = run(way, play)
            assert found.complaints == []
            if way.proves or STUCK not in expected:
                assert found.notes == expected, way

    check()


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_what_is_sent_is_received(way: Way, kind: str, run: Run) -> None:
    """Both ways: every byte of both bodies, every frame in its order, and the code of the close."""

    @given(both=legal(kind))
    def check(both: tuple[Play, list[object]]) -> None:
        play, expected = both
        found = run(way, play)
        assert (found.notes, found.complaints) == (expected, [])

    check()
