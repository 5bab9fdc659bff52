"""`asgi-lockstep bench`: what is measured, and how it is shown. The time is that of a clock of ours."""

from __future__ import annotations

import json
from itertools import accumulate, chain, repeat

import pytest

from asgi_lockstep._cli import bench
from asgi_lockstep._cli.statistics_of_times import Spread, histogram, spread_of
from asgi_lockstep._cli.stopwatch import seconds, shown
from cli.apps import STATUSES
from cli.runs import CommandLine, Ran

#: About a millisecond, whose sums are exact.
TICK = 1 / 1024

COUNTING = """
NUMBERS = []

async def app(scope, receive, send):
    NUMBERS.append(scope["method"])
    status = 500 if scope["path"] == "/fails" and len(NUMBERS) % 2 else 200
    await send({"type": "http.response.start", "status": status})
    await send({"type": "http.response.body", "body": b"ok"})
"""


@pytest.fixture
def counting(command_line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line with an app that counts, each tenth request of which takes two ticks, and others one."""
    command_line.write(counting=COUNTING, statuses=STATUSES)
    took = chain.from_iterable((0.0, 2 * TICK if number % 10 == 0 else TICK) for number, _ in enumerate(repeat(0)))
    monkeypatch.setattr(bench, "seconds", accumulate(took).__next__)
    return command_line


def test_the_times_are_shown_with_a_histogram(counting: CommandLine) -> None:
    """Of those that are measured; the warm-up counts for nothing."""
    assert counting("bench", "counting:app", "/", "--no-lifespan", "-n", "100") == Ran(
        0,
        "GET /  200 (100 times)\n"
        "931 requests a second\n"
        "\n"
        "       min    median       p90       p99       max\n"
        "    977 µs    977 µs    977 µs   1.95 ms   1.95 ms\n"
        "\n"
        "    977 µs ████████████████████████████████████████ 90\n"
        "    986 µs ████▌ 10\n",
    )


def test_json_has_seconds(counting: CommandLine) -> None:
    """For machines."""
    ran = counting("bench", "counting:app", "/fails", "--no-lifespan", "-n", "100", "--json", "-X", "put")
    assert (ran.status, ran.err) == (5, "")
    assert json.loads(ran.out) == {
        "request": "PUT /fails",
        "number": 100,
        "per_second": 930.9,
        "seconds": {
            "min": 0.000976562,
            "median": 0.000976562,
            "p90": 0.000976562,
            "p99": 0.001953125,
            "max": 0.001953125,
        },
        "statuses": {"200": 50, "500": 50},
    }


def test_an_app_that_raises_ends_it(counting: CommandLine) -> None:
    """With its traceback, and the exit status 1."""
    ran = counting("bench", "statuses:app", "/raises", "--no-lifespan")
    assert (ran.status, ran.out, ran.err.splitlines()[-1]) == (1, "", "ValueError: no")


def test_a_body_makes_it_a_post(counting: CommandLine) -> None:
    """As with `request`."""
    ran = counting("bench", "counting:app", "/", "--no-lifespan", "-n", "1", "--warm-up", "0", "-d", "a=1")
    assert ran.out.splitlines()[0] == "POST /  200 (once)"


def test_the_spread_of_one_time_is_that_time() -> None:
    """In each of its fields."""
    assert spread_of([2.0]) == Spread(2.0, 2.0, 2.0, 2.0, 2.0)


def test_a_percentile_is_a_time_that_was_measured() -> None:
    """The smallest that is not below so many of a hundred."""
    assert spread_of([float(number) for number in range(200, 0, -1)]) == Spread(1.0, 100.5, 180.0, 198.0, 200.0)


def test_times_that_are_all_the_same_are_one_bar() -> None:
    """There is nothing to divide."""
    assert histogram([0.001] * 3) == [("1 ms", "█" * 40, 3)]


def test_a_few_times_that_are_far_away_are_one_row() -> None:
    """The others keep their shape."""
    rows = histogram([1.0, 1.25, 1.5, 1.75] * 10 + [100.0, 200.0])
    assert [(begin, count) for begin, _, count in rows] == [
        ("1 s", 10),
        ("1.23 s", 10),
        ("1.45 s", 10),
        ("1.68 s", 10),
        ("1.9 s", 0),
        ("2.12 s", 0),
        ("2.35 s", 0),
        ("2.58 s", 0),
        ("2.8 s", 0),
        ("3.02 s", 0),
        ("3.25 s", 2),
    ]


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0.0, "0 µs"),
        (0.0009996, "1 ms"),
        (0.00012345, "123 µs"),
        (0.9994, "999 ms"),
        (0.9996, "1 s"),
        (12.34, "12.3 s"),
        (1234.5, "1234 s"),
    ],
)
def test_durations_are_shown_with_three_digits(duration: float, text: str) -> None:
    """And the unit that goes with them."""
    assert shown(duration) == text


def test_the_stopwatch_goes_forward() -> None:
    """It is that of Python."""
    assert seconds() <= seconds()
