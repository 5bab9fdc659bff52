"""Traces: tracks, what lasts how long, arrows, and the laws that every trace keeps."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgi_lockstep._timeline.events import TimelineExchange
from asgi_lockstep._timeline.writers.trace_events import as_trace_events
from timeline.standing import BEGAN, ENDPOINT, TEST_LINE, Story

KINDS = [
    "test",
    "fails",
    "receives",
    "sends",
    "refused",
    "waits",
    "task_starts",
    "task_ends",
    "logs",
    "raises",
    "ends",
]


def trace(story: Story, **fields: Any) -> list[dict[str, Any]]:
    """The events of the trace of a story."""
    events: list[dict[str, Any]] = as_trace_events(story.timeline(**fields))["traceEvents"]
    return events


def of(phase: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of one phase."""
    return [event for event in events if event["ph"] == phase]


def track_names(events: list[dict[str, Any]]) -> dict[int, str]:
    """What stands beside each track."""
    return {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}


def lasting(events: list[dict[str, Any]]) -> list[tuple[str, str, float, float]]:
    """The track, the name, the beginning and the length of everything that has a length."""
    names = track_names(events)
    return [(names[event["tid"]], event["name"], event["ts"], event["dur"]) for event in of("X", events)]


def test_a_small_exchange() -> None:
    """All events of its trace, in their order, and none besides."""
    story = Story().http().lines(TEST_LINE, ENDPOINT).event("test", "test: GET /notes", place=TEST_LINE, step="read")
    story.asks().ends()
    names, test, app = {"ph": "M", "ts": 0, "pid": 1}, {"pid": 1, "tid": 1}, {"pid": 1, "tid": 2}
    lasts, moment = {"cat": "lasting", "ph": "X", "ts": 0.0, "dur": 2000.001}, {"ph": "i", "s": "t"}
    arrow = {"name": "message", "cat": "receives", "id": 1, "ts": 1000.0}
    line = {"place": "tests/test_notes.py:12", "source": 'client.get("/notes")'}
    request = {"request": "GET /notes"}
    message = {"type": "http.request", "body": "", "more_body": False}
    exchange = {"ended": True, "kind": "http", "sent_at": "tests/test_notes.py:12", "endpoint": "app.py:8"}
    receives = {"name": "app receives http.request", "cat": "receives", **moment, "ts": 1000.0, **app}
    assert trace(story) == [
        {"name": "process_name", **names, "tid": 1, "args": {"name": "test_notes"}},
        {"name": "thread_name", **names, "tid": 1, "args": {"name": "test"}},
        {"name": "thread_sort_index", **names, "tid": 1, "args": {"sort_index": 1}},
        {"name": "thread_name", **names, "tid": 2, "args": {"name": "1 GET /notes"}},
        {"name": "thread_sort_index", **names, "tid": 2, "args": {"sort_index": 2}},
        {"name": "test: GET /notes", **lasts, **test, "args": {"number": 0, **line, **request, "step": "read"}},
        {"name": "GET /notes", **lasts, **app, "args": exchange},
        {**receives, "args": {"number": 1, "message": message, **request}},
        {**arrow, "ph": "s", **test},
        {**arrow, "ph": "f", "bp": "e", **app},
        {"name": "app returned", "cat": "ends", **moment, "ts": 2000.0, **app, "args": {"number": 2, **request}},
    ]


def test_the_file_around_the_events() -> None:
    """Viewers show `metadata` on a page of its own."""
    made = as_trace_events(Story().timeline(clock="virtual", lost=3))
    del made["traceEvents"]
    assert made == {
        "displayTimeUnit": "ms",
        "metadata": {
            "format": "asgi-lockstep timeline",
            "title": "test_notes",
            "began": BEGAN,
            "clock": "virtual",
            "lost": 3,
        },
    }


def test_nothing_happened() -> None:
    """There is the track of the test, with nothing on it."""
    events = trace(Story())
    assert [event["ph"] for event in events] == ["M", "M", "M"]
    assert track_names(events) == {1: "test"}


def test_the_tracks_stand_in_order() -> None:
    """The test, then each exchange with its tasks below, then what belongs to none."""
    story = Story()
    story.exchanges.append(TimelineExchange(1, "lifespan", "lifespan", {"type": "lifespan"}))
    story.http("GET", "/a").http("GET", "/b")
    story.event("logs", exchange=None).event("task_starts", exchange=3, task="Task-9").event("waits", exchange=2)
    story.event("task_starts", exchange=1, task="Task-2").event("task_starts", exchange=None, task="Task-1")
    assert list(track_names(trace(story)).values()) == [
        "test",
        "1 lifespan",
        "Task-2 of lifespan",
        "2 GET /a",
        "3 GET /b",
        "Task-9 of GET /b",
        "app",
        "Task-1",
    ]


def test_an_exchange_that_the_timeline_does_not_name_has_a_track() -> None:
    """What happened is shown, whoever it belongs to."""
    assert list(track_names(trace(Story().event("sends", exchange=7))).values()) == ["test", "7 "]


def test_the_test_acts_until_the_app_rests() -> None:
    """Until the last event before the test does the next thing; what follows is the test's own time."""
    story = Story().http().event("test", "a", time=0.0).event("logs", time=0.002).event("test", "b", time=0.010)
    assert lasting(trace(story)) == [
        ("test", "a", 0.0, 2000.001),
        ("1 GET /notes", "GET /notes", 0.0, 10000.001),
        ("test", "b", 10000.0, 0.001),
    ]


def test_a_wait_lasts_until_the_next_event_of_who_waits() -> None:
    """What happens elsewhere meanwhile does not end it; one that never ends is cut off."""
    story = Story().http("GET", "/a").http("GET", "/b")
    story.event("waits", "app waits in receive()", exchange=1).event("logs", exchange=2)
    story.event("receives", exchange=1).event("waits", "app waits in send()", exchange=1).event("logs", exchange=2)
    assert [each for each in lasting(trace(story)) if "waits" in each[1]] == [
        ("1 GET /a", "app waits in receive()", 0.0, 2000.0),
        ("1 GET /a", "app waits in send()", 3000.0, 1000.001),
    ]


def test_an_exchange_that_never_ends() -> None:
    """It is cut off behind the last event, and says so."""
    events = of("X", trace(Story().http().asks().answers()))
    assert [(event["name"], event["dur"], event["args"]) for event in events] == [
        ("GET /notes", 2000.001, {"ended": False, "kind": "http"})
    ]


def test_a_task_lasts_from_its_start_to_its_end() -> None:
    """On a track of its own, with its waits."""
    story = Story().http().event("waits", "app waits in receive()")
    story.event("task_starts", task="Task-7", place=ENDPOINT).event("waits", "app waits in send()", task="Task-7")
    story.event("task_ends", task="Task-7").ends()
    events = trace(story)
    assert lasting(events) == [
        ("1 GET /notes", "GET /notes", 0.0, 4000.001),
        ("1 GET /notes", "app waits in receive()", 0.0, 4000.0),
        ("Task-7 of GET /notes", "Task-7", 1000.0, 2000.001),
        ("Task-7 of GET /notes", "app waits in send()", 2000.0, 1000.0),
    ]
    (task,) = (event for event in of("X", events) if event["name"] == "Task-7")
    assert task["args"] == {
        "started": True,
        "ended": True,
        "number": 1,
        "place": "app.py:8",
        "source": "async def notes():",
        "request": "GET /notes",
    }


@pytest.mark.parametrize(("lost", "start"), [(0, 1000.0), (9, 0.0)], ids=["never told", "fell out of the ring"])
def test_a_task_of_which_the_start_is_not_there(lost: int, start: float) -> None:
    """If it fell out of the ring, the task was there from the first event that did not."""
    story = Story().http().event("logs").event("logs", task="Task-7").event("task_ends", task="Task-7")
    events = trace(story, lost=lost)
    (task,) = (event for event in of("X", events) if event["name"] == "Task-7")
    assert (task["ts"], task["ts"] + task["dur"], task["args"]) == (start, 2000.001, {"started": False, "ended": True})


def test_tasks_of_one_name_have_a_track_each() -> None:
    """They may run beside each other, and what stands on one track must not overlap."""
    story = Story().http().event("task_starts", task="worker").event("task_starts", task="worker")
    assert list(track_names(trace(story)).values()) == [
        "test",
        "1 GET /notes",
        "worker of GET /notes",
        "worker of GET /notes",
    ]


def test_arrows_go_to_the_app_and_back() -> None:
    """From the track of the test to who receives, also a task of the app, and from who sends to the test."""
    story = Story().http().event("test", "a").asks().event("sends", task="Task-7")
    events = trace(story)
    names = track_names(events)
    arrows = [(event["ph"], event["id"], names[event["tid"]]) for event in events if event["ph"] in "sf"]
    assert arrows == [
        ("s", 1, "test"),
        ("f", 1, "1 GET /notes"),
        ("s", 2, "Task-7 of GET /notes"),
        ("f", 2, "test"),
    ]


def test_there_is_no_arrow_where_the_test_is_lost() -> None:
    """It would come from nowhere."""
    assert [event for event in trace(Story().http().asks(), lost=9) if event["ph"] in "sf"] == []


def test_messages_logs_and_errors_are_moments() -> None:
    """With what is known of them; what the test gets stands on its track."""
    story = Story().http()
    for kind in ("fails", "receives", "sends", "refused", "logs", "raises", "ends"):
        story.event(kind, f"text of {kind}", details="more")
    events = trace(story)
    names = track_names(events)
    moments = of("i", events)
    assert [(names[each["tid"]], each["cat"], each["name"]) for each in moments] == [
        ("test", "fails", "text of fails"),
        ("1 GET /notes", "receives", "text of receives"),
        ("1 GET /notes", "sends", "text of sends"),
        ("1 GET /notes", "refused", "text of refused"),
        ("1 GET /notes", "logs", "text of logs"),
        ("1 GET /notes", "raises", "text of raises"),
        ("1 GET /notes", "ends", "text of ends"),
    ]
    assert {each["args"]["details"] for each in moments} == {"more"}


def test_virtual_time_is_what_the_trace_is_drawn_by() -> None:
    """Events of one virtual moment stand a microsecond apart; what time it really was is in `args`."""
    story = Story().http().event("logs", time=0.5, loop_time=0.0).event("logs", time=0.6, loop_time=0.0)
    story.event("logs", time=0.7, loop_time=3600.0, jump=3600.0)
    moments = of("i", trace(story, clock="virtual"))
    assert [(each["ts"], each["args"]) for each in moments] == [
        (0.0, {"number": 0, "real": 0.5, "loop_time": 0.0, "request": "GET /notes"}),
        (1.0, {"number": 1, "real": 0.6, "loop_time": 0.0, "request": "GET /notes"}),
        (3600000000.0, {"number": 2, "real": 0.7, "loop_time": 3600.0, "jump": 3600.0, "request": "GET /notes"}),
    ]


EVENT = st.tuples(st.sampled_from(KINDS), st.sampled_from([None, 1, 2]), st.sampled_from(["", "", "Task-7"]))


@settings(derandomize=True, max_examples=50, database=None, deadline=None)
@given(told=st.lists(EVENT, max_size=25), clock=st.sampled_from(["real", "virtual"]), lost=st.integers(0, 1))
def test_the_laws_of_traces(told: list[tuple[str, int | None, str]], clock: str, lost: int) -> None:
    """Whatever the ring has kept: a viewer can draw it."""
    story = Story().http("GET", "/a").http("GET", "/b")
    over: set[tuple[int | None, str]] = set()
    for kind, exchange, task in told:
        if kind == "task_starts":
            over.discard((exchange, task))
        if (exchange, task) not in over:
            story.event(kind, kind, exchange=exchange, task=task, loop_time=float(len(story.events) // 4))
        if kind == "ends" or kind == "task_ends":
            over.add((exchange, "" if kind == "ends" else task))
    events = trace(story, clock=clock, lost=lost)
    assert json.loads(json.dumps(events)) == events
    assert [event["ts"] for event in events] == sorted(event["ts"] for event in events)
    assert {event["ph"] for event in events} <= set("MXisf")  # so there is no B that had to have an E
    assert all(event["dur"] > 0 and event["ts"] >= 0 for event in of("X", events))
    assert {event["tid"] for event in events} <= set(track_names(events))
    nothing_overlaps(of("X", events))
    arrows_are_whole(events)


def nothing_overlaps(events: list[dict[str, Any]]) -> None:
    """Of two things on one track, one is before the other, or contains it."""
    for track in {event["tid"] for event in events}:
        spans = [(event["ts"], event["ts"] + event["dur"]) for event in events if event["tid"] == track]
        for index, (start, end) in enumerate(spans):
            for other_start, other_end in spans[index + 1 :]:
                assert other_start >= end - 1e-4 or (start <= other_start and other_end <= end + 1e-4)


def arrows_are_whole(events: list[dict[str, Any]]) -> None:
    """Each begins once and ends once, and both ends are on something that lasts."""
    arrows = [event for event in events if event["ph"] in "sf"]
    assert len(arrows) % 2 == 0
    for start, end in list(pairwise(arrows))[::2]:
        assert (start["ph"], end["ph"], start["id"], start["cat"]) == ("s", "f", end["id"], end["cat"])
    for arrow in arrows:
        around = [event for event in of("X", events) if event["tid"] == arrow["tid"]]
        assert any(event["ts"] <= arrow["ts"] < event["ts"] + event["dur"] for event in around)
