"""What an app raises while it serves: out of the call that has caused it, or out of the block."""

from __future__ import annotations

import httpx2
import pytest

import live_apps
import live_frameworks
from asgi_lockstep.live import AppFailed, LiveServer

from .conftest import Run


def test_the_call_raises_what_the_app_has_raised(run_in_thread: Run) -> None:
    """The exception itself, whether the app has begun its response or not, and the block raises it no more."""
    with run_in_thread(live_apps.bare_failure) as live:
        with pytest.raises(ValueError, match=r"^no /x$"):
            live.client().get("/x")
        with pytest.raises(ValueError, match=r"^no /half$"):
            live.client().get("/half")
        assert [str(exception) for exception in live.exceptions] == ["no /x", "no /half"]


def test_the_traceback_shows_the_test_and_the_app(run_in_thread: Run) -> None:
    """And nothing of httpx, the server, or ours, but for the line of the app that calls."""
    with run_in_thread(live_apps.bare_failure) as live, pytest.raises(ValueError, match="no /x") as caught:
        live.client().get("/x")
    assert [entry.name for entry in caught.traceback] == [
        "test_the_traceback_shows_the_test_and_the_app",
        "bare_failure",
    ]


def test_a_framework_that_answers_first_raises_in_the_call(run_in_thread: Run) -> None:
    """Starlette sends its response of 500 before it lets the exception go on."""
    with run_in_thread(live_frameworks.starlette) as live, pytest.raises(ValueError, match=r"^no /fails$"):
        live.client().get("/fails")


def test_a_child_process_sends_what_was_raised_as_text(run_in_child: Run) -> None:
    """With the traceback that it has there, which begins with the app."""
    with run_in_child(live_frameworks.starlette) as live, pytest.raises(AppFailed) as caught:
        live.client().get("/fails")
    first, second, third, *_, last = str(caught.value).splitlines()
    assert first.startswith("the app failed in GET /fails, in the child process of ")
    assert first.endswith(": ValueError: no /fails")
    assert second == "Traceback (most recent call last):"
    assert "starlette" in third
    assert last == "ValueError: no /fails"
    assert caught.value.happened == "ValueError: no /fails"


def test_without_raising_the_response_is_what_the_server_makes_of_it(run: Run) -> None:
    """And the block does not raise it either: the test knows."""
    with run(live_frameworks.starlette) as live:
        client = live.client(raise_server_exceptions=False)
        assert client.get("/fails").status_code == 500
        assert client.raise_server_exceptions is False


def test_raising_can_be_set_later(run_in_thread: Run) -> None:
    """As on `TestClient`."""
    with run_in_thread(live_frameworks.starlette) as live:
        client = live.client(raise_server_exceptions=False)
        client.raise_server_exceptions = True
        with pytest.raises(ValueError, match=r"^no /fails$"):
            client.get("/fails")


def test_the_block_raises_what_others_have_caused(run_in_thread: Run) -> None:
    """The first exception, with the others as notes: of a browser, for example."""
    with pytest.raises(ValueError, match=r"^no /one(?m:$)") as caught, run_in_thread(live_apps.bare_failure) as live:
        httpx2.get(f"{live.url}/one")
        httpx2.get(f"{live.url}/two")
    assert caught.value.__notes__ == ["Also on the live server: ValueError: no /two"]


def test_the_block_of_a_child_raises_what_others_have_caused(run_in_child: Run) -> None:
    """As text."""
    with pytest.raises(AppFailed, match="GET /one, in the child process"), run_in_child(live_apps.bare_failure) as live:
        httpx2.get(f"{live.url}/one")


def test_the_traceback_of_what_others_have_caused_begins_with_the_app(run_in_thread: Run) -> None:
    """Nothing of the server is in it, as pytest shows it."""
    with pytest.raises(ValueError, match="no /one") as caught, run_in_thread(live_apps.bare_failure) as live:
        httpx2.get(f"{live.url}/one")
    shown = caught.traceback.filter(caught)
    assert shown[-1].name == "bare_failure"
    assert not [entry for entry in shown if "uvicorn" in str(entry.path) or "hypercorn" in str(entry.path)]


def test_an_exception_that_is_on_its_way_gets_a_note(run_in_thread: Run) -> None:
    """It is never replaced."""
    with pytest.raises(KeyError) as caught, run_in_thread(live_apps.bare_failure) as live:
        httpx2.get(f"{live.url}/one")
        raise KeyError("of the test")
    assert caught.value.__notes__ == ["Also on the live server: ValueError: no /one"]


def test_what_is_taken_out_of_the_list_is_not_raised(run: Run) -> None:
    """For a test that expects a browser to see an error."""
    with run(live_apps.bare_failure) as live:
        assert httpx2.get(f"{live.url}/one").status_code == 500
        assert len(live.exceptions) == 1
        live.exceptions.clear()


def test_what_fails_behind_a_response_is_raised_by_the_block(run_in_thread: Run) -> None:
    """The call has its answer, and is not held up by what the app does then."""
    with pytest.raises(ValueError, match=r"^behind the response$"), run_in_thread(live_frameworks.starlette) as live:
        assert live.client().get("/background").text == "done"


def test_a_client_that_goes_away_is_no_failure(run_in_thread: Run) -> None:
    """What a server's `send()` raises then, or a cancellation, is the business of the server."""
    with run_in_thread(live_apps.plain) as live:
        with live.client().stream("GET", "/x"):
            """Left before its body was read."""
        assert live.exceptions == []


def test_exceptions_of_one_server_are_not_those_of_another() -> None:
    """Each has its own list."""
    with LiveServer(live_apps.bare_failure) as one, LiveServer(live_apps.plain) as other:
        with pytest.raises(ValueError, match="no /x"):
            one.client().get("/x")
        assert other.client().get("/x").text == "GET /x "
        assert (len(one.exceptions), other.exceptions) == (1, [])
