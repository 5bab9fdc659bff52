"""Several websockets of one test, taking turns."""

from typing import Literal

import pytest
from fastapi import FastAPI

from asgi_lockstep import AsyncTestClient, TestClient, WebSocketDisconnect


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_two_users_in_one_room(lobby: FastAPI, backend: Literal["asyncio", "trio"]) -> None:
    """Each call returns when the app rests again, so what everybody has heard by then is certain."""
    with TestClient(lobby, backend=backend) as client, client.websocket_connect("/chat/kitchen?name=ada") as ada:
        assert ada.receive_json() == {"joined": "ada"}
        with client.websocket_connect("/chat/kitchen?name=bob") as bob:
            assert ada.receive_json() == bob.receive_json() == {"joined": "bob"}
            bob.send_json({"say": "tea?"})
            assert ada.receive_json() == bob.receive_json() == {"from": "bob", "text": "tea?"}
            ada.send_json({"say": "yes!"})
            assert bob.receive_json() == ada.receive_json() == {"from": "ada", "text": "yes!"}
        assert ada.receive_json() == {"left": "bob"}
    assert lobby.state.rooms["kitchen"].members == {}


def test_rooms_are_apart(lobby: FastAPI) -> None:
    """What is said in one room is not heard in another."""
    client = TestClient(lobby)
    with (
        client.websocket_connect("/chat/kitchen?name=ada") as ada,
        client.websocket_connect("/chat/garden", params={"name": "bob"}) as bob,
    ):
        ada.send_json({"say": "anybody?"})
        ada.send_json({"leave": "nobody"})
        bob.send_json({"leave": "too cold"})
        assert list(ada) == ['{"joined":"ada"}', '{"from":"ada","text":"anybody?"}']
        assert list(bob) == ['{"joined":"bob"}']
        assert (bob.close_code, bob.close_reason) == (1000, "too cold")


def test_a_name_that_is_taken(lobby: FastAPI) -> None:
    """An app that closes instead of accepting raises `WebSocketDisconnect` where the session is entered."""
    client = TestClient(lobby)
    twin = client.websocket_connect("/chat/kitchen?name=ada")
    with client.websocket_connect("/chat/kitchen?name=ada"), pytest.raises(WebSocketDisconnect) as refused, twin:
        pytest.fail("two with one name")
    assert (refused.value.code, refused.value.reason) == (1008, "This name is taken")


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_two_users_in_one_room_async(lobby: FastAPI) -> None:
    """The async session has the same methods, awaited."""
    client = AsyncTestClient(app=lobby, base_url="http://testserver")
    async with client.websocket_connect("/chat/kitchen?name=ada") as ada:
        async with client.websocket_connect("/chat/kitchen?name=bob") as bob:
            await bob.send_text('{"say": "tea?"}')
            await bob.send_json({"leave": "too late"})
            assert [message async for message in bob] == ['{"joined":"bob"}', '{"from":"bob","text":"tea?"}']
        heard = [await ada.receive_json() for _ in range(4)]
    assert heard == [{"joined": "ada"}, {"joined": "bob"}, {"from": "bob", "text": "tea?"}, {"left": "bob"}]


def test_a_user_who_vanishes(lobby: FastAPI) -> None:
    """A lost connection is no polite close: nobody says good-bye, and the others still hear of it."""
    with TestClient(lobby) as client, client.websocket_connect("/chat/kitchen?name=ada") as ada:
        ada.receive_json()
        with client.websocket_connect("/chat/kitchen?name=bob") as bob:
            bob.disconnect(code=1006)
            assert [ada.receive_json() for _ in range(2)] == [{"joined": "bob"}, {"left": "bob"}]
            bob.receive_json()  # what was on its way before
            with pytest.raises(WebSocketDisconnect) as lost:
                bob.receive_json()
    assert lost.value.code == 1006
