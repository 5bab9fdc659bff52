"""How an error text shows a task of the app."""

from __future__ import annotations

from pathlib import Path

import pytest

from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._drivers.calls.app_tasks import AppTask
from asgi_lockstep._drivers.inspection import source_lines
from asgi_lockstep._drivers.inspection.source_lines import Place
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from helpers import hello

CALL = AppCall(
    hello, HTTPExchange({"type": "http", "method": "GET", "path": "/items", "asgi": {"version": "3.0"}}, b"")
)


@pytest.fixture
def app_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of the user, below the working directory."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "app.py"
    file.write_text("async def main():\n    await queue.get()\n    create_task(main())\n", "utf-8")
    return str(file)


def test_an_app_call_is_shown_with_its_request_and_its_line(app_file: str) -> None:
    """The line of the user, whatever that has called."""
    places = (Place(app_file, 2, "main"), Place("/lib/queue.py", 7, "get"), Place(source_lines.__file__, 1, "x"))
    task = AppTask("", CALL, None, places[::2])
    assert (str(task), task.stands_at) == ("GET /items, stands at app.py:2 in main: await queue.get()", places[0])


def test_a_task_of_an_app_is_shown_with_its_name_and_where_it_was_created(app_file: str) -> None:
    """Whose task it is."""
    task = AppTask("Task-7", CALL, Place(app_file, 3, "main"), (Place(app_file, 2, "main"),))
    assert str(task) == (
        "task 'Task-7' of GET /items, created at app.py:3, stands at app.py:2 in main: await queue.get()"
    )


def test_who_has_called_the_function_in_which_a_task_stands(app_file: str) -> None:
    """A lock that is taken twice is held by whoever has called; a library in between would call for its own reasons."""
    outer, inner = Place(app_file, 3, "main"), Place(app_file, 2, "helper")
    library = Place("/lib/site-packages/starlette/routing.py", 1, "app")
    tasks = [AppTask("", CALL, None, places) for places in ((outer, inner), (outer, inner, library), (outer, library))]
    stands = "GET /items, stands at app.py:2 in helper: await queue.get(), called at app.py:3 in main: "
    assert [str(task)[: len(stands)] for task in tasks[:2]] == [stands, stands]
    assert "called" not in str(tasks[2])
    assert "called" not in str(AppTask("", CALL, None, (outer, library, inner)))


def test_a_task_that_sleeps_has_a_timer(app_file: str) -> None:
    """Whatever library it sleeps in; one that sleeps for ever has none, or one that never comes."""
    main = Place(app_file, 2, "main")
    sleep = Place("/lib/site-packages/trio/_timeouts.py", 1, "sleep_until")
    for_ever = Place("/lib/site-packages/anyio/_core/_eventloop.py", 1, "sleep_forever")
    tasks = [AppTask("", CALL, None, places) for places in ((main, sleep), (main, for_ever, sleep), (main,))]
    assert [task.sleeps for task in tasks] == [True, False, False]
    assert str(tasks[0]) == f"{tasks[2]}, and a timer is pending for it"


def test_a_task_of_nobody_belongs_to_the_test(app_file: str) -> None:
    """It was not made by an app."""
    task = AppTask("Task-7", None, None, (Place(app_file, 2, "main"),))
    assert str(task) == "task 'Task-7' of the test, stands at app.py:2 in main: await queue.get()"


def test_a_task_that_stands_nowhere_has_not_begun() -> None:
    """There is no line."""
    assert str(AppTask("Task-7", CALL, None, ())) == "task 'Task-7' of GET /items, has not begun"
