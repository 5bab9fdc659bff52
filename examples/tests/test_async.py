"""The same from async tests: the app runs on the event loop of the test."""

import anyio
import pytest
from fastapi import FastAPI

from asgi_lockstep import AsyncTestClient

pytestmark = pytest.mark.anyio


async def test_requests_share_the_database_that_the_lifespan_opened(async_client: AsyncTestClient) -> None:
    """What one request has written, the next one reads."""
    written = await async_client.post("/notes", json={"text": "milk is out"})
    assert (await async_client.get("/notes", params={"word": "milk"})).json() == [written.json()]


@pytest.mark.asgi(live=False)
async def test_app_and_test_share_one_loop(async_client: AsyncTestClient) -> None:
    """The test awaits the app's own objects directly."""
    await async_client.app_state["database"].add("bob", "written past the API")
    assert [note["text"] for note in (await async_client.get("/notes")).json()] == ["written past the API"]


async def test_requests_at_the_same_time(async_client: AsyncTestClient) -> None:
    """Tasks of the test use one client together."""
    async with anyio.create_task_group() as tasks:
        for text in ("one", "two", "three"):
            tasks.start_soon(lambda text: async_client.post("/notes", json={"text": text}), text)
    notes = (await async_client.get("/notes")).json()
    assert {note["text"] for note in notes} == {"one", "two", "three"}


async def test_a_note_becomes_news(async_client: AsyncTestClient) -> None:
    """The events that a request causes arrive on the stream that is open beside it."""
    async with async_client.sse("/news", params={"limit": 1}) as news:
        await async_client.post("/notes", json={"text": "extra"})
        assert [event.json() async for event in news] == [{"id": 1, "author": "ada", "text": "extra"}]


async def test_search_over_a_websocket(async_client: AsyncTestClient) -> None:
    """Iterating over a websocket ends when the app closes it."""
    for text in ("tea", "coffee", "cake"):
        await async_client.post("/notes", json={"text": text})
    async with async_client.websocket_connect("/search") as search:
        await search.send_text("tea")
        assert await search.receive_text() == "ada: tea"
        await search.send_text("c")
        await search.send_text("")
        assert [line async for line in search] == ["ada: coffee", "ada: cake"]
        assert (search.close_code, search.close_reason) == (1000, "search is over")


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_an_app_without_asyncio_runs_on_the_loop_of_the_test(lobby: FastAPI) -> None:
    """The client is the same on asyncio and on trio; it runs on whatever runs the test."""
    async with AsyncTestClient(app=lobby, base_url="http://testserver") as client:
        ticks = await client.get("/ticker", params={"end": 2})
    assert ticks.text == "event: tick\ndata: 1\n\nevent: tick\ndata: 2\n\n"
