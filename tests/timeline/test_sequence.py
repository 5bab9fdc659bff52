"""Where events stand in a sequence diagram."""

from __future__ import annotations

from asgi_lockstep._timeline.writers.sequence import APP, CLIENT, TASK_LANES, TEST, Bar, Diagram, Lifeline, diagram_of
from timeline.story import Story


def diagram(*events: tuple[str, int | None, str]) -> Diagram:
    """Of events, each with its kind, its exchange and its task."""
    story = Story("made of rows")
    story.requests = {1: "GET /", 2: "websocket /"}
    for kind, exchange, task in events:
        story.tell(kind, exchange, kind, task=task)
    return diagram_of(list(story.timeline()))


def test_arrows_go_where_messages_go() -> None:
    """From the one who acts to the one who is reached; what is no message stays in its lane."""
    kinds = ["test", "receives", "waits", "sends", "refused", "logs", "raises", "ends", "fails"]
    assert dict(zip(kinds, diagram(*((kind, 1, "") for kind in kinds)).arrows, strict=True)) == {
        "test": (TEST, CLIENT),
        "receives": (CLIENT, APP),
        "waits": (APP, APP),
        "sends": (APP, CLIENT),
        "refused": (APP, CLIENT),
        "logs": (APP, APP),
        "raises": (APP, APP),
        "ends": (APP, APP),
        "fails": (CLIENT, TEST),
    }


def test_a_task_has_a_lane_of_its_own() -> None:
    """It begins in the app; what happens in it is drawn there."""
    drawn = diagram(("task_starts", 1, "a"), ("receives", 1, "a"), ("sends", 1, "a"), ("task_ends", 1, "a"))
    assert drawn.arrows == ((APP, 3), (CLIENT, 3), (3, CLIENT), (3, 3))
    assert drawn.lifelines[3:] == (Lifeline("a", 3, 0, 3),)


def test_a_lane_is_used_again_when_its_task_is_over() -> None:
    """Tasks that live at the same time stand beside each other."""
    drawn = diagram(("logs", 1, "a"), ("logs", 1, "b"), ("logs", 1, "a"), ("logs", 1, "c"), ("logs", 1, "b"))
    assert drawn.lifelines[3:] == (Lifeline("a", 3, 0, 2), Lifeline("b", 4, 1, 4), Lifeline("c", 3, 3, 3))
    assert drawn.lanes == 5


def test_too_many_tasks_share_the_last_lane() -> None:
    """A drawing with a hundred columns would show nothing."""
    names = [f"task {number}" for number in range(40)]
    assert diagram(*(("logs", 1, name) for name in names * 2)).lanes == 3 + TASK_LANES


def test_the_app_waits_until_the_next_event_of_its_exchange_and_task() -> None:
    """Another exchange and another task do not end a wait, and neither does the test."""
    drawn = diagram(
        ("waits", 1, ""), ("sends", 2, ""), ("logs", 1, "a"), ("test", 1, ""), ("receives", 1, ""), ("waits", 1, "a")
    )
    assert drawn.bars == (Bar("waits", APP, 0, 0, 4), Bar("test", TEST, 0, 3, 5), Bar("waits", 3, 0, 5, 5))


def test_the_test_waits_until_it_does_something_again() -> None:
    """And not at all where it does the next thing at once."""
    drawn = diagram(("test", 1, ""), ("sends", 1, ""), ("test", 1, ""), ("test", 1, ""), ("fails", 1, ""))
    assert drawn.bars == (Bar("test", TEST, 0, 0, 1), Bar("test", TEST, 0, 3, 4))


def test_waits_that_overlap_stand_beside_each_other() -> None:
    """One that begins where another ends takes its place."""
    drawn = diagram(("waits", 1, ""), ("waits", 2, ""), ("waits", 1, ""), ("sends", 1, ""), ("sends", 2, ""))
    assert drawn.bars == (Bar("waits", APP, 0, 0, 2), Bar("waits", APP, 1, 1, 4), Bar("waits", APP, 0, 2, 3))


def test_nothing_is_a_diagram_too() -> None:
    """With its three lifelines."""
    drawn = diagram()
    assert (drawn.lanes, drawn.arrows, drawn.bars) == (3, (), ())
