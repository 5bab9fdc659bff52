"""`make bench`, `make bench-keep`, `make bench-check`."""

from __future__ import annotations

import argparse
import sys

from . import history
from .generated import seconds_inside
from .imports import milliseconds_more
from .measure import FULL, QUICK, Measurement, Plan
from .rows import Row, rows

#: The rows that are no operation of a client: the title, and the target.
_IMPORT, _IMPORT_AT_MOST = "import, more than httpx (ms)", 25
_SUITE, _SUITE_AT_LEAST = "1,000 tests of FastAPI, inside", 4.0


def measured(plan: Plan, wanted: list[Row]) -> tuple[dict[str, tuple[float, float]], dict[str, float]]:
    """The ratios of each row, of the minima and of the medians, printed as a table; and what ours cost in floors."""
    floor = next(row.theirs for row in rows() if row.title == "GET / floor")
    measurement = Measurement(dict.fromkeys([floor, *(way for row in wanted for way in (row.ours, row.theirs))]), plan)
    measurement.run()
    cells = measurement.cells
    ratios, floors = {}, {}
    print(f"{'us':38}{'ours':>10}{'other':>11}{'by minima':>11}{'by medians':>11}   target")
    for row in wanted:
        ours, theirs = cells[row.ours], cells[row.theirs]
        by_minima, by_medians = row.ratio(ours.minimum, theirs.minimum), row.ratio(ours.median, theirs.median)
        ratios[row.title] = by_minima, by_medians
        floors[row.title] = ours.minimum / cells[floor].minimum
        verdict = "" if row.is_met(by_medians) else "  MISSED"
        print(
            f"{row.title:38}{ours.median:10,.1f}{theirs.median:11,.1f}{by_minima:11.2f}{by_medians:11.2f}"
            f"   {row.target}{verdict}",
            flush=True,
        )
    return ratios, floors


def import_and_suite() -> bool:
    """The two rows that need processes of their own; whether both targets are met."""
    library, ours = milliseconds_more(10)
    import_met = ours <= _IMPORT_AT_MOST
    verdict = "" if import_met else "  MISSED"
    print(f"{_IMPORT:38}{ours:10.1f}{library:11.1f}{'':22}   at most {_IMPORT_AT_MOST}{verdict}")
    inside = seconds_inside(1000, 2)
    times = inside["starlette"] / inside["ours"]
    suite_met = times >= _SUITE_AT_LEAST
    verdict = "" if suite_met else "  MISSED"
    print(
        f"{_SUITE:38}{inside['ours'] * 1e3:10,.1f}{inside['starlette'] * 1e3:11,.1f}{times:11.2f}{'':11}"
        f"   at least {_SUITE_AT_LEAST:g}x{verdict}"
    )
    return import_met and suite_met


def check() -> int:
    """Compare what each operation of ours costs in floors with what is kept; asked a second time before it fails."""
    ours = {row.ours: row.title for row in rows() if not row.asks_system}
    floor = next(row.theirs for row in rows() if row.title == "GET / floor")
    for _ in range(2):
        measurement = Measurement([floor, *ours], QUICK)
        measurement.run()
        cells = measurement.cells
        found = history.now({}, {title: cells[way].minimum / cells[floor].minimum for way, title in ours.items()})
        kept = next((each for each in history.all_kept() if each.file == found.file), None)
        if kept is None:
            print(f"Nothing is kept in {found.file.name}: run `make bench-keep` once.")
            return 0
        worse = history.worse(found, kept)
        if not worse:
            print(f"{len(found.floors)} operations cost no more than is kept in {kept.file.name}, and a quarter.")
            return 0
    for title, (cost, before) in worse.items():
        print(f"{title}: {cost:.2f} floors, kept are {before:.2f}")
    return 1


def main() -> int:
    """Measure, report, and return 1 if a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Compare what ASGI test clients cost.")
    parser.add_argument("--quick", action="store_true", help="a rough look")
    parser.add_argument("--only", default="", help="only the rows with this in their title")
    parser.add_argument("--keep", action="store_true", help="keep the figures in bench/history, and draw them")
    parser.add_argument("--check", action="store_true", help="compare with what is kept")
    options = parser.parse_args()
    if options.check:
        return check()
    wanted = [row for row in rows() if options.only.lower() in row.title.lower()]
    ratios, floors = measured(QUICK if options.quick else FULL, wanted)
    met = all(row.is_met(ratios[row.title][1]) for row in wanted)
    if not options.only:
        met = import_and_suite() and met
    now = history.now(ratios, floors)
    if options.keep:
        history.keep(now)
        history.draw(history.all_kept(), history.DRAWING)
    elif not options.only:
        history.draw([*(kept for kept in history.all_kept() if kept.file != now.file), now], history.SKETCH)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
