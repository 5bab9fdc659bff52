"""Requests from sync tests, and the lifespan around them."""

import sqlite3

import pytest
from board.notes import current_user, open_database
from fastapi import FastAPI

from asgi_lockstep import TestClient


def test_requests_share_the_database_that_the_lifespan_opened(client: TestClient) -> None:
    """What one request has written, the next one reads."""
    written = client.post("/notes", json={"text": "milk is out"})
    assert written.status_code == 201
    assert client.get("/notes", params={"word": "milk"}).json() == [written.json()]


def test_without_a_token_nobody_writes(app: FastAPI) -> None:
    """A client sends the headers it was made with, and no others."""
    with TestClient(app) as stranger:
        assert stranger.post("/notes", json={"text": "hi"}).status_code == 401


def test_an_endpoint_that_is_not_async(client: TestClient) -> None:
    """The worker thread of a plain `def` endpoint is waited for."""
    assert client.get("/me").json()["name"] == "ada"


@pytest.mark.asgi(live=False)
def test_background_work_is_done_when_the_call_returns(app: FastAPI, client: TestClient) -> None:
    """`post()` returns after the background tasks, so the test can look at what they did."""
    with app.state.news.listen() as notes:
        client.post("/notes", json={"text": "extra"})
        assert notes.receive_nowait().text == "extra"


def test_the_test_runs_a_coroutine_on_the_loop_of_the_app(client: TestClient) -> None:
    """`client.run()` awaits for a sync test; `client.app_state` is what the lifespan has yielded."""
    note = client.run(client.app_state["database"].add, "bob", "written past the API")
    assert client.get("/notes").json() == [{"id": note.id, "author": "bob", "text": "written past the API"}]


def test_a_second_run_finds_what_the_first_has_written(app: FastAPI) -> None:
    """A client can be entered again; each time the lifespan opens the database, and closes it at the end."""
    client = TestClient(app, headers={"authorization": "Bearer ada"})
    with client:
        client.post("/notes", json={"text": "still here"})
        first = client.app_state["database"]
    with client:
        assert [note["text"] for note in client.get("/notes").json()] == ["still here"]
        with pytest.raises(ValueError, match=r"^Connection closed$"):
            client.run(first.notes)


def test_a_dependency_is_overridden(app: FastAPI, client: TestClient) -> None:
    """FastAPI's `dependency_overrides` work as ever."""
    app.dependency_overrides[current_user] = lambda: "root"
    assert client.get("/me").json()["name"] == "root"


def test_an_exception_of_the_app_is_raised_in_the_test(app: FastAPI, client: TestClient) -> None:
    """The test sees the exception itself; a client with `raise_server_exceptions=False` sees what a user sees."""

    def locked() -> None:
        raise sqlite3.OperationalError("database is locked")

    app.dependency_overrides[open_database] = locked
    with pytest.raises(sqlite3.OperationalError, match=r"^database is locked$"):
        client.get("/notes")
    assert client.derive(raise_server_exceptions=False).get("/notes").status_code == 500
