"""`make threads`: several threads on one client, which Python changes at nearly every line; no call may fail.

    python tools/threads.py [--calls N] [--threads N] [--seed N] [WAY ...]

Every way to run an app in turn, entered and not, gets so many calls of every kind (tests/crowd.py has them: requests,
uploads, streams, websockets, `run()`, `settle()`, the portal, derived clients). A failure prints its traceback, and
what to call to see it again; which thread comes first is up to the system, so it may take more than one call. A way
that takes longer than `--limit` seconds prints where each thread stands, and ends the program.

The one way that is left out is trio on the thread of the test, entered: only the thread that has entered it can use it.
"""

from __future__ import annotations

import argparse
import faulthandler
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from crowd import WAYS, crowd


def main() -> int:
    """Do as the text at the top says; how many ways have failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ways", nargs="*", choices=[[], *WAYS], metavar="WAY", help=", ".join(WAYS))
    parser.add_argument("--calls", type=int, default=100_000, help="of each way, by all threads together")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0, help="by which the threads choose what to call")
    parser.add_argument("--limit", type=int, default=1800, help="how long a way may take, in seconds")
    chosen = parser.parse_args()
    failed = 0
    for name in chosen.ways or WAYS:
        faulthandler.dump_traceback_later(chosen.limit, exit=True)
        begin = time.perf_counter()
        failures = crowd(WAYS[name], threads=chosen.threads, calls=chosen.calls // chosen.threads, seed=chosen.seed)
        faulthandler.cancel_dump_traceback_later()
        took = time.perf_counter() - begin
        print(f"{name:24} {chosen.calls} calls of {chosen.threads} threads: {len(failures)} failures, {took:.0f} s")
        for failure in failures[:3]:
            print(failure)
        if failures:
            failed += 1
            print(f"Again: python tools/threads.py {name} --calls {chosen.calls} --seed {chosen.seed}")
        sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main())
