"""Rooms to talk in, over websockets."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter, WebSocket, WebSocketDisconnect, WebSocketException, status

router = APIRouter()


class Room:
    """The members of one room, by name."""

    def __init__(self) -> None:
        self.members: dict[str, WebSocket] = {}

    async def tell(self, message: dict[str, str]) -> None:
        """Send `message` to everybody in the room."""
        for member in list(self.members.values()):
            with suppress(WebSocketDisconnect):  # one who is about to leave
                await member.send_json(message)


@router.websocket("/chat/{name_of_room}")
async def chat(websocket: WebSocket, name_of_room: str, name: str) -> None:
    """Talk in a room: `{"say": "hello"}` goes to everybody in it, `{"leave": "bye"}` ends the conversation."""
    rooms: dict[str, Room] = websocket.app.state.rooms
    room = rooms.setdefault(name_of_room, Room())
    if name in room.members:
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION, "This name is taken")
    await websocket.accept()
    room.members[name] = websocket
    await room.tell({"joined": name})
    try:
        while "leave" not in (message := await websocket.receive_json()):
            await room.tell({"from": name, "text": message["say"]})
        await websocket.close(reason=message["leave"])
    except WebSocketDisconnect:
        pass  # left without a word
    finally:
        del room.members[name]
    await room.tell({"left": name})
