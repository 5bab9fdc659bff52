"""What is read of a timeline: without secrets, cut, filtered, grouped; the same on every driver."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_lockstep import TestClient, UsageError
from asgi_lockstep._types import Receive, Scope, Send
from helpers import answers, body, hello, start
from matrix import Driver


def texts(client: Any) -> list[str]:
    """The whole timeline, each event in a line."""
    return [str(event) for event in client.timeline]


@pytest.mark.client_decides
def test_secrets_are_masked_unless_asked_for(driver: Driver) -> None:
    """The names of cookies, and how somebody is authorized, are none."""
    client = driver.client(answers(start(200, (b"set-cookie", b"session=abc; Path=/; HttpOnly")), body()))
    client.cookies.set("theme", "dark")
    client.get("/", headers={"authorization": "Bearer xyz", "x-note": "seen"})

    def secrets(timeline: Any) -> list[tuple[str, str]]:
        headers = [*timeline.exchanges[0].scope["headers"], *timeline.of_kind("sends")[0].message["headers"]]
        return [(name, value) for name, value in headers if name in ("authorization", "cookie", "set-cookie", "x-note")]

    assert secrets(client.timeline) == [
        ("authorization", "Bearer ***"),
        ("x-note", "seen"),
        ("cookie", "theme=***"),
        ("set-cookie", "session=***; Path=/; HttpOnly"),
    ]
    assert secrets(client.timeline.with_secrets()) == [
        ("authorization", "Bearer xyz"),
        ("x-note", "seen"),
        ("cookie", "theme=dark"),
        ("set-cookie", "session=abc; Path=/; HttpOnly"),
    ]


@pytest.mark.client_decides
def test_long_content_is_cut(driver: Driver) -> None:
    """After a kilobyte; its length is kept."""
    client = driver.client(answers(start(), body(b"x" * 5000)))
    client.get("/")
    sent = client.timeline.of_kind("sends")[1]
    assert sent.message == {
        "type": "http.response.body",
        "body": "x" * 1024,
        "more_body": False,
        "body_length": 5000,
    }
    assert sent.text == f"app sends http.response.body '{'x' * 60}'... (5,000 in all)"


@pytest.mark.client_decides
def test_what_is_no_text_is_shown_in_base64(driver: Driver) -> None:
    """JSON has no bytes."""
    client = driver.client(answers(start(), body(b"\xff\x00")))
    client.get("/")
    sent = client.timeline.of_kind("sends")[1]
    assert (sent.message["body"], sent.text) == ({"base64": "/wA="}, "app sends http.response.body 2 bytes")


@pytest.mark.client_decides
def test_a_message_is_kept_as_it_was_sent(driver: Driver) -> None:
    """An app may use its dict and its list again."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        message = start(200, (b"x-first", b"1"))
        await send(message)
        message["headers"].append((b"x-second", b"2"))
        message["status"] = 500
        scope["path"] = "/mounted"
        await send(body())

    client = driver.client(app)
    client.get("/notes")
    sent = client.timeline.of_kind("sends")[0]
    assert (sent.message["status"], sent.message["headers"]) == (200, [["x-first", "1"]])
    assert client.timeline.exchanges[0].scope["path"] == "/notes"


@pytest.mark.client_decides
def test_only_the_newest_are_kept(driver: Driver) -> None:
    """As many as `timeline=` says; how many are lost is known."""
    client = driver.client(hello, timeline=3)
    client.get("/1")
    client.get("/2")
    assert texts(client) == [
        "GET /2: app sends http.response.start 200",
        "GET /2: app sends http.response.body 'GET /2'",
        "GET /2: app returned (response complete)",
    ]
    assert client.timeline.lost == 5
    assert [exchange.request for exchange in client.timeline.exchanges] == ["GET /2"]


@pytest.mark.client_decides
def test_none_are_kept_where_nobody_wants_them(driver: Driver) -> None:
    """`timeline=0`."""
    client = driver.client(hello, timeline=0)
    client.get("/")
    assert client.timeline == []


@pytest.mark.parametrize("value", [-1, "all", None, True])
def test_a_timeline_of_no_number_is_refused(value: Any) -> None:
    """Where it is given."""
    with pytest.raises(UsageError) as caught:
        TestClient(hello, timeline=value)
    assert str(caught.value) == f"timeline={value!r} makes no sense: give a number of events, 0 or more."


@pytest.mark.client_decides
def test_steps_group_what_happens_inside_of_them(driver: Driver) -> None:
    """Also one in the other, and also where the block raises."""
    client = driver.client(hello)
    with client.step("buy"):
        client.get("/1")
        with pytest.raises(ZeroDivisionError), client.step("pay"):
            client.get("/2")
            raise ZeroDivisionError
    client.get("/3")
    steps = {event.request: event.step for event in client.timeline}
    assert steps == {"GET /1": "buy", "GET /2": "buy > pay", "GET /3": ""}


@pytest.mark.client_decides
def test_a_step_has_a_title(driver: Driver) -> None:
    """Which is text."""
    with pytest.raises(UsageError, match="step="):
        driver.client(hello).step(7)


@pytest.mark.client_decides
def test_users_of_one_app_share_its_timeline(driver: Driver) -> None:
    """Who comes after whom is what matters between them."""
    first = driver.client(hello)
    second = first.derive()
    first.get("/1")
    second.get("/2")
    assert first.timeline == second.timeline
    assert [exchange.request for exchange in first.timeline.exchanges] == ["GET /1", "GET /2"]


@pytest.mark.client_decides
def test_a_timeline_is_filtered(driver: Driver) -> None:
    """By request, path, number and kind; and it compares as a list."""
    client = driver.client(hello)
    client.get("/1")
    client.get("/2")
    timeline = client.timeline
    one = [event for event in timeline if event.request == "GET /1"]
    assert timeline.of("GET /1") == timeline.of("/1") == timeline.of(0) == one
    assert timeline.of("/3") == []
    assert [event.request for event in timeline.of_kind("test")] == ["GET /1", "GET /2"]
    assert timeline.last(2) == timeline[-2:] == list(timeline)[-2:]
    assert repr(timeline) == "<Timeline of 8 events in 2 exchanges>"
