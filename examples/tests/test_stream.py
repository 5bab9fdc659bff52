"""Responses that are looked at while the app still sends them."""

import pytest
from fastapi import FastAPI

from asgi_lockstep import AsyncTestClient, TestClient


def test_news_arrive_while_the_stream_is_open(client: TestClient) -> None:
    """The stream and other requests take turns in one test; a stream with an end is read to its end."""
    with client.sse("/news?limit=2") as news:
        client.post("/notes", json={"text": "tea"})
        client.post("/notes", json={"text": "cake"})
        events = list(news)
    assert [(event.event, event.json()) for event in events] == [
        ("note", {"id": 1, "author": "ada", "text": "tea"}),
        ("note", {"id": 2, "author": "ada", "text": "cake"}),
    ]


def test_leaving_an_endless_stream(app: FastAPI, client: TestClient) -> None:
    """Leaving the block disconnects, and the app has cleaned up when the block is over."""
    with client.sse("/news") as news:
        client.post("/notes", json={"text": "tea"})
        events = iter(news)
        assert next(events).json() == {"id": 1, "author": "ada", "text": "tea"}
        assert len(app.state.news.listeners) == 1
    assert app.state.news.listeners == set()


def test_a_ticker_that_never_rests(lobby: FastAPI) -> None:
    """An endless stream that always has more moves on only as the test reads."""
    with TestClient(lobby) as client, client.stream("GET", "/ticker") as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        lines = response.iter_lines()
        assert [next(lines) for _ in range(5)] == ["event: tick", "data: 1", "", "event: tick", "data: 2"]


def test_a_bounded_stream_is_an_ordinary_response(lobby: FastAPI) -> None:
    """`get()` returns the whole of a stream that has an end."""
    assert TestClient(lobby).get("/ticker?end=2").text == "event: tick\ndata: 1\n\nevent: tick\ndata: 2\n\n"


@pytest.mark.anyio
async def test_leaving_an_endless_stream_async(async_client: AsyncTestClient) -> None:
    """A stream is left by `break` and the end of its block, and the client goes on."""
    async with async_client.sse("/ticker") as ticks:
        async for event in ticks:
            if event.data == "3":
                break
    assert (await async_client.get("/notes")).json() == []


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_two_endless_streams_async(lobby: FastAPI) -> None:
    """The app is told when the client goes away, and has ended when the block is over."""
    async with AsyncTestClient(app=lobby, base_url="http://testserver") as client:
        async with client.sse("/news"), client.sse("/news"):
            assert len(lobby.state.news.listeners) == 2
        assert lobby.state.news.listeners == set()
