"""Responses that are looked at while the app still sends them.

What looks into the app right after a call needs lockstep: a server may still be busy (`live=False`).
"""

import json
from contextlib import aclosing

import pytest
from board.database import Note
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


@pytest.mark.asgi(live=False)
def test_leaving_an_endless_stream(app: FastAPI, client: TestClient) -> None:
    """Leaving the block disconnects, and the app has cleaned up when the block is over."""
    with client.sse("/news") as news:
        client.post("/notes", json={"text": "tea"})
        events = iter(news)
        assert next(events).json() == {"id": 1, "author": "ada", "text": "tea"}
        assert len(app.state.news.listeners) == 1
    assert app.state.news.listeners == set()


@pytest.mark.asgi(live=False)
def test_keep_alives_between_news(app: FastAPI, client: TestClient) -> None:
    """While there is no news, the app sends comments: `sse()` passes over them, `stream()` shows them."""
    app.state.news.keep_alive = 0.01
    with client.stream("GET", "/news") as response:
        lines = filter(None, response.iter_lines())
        assert [next(lines), next(lines)] == [": keep-alive", ": keep-alive"]
        client.post("/notes", json={"text": "tea"})
        assert next(line for line in lines if line != ": keep-alive") == "event: note"
        assert json.loads(next(lines).removeprefix("data: ")) == {"id": 1, "author": "ada", "text": "tea"}
        assert next(lines) == ": keep-alive"
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


@pytest.mark.asgi(live=False)
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


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_keep_alives_between_news_async(lobby: FastAPI) -> None:
    """What the app sends at once is one chunk. Trio insists on `aclosing()` around an iterator that is left early."""
    lobby.state.news.keep_alive = 0.01
    async with AsyncTestClient(app=lobby, base_url="http://testserver") as client:
        async with client.stream("GET", "/news") as response, aclosing(response.aiter_raw()) as chunks:
            assert await anext(chunks) == b": keep-alive\n\n"
            lobby.state.news.publish(Note(1, "ada", "tea"))
            while (chunk := await anext(chunks)) == b": keep-alive\n\n":
                pass
            event, data = chunk.split(b"\ndata: ")
            assert (event, json.loads(data)) == (b"event: note", {"id": 1, "author": "ada", "text": "tea"})
            assert await anext(chunks) == b": keep-alive\n\n"
            assert len(lobby.state.news.listeners) == 1
        assert lobby.state.news.listeners == set()


def test_an_hour_of_keep_alives_takes_no_time(lobby: FastAPI) -> None:
    """With a virtual clock the app sleeps as long as it likes, and each comment comes at its exact time."""
    with TestClient(lobby, clock="virtual") as client, client.stream("GET", "/news") as news:
        lines = (line for line in news.iter_lines() if line.startswith(":"))
        times = [client.clock.now for _, line in zip(range(360), lines, strict=False)]
    assert times == [10.0 * number for number in range(1, 361)]
