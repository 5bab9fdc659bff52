"""HTTP archives: websockets, as Chromium writes them."""

from __future__ import annotations

from timeline.har_parts import a_request, a_response, entry, pairs, timings
from timeline.standing import EPOCH, Story

REFUSED = "Error during WebSocket handshake: Unexpected response code: 403"


def opened() -> Story:
    """A websocket that is open, with nothing said yet."""
    return Story().websocket().receives("websocket.connect").sends("websocket.accept", subprotocol=None, headers=[])


def test_text_and_bytes_both_ways() -> None:
    """What the client sends has the type "send"; bytes are base64, also where they could be read as text."""
    story = opened().receives("websocket.receive", text="hé").sends("websocket.send", text="hello")
    story.receives("websocket.receive", bytes="abc", text=None).sends("websocket.send", bytes={"base64": "AP8B"})
    story.receives("websocket.disconnect", code=1001, reason="bye").ends()
    assert entry(story) == {
        "pageref": "page_1",
        "startedDateTime": "2026-11-26T21:00:00.000000+00:00",
        "time": 6.0,
        "request": a_request(url="ws://testserver/chat"),
        "response": a_response(status=101, statusText="Switching Protocols"),
        "cache": {},
        "timings": timings(send=0.0, wait=1.0, receive=5.0),
        "_resourceType": "websocket",
        "_appEnded": {"how": "app returned", "time": 7.0},
        "_webSocketMessages": [
            {"type": "send", "time": EPOCH + 0.002, "opcode": 1, "data": "hé"},
            {"type": "receive", "time": EPOCH + 0.003, "opcode": 1, "data": "hello"},
            {"type": "send", "time": EPOCH + 0.004, "opcode": 2, "data": "YWJj"},
            {"type": "receive", "time": EPOCH + 0.005, "opcode": 2, "data": "AP8B"},
        ],
        "_webSocketClose": {"by": "client", "code": 1001, "reason": "bye"},
    }


def test_a_websocket_that_the_app_closes() -> None:
    """Whoever closes first has closed it; the app learns of its own close as a disconnect."""
    story = opened().sends("websocket.close", code=4000, reason=None).receives("websocket.disconnect", code=4000).ends()
    found = entry(story)
    assert found["_webSocketClose"] == {"by": "app", "code": 4000, "reason": ""}
    assert found["time"] == 2.0


def test_a_websocket_that_is_open() -> None:
    """Nobody has closed it, and nothing is wrong with that."""
    found = entry(opened().receives("websocket.receive", text="hi"))
    assert "_webSocketClose" not in found
    assert found["response"] == a_response(status=101, statusText="Switching Protocols")


def test_the_subprotocol_is_a_header_as_for_the_client() -> None:
    """Besides those that the app has sent."""
    story = Story().websocket().receives("websocket.connect")
    story.sends("websocket.accept", subprotocol="chat", headers=[["x", "y"]])
    assert entry(story)["response"]["headers"] == pairs(("x", "y"), ("sec-websocket-protocol", "chat"))


def test_frames_that_were_cut() -> None:
    """`_length` says how many characters or bytes there were."""
    story = opened().receives("websocket.receive", text="aa", text_length=3000)
    story.sends("websocket.send", bytes="aa", bytes_length=2000)
    assert entry(story)["_webSocketMessages"] == [
        {"type": "send", "time": EPOCH + 0.002, "opcode": 1, "data": "aa", "_length": 3000},
        {"type": "receive", "time": EPOCH + 0.003, "opcode": 2, "data": "YWE=", "_length": 2000},
    ]


def test_a_websocket_that_is_closed_before_it_is_accepted() -> None:
    """The client gets a 403, and the error that it would read in Chromium."""
    story = Story().websocket().receives("websocket.connect").sends("websocket.close", code=1008, reason="no").ends()
    found = entry(story)
    assert found["response"] == a_response(status=403, statusText="Forbidden", _error=REFUSED)
    assert (found["_webSocketMessages"], found["timings"]) == ([], timings(send=0.0, wait=1.0, receive=0.0))


def test_a_denial_with_a_response() -> None:
    """It is there as the client gets it."""
    story = Story().websocket().receives("websocket.connect")
    story.sends("websocket.http.response.start", status=401, headers=[["content-type", "text/plain"]])
    story.sends("websocket.http.response.body", body="who are you?", more_body=False)
    assert entry(story)["response"] == a_response(
        12,
        status=401,
        statusText="Unauthorized",
        headers=pairs(("content-type", "text/plain")),
        content={"size": 12, "mimeType": "text/plain", "text": "who are you?"},
        _error="Error during WebSocket handshake: Unexpected response code: 401",
    )


def test_an_app_that_raises_in_a_websocket() -> None:
    """It was open, so there is a status, and the error besides."""
    story = opened().event("raises", "app raises ValueError: no").ends("app raised")
    assert entry(story)["response"] == a_response(
        status=101, statusText="Switching Protocols", _error="app raises ValueError: no"
    )


def test_a_websocket_that_nobody_answers() -> None:
    """It has no status."""
    story = Story().websocket().receives("websocket.connect").ends()
    assert entry(story)["response"] == a_response(
        status=0, statusText="", _error="app returned before there was a response"
    )
