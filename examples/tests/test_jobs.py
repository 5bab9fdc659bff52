"""Jobs of the app that outlive their responses."""

import pytest
from fastapi import FastAPI

from asgi_lockstep import AsyncTestClient, BackgroundFailed, TestClient

DETACHED = {"asgi": {"background": "detach"}}

#: A server knows no detached requests: it waits for the jobs when it stops.
pytestmark = pytest.mark.asgi(live=False)


def test_a_job_goes_on_behind_its_response(client: TestClient) -> None:
    """A detached request returns at the last byte; `client.background` lists what still goes on for it."""
    client.post("/notes", json={"text": "tea"})
    assert client.post("/exports", extensions=DETACHED).status_code == 202
    assert [work.request for work in client.background] == ["POST /exports"]
    assert client.get("/exports/1").status_code == 409
    client.put("/exports/1/approval")
    assert client.background == []
    assert client.get("/exports/1").json() == ["ada: tea"]


def test_jobs_are_apart(client: TestClient) -> None:
    """A later request moves the job that waits for it, and no other one; each has seen the notes of its time."""
    for text in ("tea", "cake"):
        client.post("/notes", json={"text": text})
        client.post("/exports", extensions=DETACHED)
    client.put("/exports/2/approval")
    assert [work.request for work in client.background] == ["POST /exports"]
    assert client.get("/exports/2").json() == ["ada: tea", "ada: cake"]
    client.put("/exports/1/approval")
    assert client.get("/exports/1").json() == ["ada: tea"]


def test_a_job_that_fails(client: TestClient) -> None:
    """The failure belongs to no response; `settle()` raises it, once, chained to the exception of the app."""
    client.post("/exports", extensions=DETACHED)
    assert client.put("/exports/1/approval").status_code == 204
    with pytest.raises(
        BackgroundFailed, match=r"^background work of POST /exports, sent at .*, failed: LookupError"
    ) as caught:
        client.settle()
    assert isinstance(caught.value.__cause__, LookupError)
    client.settle()


def test_a_failure_that_nobody_asks_for(app: FastAPI) -> None:
    """Leaving the client raises it at the latest. What a client is made with holds for all of its requests."""
    headers = {"authorization": "Bearer ada"}
    with pytest.raises(BackgroundFailed), TestClient(app, headers=headers, background="detach") as client:  # noqa: PT012
        client.post("/exports")
        client.put("/exports/1/approval")


@pytest.mark.anyio
async def test_a_job_goes_on_behind_its_response_async(app: FastAPI, async_client: AsyncTestClient) -> None:
    """The test lets the job go on by the app's own objects; `settle()` returns when it can get no further."""
    await async_client.post("/notes", json={"text": "tea"})
    assert (await async_client.post("/exports", extensions=DETACHED)).status_code == 202
    await async_client.settle()
    assert [work.request for work in async_client.background] == ["POST /exports"]
    app.state.exports[0].approved.set()
    await async_client.settle()
    assert async_client.background == []
    assert (await async_client.get("/exports/1")).json() == ["ada: tea"]


@pytest.mark.anyio
async def test_a_job_that_fails_async(app: FastAPI, async_client: AsyncTestClient) -> None:
    """`settle()` raises what has failed on its way, too."""
    await async_client.post("/exports", extensions=DETACHED)
    app.state.exports[0].approved.set()
    with pytest.raises(BackgroundFailed) as caught:
        await async_client.settle()
    assert repr(caught.value.__cause__) == "LookupError('There is nothing to export')"
    await async_client.settle()
