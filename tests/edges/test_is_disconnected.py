"""To be added to tests/edges/test_disconnects.py with the fix of `AppCall._receive`."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from helpers import body, start
from matrix import Driver


class Polls:
    """An endpoint that asks between its chunks, and keeps the answers."""

    def __init__(self) -> None:
        self.answers: list[bool] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await request.body()
        await send(start())
        while not await self._gone(request):
            await send(body(b"tick", more=True))
        await send(body())

    async def _gone(self, request: Request) -> bool:
        self.answers.append(await request.is_disconnected())
        return self.answers[-1]


@pytest.mark.parametrize("says_so", [True, False], ids=["disconnect", "leave"])
def test_a_client_that_goes_is_disconnected(driver: Driver, says_so: bool) -> None:
    """`is_disconnected()` is True at the first question after the client has gone, and the endpoint ends by itself."""
    endpoint = Polls()
    client = driver.client(Starlette(routes=[Route("/", endpoint)]))
    with client.stream("GET", "/") as response:
        if says_so:
            response.disconnect()
            assert endpoint.answers == [False, True]
    assert endpoint.answers == [False, True]


@pytest.mark.parametrize("version", ["2.3", "2.4"])
def test_is_disconnected_before_a_response(driver: Driver, version: str) -> None:
    """A client that goes before it is answered, without a queue of messages in between."""
    answers: list[bool] = []

    async def endpoint(request: Request) -> Response:
        answers.append(await request.is_disconnected())
        answers.append(await request.is_disconnected())
        return Response()

    client = driver.client(Starlette(routes=[Route("/", endpoint, methods=["POST"])]))
    extensions = {"asgi": {"disconnect_after": {"upload": 0}, "spec_version": version}}
    from asgi_lockstep import RequestCutOff

    with pytest.raises(RequestCutOff):
        client.post("/", content=b"x", extensions=extensions)
    assert answers == [True, True]
