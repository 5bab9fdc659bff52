"""The diagnosis of a call that gets no further."""

from __future__ import annotations

import inspect
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from asgi_lockstep import Diagnosis
from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._drivers.calls.app_tasks import AppTask
from asgi_lockstep._drivers.inspection.source_lines import Place, shown
from asgi_lockstep._drivers.rest.why_stuck import diagnose
from asgi_lockstep._protocol.exchange import Exchange
from asgi_lockstep._protocol.steps import Move
from asgi_lockstep._protocol.websocket_exchange import WebSocketExchange
from drivers.awaiting import call_for
from protocol.exchanges import Listening, Watching

BOTH_RECEIVE = (
    "Both sides receive: the app waits for a message of the test, and the test for one of the app. Send something "
    "first, or leave the block to close the websocket."
)
LINES = [line.strip() for line in Path(__file__).read_text("utf-8").splitlines()]

#: A line of our `receive()`, and one of the user.
RECEIVE = Place(inspect.getfile(AppCall), 1, AppCall._receive.__name__)
QUEUE = Place("/work/app.py", 5, "main")


#: What the test waits for.
WAIT = Move(bool, "a message")


def chat(path: str = "/chat") -> AppCall[Exchange]:
    """A websocket that was accepted, and whose app receives."""
    exchange = WebSocketExchange({"type": "websocket", "path": path})
    exchange.from_app({"type": "websocket.accept"})
    exchange.observe(Watching(receivers=Listening()))
    return call_for(exchange)


def task_of(call: AppCall[Exchange] | None, *stands: Place) -> AppTask:
    """A task of the app that stands there."""
    return AppTask("Task-7", call, None, stands)


def here(function: str, text: str) -> str:
    """The line of this file that is `text`, as a diagnosis shows it."""
    return f"{shown(__file__)}:{LINES.index(text) + 1} in {function}: {text}"


def test_a_diagnosis_has_both_sides_of_the_wait() -> None:
    """What the test waits for and where, each exchange, each task, what is outside, and what to do about it."""
    one, two = chat(), chat("/other")
    tasks = [task_of(one, QUEUE, RECEIVE), task_of(two, RECEIVE)]
    found = diagnose(WAIT, one, [one, two], tasks, ["a thread"], hint="a hint")
    line = 'found = diagnose(WAIT, one, [one, two], tasks, ["a thread"], hint="a hint")'
    assert found == Diagnosis(
        "a message",
        here("test_a_diagnosis_has_both_sides_of_the_wait", line),
        [repr(one.exchange), repr(two.exchange)],
        ["task 'Task-7' of WEBSOCKET /chat, stands at /work/app.py:5 in main: ", str(tasks[1])],
        ["a thread"],
        BOTH_RECEIVE,
        "WEBSOCKET /chat",
        threads=[],
        holders=[],
    )


def test_the_threads_that_do_what_tasks_wait_for_are_named() -> None:
    """The line of a job is in no task; one that is named as what may still move is not named twice. An idle worker, and
    a job that uses a client itself, are no jobs of an app.
    """
    go, begun = threading.Event(), threading.Barrier(3)

    def job() -> tuple[int, bool]:
        return begun.wait(), go.wait()  # in one line, as they may stand in either

    with ThreadPoolExecutor(3, "worker") as pool:
        pool.submit(int).result()
        jobs = [pool.submit(job) for _ in range(2)]
        begun.wait()
        try:
            found = diagnose(WAIT, None, [], [])
            again = diagnose(WAIT, None, [], [], found.threads[:1])
        finally:
            go.set()
    assert all(job.done() for job in jobs)
    line = here("job", "return begun.wait(), go.wait()  # in one line, as they may stand in either")
    assert sorted(found.threads) == [f"thread 'worker_{number}', at {line}" for number in (0, 1)]
    assert (again.threads, again.outside) == (found.threads[1:], found.threads[:1])


def test_a_wait_of_which_nothing_is_known_has_the_hint() -> None:
    """The exchanges give no reason of their own."""
    found = diagnose(WAIT, None, [], [], hint="a hint")
    assert (found.waits_for, found.exchanges, found.tasks, found.advice) == ("a message", [], [], "a hint")


def test_an_app_that_sleeps_could_have_a_virtual_clock() -> None:
    """Where its time is real, and it is the app that the test waits for."""
    exchange, other = chat(), chat("/other")
    sleeps = Place("/lib/trio/_timeouts.py", 1, "sleep_until")
    asleep = task_of(exchange, QUEUE, sleeps)
    found = [
        diagnose(WAIT, exchange, [exchange], [asleep], time_is_real=True),
        diagnose(WAIT, exchange, [exchange], [asleep]),
        diagnose(WAIT, exchange, [exchange], [task_of(exchange, QUEUE), task_of(other, sleeps)], time_is_real=True),
    ]
    assert [one.advice for one in found] == [
        'The app sleeps, and the test waits as long in real time. With clock="virtual" that takes a millisecond.',
        "",
        "",
    ]


def test_a_wait_of_which_nothing_at_all_is_known_has_no_advice() -> None:
    """The lines have to do."""
    assert diagnose(WAIT, None, [], []).advice == ""


@pytest.mark.parametrize(
    ("stands", "advice"),
    [
        ([QUEUE], ""),
        ([QUEUE, RECEIVE], BOTH_RECEIVE),
        ([QUEUE, Place("/lib/anyio/_backends/_asyncio.py", 1, "__aexit__")], BOTH_RECEIVE),
        ([QUEUE, Place("/lib/trio/_core/_run.py", 1, "_nested_child_finished")], BOTH_RECEIVE),
    ],
    ids=["elsewhere", "receive", "task-group", "nursery"],
)
def test_an_app_that_waits_elsewhere_has_a_reason_of_its_own(stands: list[Place], advice: str) -> None:
    """One that waits in `receive()`, or for the tasks that it has started, has none."""
    exchange = chat()
    receiving = task_of(exchange, QUEUE, RECEIVE)
    assert diagnose(WAIT, exchange, [exchange], [receiving, task_of(exchange, *stands)]).advice == advice


def test_a_task_that_waits_in_a_context_manager_of_the_user_has_a_reason_of_its_own() -> None:
    """Only task groups wait for their children there."""
    exchange = chat()
    tasks = [task_of(exchange, QUEUE, RECEIVE), task_of(exchange, QUEUE, Place("/work/app.py", 9, "__aexit__"))]
    assert diagnose(WAIT, exchange, [exchange], tasks).advice == ""


def test_tasks_of_other_apps_are_no_reason() -> None:
    """What they wait for is their business."""
    exchange, other = chat(), chat("/other")
    tasks = [task_of(exchange, RECEIVE), task_of(other, QUEUE), task_of(None, QUEUE)]
    assert diagnose(WAIT, exchange, [exchange, other], tasks).advice == BOTH_RECEIVE


def test_the_test_waits_at_the_line_that_does_not_hide_from_tracebacks() -> None:
    """A helper that says so, as pytest has it, is not what the reader wants to see."""

    def helper() -> Diagnosis:
        __tracebackhide__ = True
        return diagnose(WAIT, None, [], [])

    found = helper()
    assert found.waits_at == here(
        "test_the_test_waits_at_the_line_that_does_not_hide_from_tracebacks", "found = helper()"
    )


def test_the_test_waits_at_its_innermost_line() -> None:
    """A helper is where it waits."""

    def helper() -> str:
        return diagnose(WAIT, None, [], []).waits_at

    assert helper() == here("helper", "return diagnose(WAIT, None, [], []).waits_at")


def test_a_diagnosis_lists_no_more_than_somebody_reads() -> None:
    """Fifty of the calls and of the tasks, among them the one that is waited for, and how many there are more."""
    calls = [chat(f"/{number}") for number in range(1000)]
    found = diagnose(WAIT, calls[999], calls, [task_of(call, RECEIVE) for call in calls])
    assert [len(found.exchanges), found.exchanges[-1], len(found.tasks), found.tasks[-1]] == [
        51,
        "and 950 more requests",
        51,
        "and 950 more tasks",
    ]
    assert "/999" in found.exchanges[0]
    assert "/0" in found.exchanges[1]
