"""Frameworks stand what varies without being asked for: what is found is the app's own mistake, or known of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI, Request, WebSocket

from asgi_lockstep import TestClient, Variation

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

#: What is sent to each app.
SENT = {"names": ["Ada", "Grace"]}

SEEDS = range(40)


def fastapi_app() -> Any:
    """FastAPI, and below it Starlette: a body, a header, a URL, a websocket."""
    app = FastAPI()

    @app.post("/")
    async def index(names: dict[str, list[str]], request: Request) -> dict[str, list[str]]:
        assert (request.headers["x-user"], request.url.path) == ("me", "/")
        return names

    @app.websocket("/ws")
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())
        await socket.close()

    return app


def litestar_app() -> Any:
    """Litestar: a body."""
    from litestar import Litestar, post

    @post("/")
    async def index(data: dict[str, list[str]]) -> dict[str, list[str]]:
        return data

    return Litestar([index])


def quart_app() -> Any:
    """Quart: a body, a header, a URL."""
    from quart import Quart, request

    app = Quart(__name__)

    @app.post("/")
    async def index() -> Any:
        assert (request.headers["x-user"], request.path) == ("me", "/")
        return await request.get_json()

    return app


def answer(app: Any, variation: Variation) -> Any:
    """What an app answers to what is sent; None where it answers with an error."""
    client = TestClient(app, vary=variation, lifespan="off")
    response = client.post("/", json=SENT, headers={"x-user": "me"})
    return response.json() if response.is_success else None


@pytest.mark.parametrize(
    ("make", "without"),
    [(fastapi_app, ()), (litestar_app, ("no-body",)), (quart_app, ("no-scheme",))],
    ids=["fastapi", "litestar", "quart"],
)
def test_a_request_of_a_framework(make: Callable[[], Any], without: tuple[str, ...]) -> None:
    """With each seed, but for what the framework takes for granted."""
    app = make()
    for seed in SEEDS:
        assert answer(app, Variation(seed, without=without)) == SENT


def test_a_websocket_of_a_framework() -> None:
    """With each seed, of FastAPI."""
    app = fastapi_app()
    for seed in SEEDS:
        with TestClient(app, vary=seed, lifespan="off").websocket_connect("/ws") as session:
            session.send_text("hi")
            assert session.receive_text() == "hi"


def test_what_litestar_takes_for_granted() -> None:
    """That an empty piece of a body has a key for it: the docs say so, and are to say so no longer than that."""
    app = litestar_app()
    assert any(answer(app, Variation(seed)) is None for seed in SEEDS)


def test_what_quart_takes_for_granted() -> None:
    """That a scope has a scheme."""
    app = quart_app()
    with pytest.raises(KeyError, match=r"^'scheme'"):
        for seed in SEEDS:
            answer(app, Variation(seed))
