"""HTTP archives: responses, and why there is none."""

from __future__ import annotations

import base64
import gzip
import zlib
from typing import Any

import pytest

from timeline.har_parts import a_response, entry, pairs
from timeline.standing import Story

TEXT = ("content-type", "text/plain; charset=utf-8")


def response_of(story: Story, **fields: Any) -> dict[str, Any]:
    """The response of the only entry."""
    found: dict[str, Any] = entry(story, **fields)["response"]
    return found


def a_content(text: str, size: int | None = None, **fields: Any) -> dict[str, Any]:
    """Text as the content of a response."""
    return {"size": len(text) if size is None else size, "mimeType": TEXT[1], "text": text, **fields}


def test_a_redirect() -> None:
    """Where it leads is told as the app has said it."""
    line = ("location", "/js?z=1")
    assert response_of(Story().http().answers(307, headers=[line])) == a_response(
        status=307, statusText="Temporary Redirect", headers=pairs(line), redirectURL="/js?z=1"
    )


def test_no_content() -> None:
    """A 204 has no text, not even an empty one."""
    assert response_of(Story().http().answers(204)) == a_response(status=204, statusText="No Content")


def test_a_status_of_which_nobody_knows_the_name() -> None:
    """It has no text."""
    assert response_of(Story().http().answers(299)) == a_response(status=299, statusText="")


def test_a_head() -> None:
    """What the app sends of a body does not reach the client."""
    story = Story().http("HEAD").answers(200, "hello", [TEXT, ("content-length", "5")])
    assert response_of(story) == a_response(
        headers=pairs(TEXT, ("content-length", "5")), content={"size": 0, "mimeType": TEXT[1]}
    )


def test_bytes_that_are_no_text() -> None:
    """They are base64, as HAR wants it."""
    story = Story().http().answers(200, {"base64": "iVBORw=="}, [("content-type", "image/png")])
    content = {"size": 4, "mimeType": "image/png", "text": "iVBORw==", "encoding": "base64"}
    assert response_of(story) == a_response(4, headers=pairs(("content-type", "image/png")), content=content)


def test_a_streamed_body() -> None:
    """Its pieces are put together before they are taken for text."""
    story = Story().http().sends("http.response.start", status=200, headers=[TEXT])
    for piece in ("a", {"base64": "w6TD"}, {"base64": "tg=="}):
        story.sends("http.response.body", body=piece, more_body=True)
    story.sends("http.response.body", body="", more_body=False)
    found = entry(story)
    assert found["response"] == a_response(5, headers=pairs(TEXT), content=a_content("aäö", 5))
    assert found["timings"]["receive"] == 4.0


def test_a_body_that_was_cut() -> None:
    """How long it was is told, and what comes after the cut is not put behind its beginning."""
    story = Story().http().sends("http.response.start", status=200, headers=[TEXT])
    story.sends("http.response.body", body="begin", body_length=5000, more_body=True)
    story.sends("http.response.body", body="end", more_body=False)
    content = a_content("begin", 5003, comment="the first 5 of 5003 bytes")
    assert response_of(story) == a_response(5003, headers=pairs(TEXT), content=content)


def test_a_file_of_which_the_app_sends_the_path() -> None:
    """Its bytes are in no message; the header may know how many there are."""
    lengths = []
    for headers in ([("content-length", "9")], []):
        story = Story().http().sends("http.response.start", status=200, headers=headers)
        found = response_of(story.sends("http.response.pathsend", path="/srv/film"))
        lengths.append((found["content"]["size"], found["bodySize"], found.get("_error")))
    assert lengths == [(9, 9, None), (-1, -1, None)]


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_packed_body_is_unpacked(encoding: str, pack: Any) -> None:
    """The content is what a reader sees, and `bodySize` what was on the way."""
    packed = pack(b"a" * 100)
    lines = [TEXT, ("content-encoding", encoding)]
    story = Story().http().answers(200, {"base64": base64.b64encode(packed).decode()}, lines)
    content = a_content("a" * 100, compression=100 - len(packed))
    assert response_of(story) == a_response(len(packed), headers=pairs(*lines), content=content)


@pytest.mark.parametrize("more", [{}, {"body_length": 5000}], ids=["broken", "cut"])
def test_a_packed_body_that_cannot_be_unpacked(more: dict[str, int]) -> None:
    """It stays as it is."""
    lines = [TEXT, ("content-encoding", "gzip")]
    content = response_of(Story().http().answers(200, {"base64": "H4sI"}, lines, **more))["content"]
    assert (content["text"], content["encoding"]) == ("H4sI", "base64")


def test_cookies() -> None:
    """With their attributes; what a session ends with has no `expires`."""
    lines = [
        ("set-cookie", "a=b=c; HttpOnly; Max-Age=60; Path=/x; SameSite=lax; Expires=Mon, 10 Feb 2087 15:36:09 GMT"),
        ("set-cookie", "d=; domain=localhost; expires=Mon, 10 Feb 2087 15:36:09 GMT; Secure"),
        ("set-cookie", "e=f"),
    ]
    assert response_of(Story().http().event("test").answers(headers=lines))["cookies"] == [
        {
            "name": "a",
            "value": "b=c",
            "path": "/x",
            "expires": "2026-11-26T21:01:00.001+00:00",
            "httpOnly": True,
            "secure": False,
            "sameSite": "lax",
        },
        {
            "name": "d",
            "value": "",
            "domain": "localhost",
            "expires": "2087-02-10T15:36:09.000+00:00",
            "httpOnly": False,
            "secure": True,
        },
        {"name": "e", "value": "f", "httpOnly": False, "secure": False},
    ]


@pytest.mark.parametrize("attribute", ["Max-Age=soon", "Max-Age=" + "9" * 20, "Expires=tomorrow", "Expires", "Max-Age"])
def test_a_cookie_of_which_nobody_knows_when_it_expires(attribute: str) -> None:
    """It is one of the session, as for browsers."""
    found = response_of(Story().http().answers(headers=[("set-cookie", f"a=b; {attribute}")]))
    assert found["cookies"] == [{"name": "a", "value": "b", "httpOnly": False, "secure": False}]


def test_a_masked_cookie() -> None:
    """It has neither a name nor a value to show; one whose name is shown keeps it."""
    lines = [("set-cookie", "***"), ("set-cookie", "session=***; Secure")]
    found = response_of(Story().http().answers(headers=lines))
    assert found == a_response(
        headers=pairs(*lines),
        cookies=[
            {"name": "***", "value": "***", "httpOnly": False, "secure": False},
            {"name": "session", "value": "***", "httpOnly": False, "secure": True},
        ],
    )


def test_a_header_of_a_bare_name() -> None:
    """Headers of an answer that has none are none."""
    story = Story().http().sends("http.response.start", status=200).sends("http.response.body")
    assert response_of(story) == a_response()


def test_an_app_that_raises_before_it_answers() -> None:
    """There is no status, and `_error` has what was raised."""
    story = (
        Story().http().asks().event("raises", "app raises ValueError: no", details="Traceback ...").ends("app raised")
    )
    found = entry(story)
    assert found["response"] == a_response(status=0, statusText="", _error="app raises ValueError: no")
    assert found["_appEnded"] == {"how": "app raised", "time": 2.0}


def test_an_app_that_raises_within_its_answer() -> None:
    """What has come is there."""
    story = Story().http().sends("http.response.start", status=200, headers=[TEXT])
    story.sends("http.response.body", body="half", more_body=True).event("raises", "app raises ValueError: no")
    assert response_of(story.ends("app raised")) == a_response(
        4, headers=pairs(TEXT), content=a_content("half"), _error="app raises ValueError: no"
    )


def test_an_app_that_raises_after_its_answer() -> None:
    """The client has got everything; `_appEnded` knows."""
    found = entry(Story().http().answers().event("raises", "app raises ValueError: no").ends("app raised"))
    assert found["response"] == a_response()
    assert found["_appEnded"] == {"how": "app raised", "time": 3.0}


def test_an_app_that_raises_in_a_timeline_that_has_lost_events() -> None:
    """What was raised is said first: it is known."""
    story = Story().http().event("raises", "app raises ValueError: no").ends("app raised")
    assert response_of(story, lost=9)["_error"] == "app raises ValueError: no"


@pytest.mark.parametrize(
    ("begun", "end", "error"),
    [
        (False, "left", "the client left before there was a response"),
        (True, "left", "the client left before the response was complete"),
        (False, "returned", "app returned before there was a response"),
        (True, "returned", "app returned before the response was complete"),
        (False, "", "the timeline ends before there was a response"),
        (True, "", "the timeline ends before the response was complete"),
    ],
)
def test_a_response_that_is_not_complete(begun: bool, end: str, error: str) -> None:
    """`_error` says which part is missing, and why."""
    story = Story().http().asks()
    if begun:
        story.sends("http.response.start", status=200, headers=[])
    if end == "left":
        story.receives("http.disconnect")
    if end:
        story.ends()
    status: dict[str, Any] = {} if begun else {"status": 0, "statusText": ""}
    assert response_of(story) == a_response(_error=error, **status)


def test_an_app_that_learns_of_the_disconnect_after_its_answer() -> None:
    """Nothing is wrong: that is how apps learn that a client has gone."""
    assert response_of(Story().http().answers().receives("http.disconnect").ends()) == a_response()
