"""What the bench keeps of a version, and when a later one is worse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bench.history import Kept
from bench.rows import rows

from bench import history

KEPT = Kept("0.1.0", "3.11", "httpx2", {"GET": (45.0, 40.0)}, {"GET": 0.5, "stream": 1000.0})


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the project is written."""
    monkeypatch.setattr(history, "FOLDER", tmp_path / "history")


def test_what_is_kept_can_be_read() -> None:
    """One file for each version, library and Python; the oldest version first."""
    newer = replace(KEPT, version="0.10.0")
    history.keep(newer)
    history.keep(KEPT)
    history.keep(replace(KEPT, floors={"GET": 0.4}))
    assert [(each.version, each.floors) for each in history.all_kept()] == [
        ("0.1.0", {"GET": 0.4}),
        ("0.10.0", newer.floors),
    ]


@pytest.mark.parametrize(
    ("now", "worse"),
    [
        ({"GET": 0.625}, {}),
        ({"GET": 0.63}, {"GET": (0.63, 0.5)}),
        ({"GET": 0.1, "stream": 1251.0}, {"stream": (1251.0, 1000.0)}),
        ({"another": 99.0}, {}),
    ],
)
def test_an_operation_is_worse_that_costs_a_quarter_more(
    now: dict[str, float], worse: dict[str, tuple[float, float]]
) -> None:
    """Than is kept; one of which nothing is kept is not."""
    assert history.worse(replace(KEPT, floors=now), KEPT) == worse


def test_every_version_has_its_bar(tmp_path: Path) -> None:
    """And the figure of the newest stands beside it."""
    history.draw([KEPT, replace(KEPT, version="0.2.0", floors={"GET": 0.25})], tmp_path / "drawing.svg")
    drawn = (tmp_path / "drawing.svg").read_text(encoding="utf-8")
    assert (drawn.count("<rect"), ">0.25<" in drawn, "versions: 0.1.0, 0.2.0" in drawn) == (3, True, True)


def test_every_row_has_one_target() -> None:
    """A least or a most, and a title of its own."""
    found = rows()
    assert all((row.at_least is None) != (row.at_most is None) for row in found)
    assert len({row.title for row in found}) == len(found)
    assert found[0].is_met(0.45)
    assert not found[0].is_met(0.46)
    assert (found[0].ratio(10, 40), found[1].ratio(10, 40)) == (0.25, 4)
