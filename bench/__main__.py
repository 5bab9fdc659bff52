"""`make bench`, `make bench-check`."""

from __future__ import annotations

import argparse
import sys

from .measure import FULL, QUICK, Measurement, Plan
from .rows import Row, rows


def measured(plan: Plan, wanted: list[Row]) -> dict[str, tuple[float, float]]:
    """The ratio of each row: of the minima, and of the medians; printed as a table."""
    ways = dict.fromkeys(way for row in wanted for way in (row.ours, row.theirs))
    measurement = Measurement(ways, plan)
    measurement.run()
    found = {}
    print(f"{'':38}{'ours':>10}{'other':>11}{'by minima':>11}{'by medians':>11}   target")
    for row in wanted:
        ours, theirs = measurement.cells[row.ours], measurement.cells[row.theirs]
        by_minima, by_medians = row.ratio(ours.minimum, theirs.minimum), row.ratio(ours.median, theirs.median)
        found[row.title] = by_minima, by_medians
        verdict = "" if row.is_met(by_minima) else "  MISSED"
        print(
            f"{row.title:38}{ours.minimum:10,.1f}{theirs.minimum:11,.1f}{by_minima:11.2f}{by_medians:11.2f}"
            f"   {row.target}{verdict}"
        )
    return found


def main() -> int:
    """Measure, report, and return 1 if a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Compare what ASGI test clients cost.")
    parser.add_argument("--quick", action="store_true", help="a rough look")
    parser.add_argument("--only", default="", help="only the rows with this in their title")
    options = parser.parse_args()
    wanted = [row for row in rows() if options.only.lower() in row.title.lower()]
    found = measured(QUICK if options.quick else FULL, wanted)
    return 0 if all(row.is_met(found[row.title][0]) for row in wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
