"""What crosses a websocket, as Chromium writes it into HAR files."""

from __future__ import annotations

import base64
from typing import Any

from .conversation import Conversation
from .recorded_bytes import as_bytes, as_text

#: What a frame carries (RFC 6455, 5.2).
_TEXT, _BINARY = 1, 2

#: By which messages frames pass, and their names as seen by the client.
_FRAMES = {("receives", "websocket.receive"): "send", ("sends", "websocket.send"): "receive"}


def websocket_fields(conversation: Conversation, epoch: float) -> dict[str, Any]:
    """The fields of an entry that only a websocket has.

    Args:
        conversation: the websocket.
        epoch: when its timeline began, in seconds since 1970.
    """
    fields: dict[str, Any] = {"_webSocketMessages": _frames(conversation, epoch)}
    finished = conversation.finished
    if finished and finished.message:
        fields["_webSocketClose"] = {
            "by": "app" if finished.kind == "sends" else "client",
            "code": finished.message.get("code") or 1000,
            "reason": finished.message.get("reason") or "",
        }
    return fields


def _frames(conversation: Conversation, epoch: float) -> list[dict[str, Any]]:
    frames = []
    for event in conversation.events:
        message = event.message or {}
        direction = _FRAMES.get((event.kind, message.get("type", "")))
        if direction:
            frames.append({"type": direction, "time": round(epoch + event.time, 6), **_payload(message)})
    return frames


def _payload(message: dict[str, Any]) -> dict[str, Any]:
    """Which kind of data it is, and the data; `_length` is how many characters or bytes it had before it was cut."""
    key = "bytes" if message.get("bytes") is not None else "text"
    value = message.get(key)
    if key == "bytes":
        made = {"opcode": _BINARY, "data": base64.b64encode(as_bytes(value)).decode()}
    else:
        made = {"opcode": _TEXT, "data": as_text(value)}
    length = message.get(f"{key}_length")
    return {**made, "_length": length} if length is not None else made
