"""HTTP archives: requests."""

from __future__ import annotations

from typing import Any

import pytest

from timeline.har_parts import a_request, entry, pairs
from timeline.standing import Story

HOST = ("host", "testserver")


def request_of(story: Story) -> dict[str, Any]:
    """The request of the only entry."""
    found: dict[str, Any] = entry(story)["request"]
    return found


def a_post(mime_type: str, **scope: Any) -> Story:
    """A POST with a body of this type, which has to follow."""
    return Story().http("POST", headers=[HOST, ("content-type", mime_type)], **scope)


def test_json() -> None:
    """A body is there as text."""
    assert request_of(a_post("application/json").asks('{"a":1}')) == a_request(
        method="POST",
        headers=pairs(HOST, ("content-type", "application/json")),
        bodySize=7,
        postData={"mimeType": "application/json", "text": '{"a":1}'},
    )


def test_a_form() -> None:
    """Its fields are named one by one, unescaped, besides the text."""
    story = a_post("application/x-www-form-urlencoded;charset=UTF-8").asks("a=b+c&d=%C3%A9&a=")
    assert request_of(story)["postData"] == {
        "mimeType": "application/x-www-form-urlencoded;charset=UTF-8",
        "text": "a=b+c&d=%C3%A9&a=",
        "params": pairs(("a", "b c"), ("d", "é"), ("a", "")),
    }


def test_a_form_with_a_file() -> None:
    """Of a file the name and the type are told; its content is in the text."""
    text = (
        '--xx\r\nContent-Disposition: form-data; name="title"\r\n\r\na\r\nb\r\n'
        '--xx\r\nContent-Disposition: form-data; name="up"; filename="n.txt"\r\n'
        "Content-Type: text/plain\r\n\r\nhello\r\n"
        "--xx--\r\n"
    )
    story = a_post('multipart/form-data; boundary="xx"').asks(text)
    assert request_of(story)["postData"] == {
        "mimeType": 'multipart/form-data; boundary="xx"',
        "text": text,
        "params": [
            {"name": "title", "value": "a\r\nb"},
            {"name": "up", "fileName": "n.txt", "contentType": "text/plain"},
        ],
    }


def test_bytes_that_are_no_text() -> None:
    """HAR has no word for them in requests, so one of our own says that they are base64."""
    story = a_post("image/png").asks({"base64": "iVBORw=="})
    assert request_of(story) == a_request(
        method="POST",
        headers=pairs(HOST, ("content-type", "image/png")),
        bodySize=4,
        postData={"mimeType": "image/png", "text": "iVBORw==", "_encoding": "base64"},
    )


def test_a_body_in_pieces() -> None:
    """They are put together before they are taken for text: a character may be in two of them."""
    story = a_post("text/plain").asks({"base64": "w6TD"}, more_body=True).asks({"base64": "tg=="})
    found = request_of(story)
    assert (found["bodySize"], found["postData"]) == (4, {"mimeType": "text/plain", "text": "äö"})


def test_a_body_that_was_cut() -> None:
    """How long it was is told, and what comes after the cut is not put behind its beginning."""
    story = a_post("text/plain").asks("begin", body_length=5000, more_body=True).asks("end")
    found = request_of(story)
    comment = "the first 5 of 5003 bytes"
    assert found["bodySize"] == 5003
    assert found["postData"] == {"mimeType": "text/plain", "text": "begin", "comment": comment}


def test_a_body_that_was_cut_within_a_character() -> None:
    """It is text still."""
    story = a_post("text/plain").asks({"base64": "w6TD"}, body_length=4000)
    assert request_of(story)["postData"]["text"] == "ä"


@pytest.mark.parametrize(
    ("line", "size"),
    [(("content-length", "7"), 7), (("content-length", "seven"), 0), (("transfer-encoding", "chunked"), -1)],
    ids=["announced", "nonsense", "chunked"],
)
def test_a_body_that_the_app_does_not_read(line: tuple[str, str], size: int) -> None:
    """Its header knows how long it is, if anybody does."""
    found = request_of(Story().http("POST", headers=[HOST, line]).answers())
    assert found == a_request(method="POST", headers=pairs(HOST, line), bodySize=size)


def test_a_body_that_the_app_does_not_read_in_http_2() -> None:
    """There a body needs no header."""
    assert request_of(Story().http(http_version="2").answers()) == a_request(httpVersion="HTTP/2.0", bodySize=-1)


def test_a_body_of_which_the_app_reads_the_beginning() -> None:
    """That is what can be shown; the size is that of the whole."""
    lines = (HOST, ("content-length", "9"))
    found = request_of(Story().http("POST", headers=lines).asks("half", more_body=True).answers())
    post_data = {"mimeType": "", "text": "half"}
    assert found == a_request(method="POST", headers=pairs(*lines), bodySize=9, postData=post_data)


def test_cookies() -> None:
    """They are read from all lines; one without `=` is a value without a name, as browsers take it."""
    lines = (HOST, ("cookie", "a=1; b=2=3"), ("cookie", "lonely; ;"))
    assert request_of(Story().http(headers=lines).asks()) == a_request(
        headers=pairs(*lines), cookies=pairs(("a", "1"), ("b", "2=3"), ("", "lonely"))
    )


def test_masked_cookies() -> None:
    """A masked line is a masked cookie, so that it can be seen that there were some."""
    lines = (HOST, ("cookie", "***"), ("authorization", "***"))
    found = request_of(Story().http(headers=lines).asks())
    assert found == a_request(headers=pairs(*lines), cookies=pairs(("***", "***")))


def test_headers_that_are_no_utf_8() -> None:
    """Each byte is a character, as HTTP has always had it."""
    found = request_of(Story().http(headers=[HOST, ["x", {"base64": "6Q=="}]]).asks())
    assert found["headers"] == pairs(HOST, ("x", "é"))


@pytest.mark.parametrize(
    ("scope", "url"),
    [
        pytest.param({"scheme": "https"}, "https://testserver/notes", id="scheme"),
        pytest.param({"headers": [], "server": ["10.0.0.1", 80]}, "http://10.0.0.1/notes", id="port of http"),
        pytest.param({"headers": [], "server": ["10.0.0.1", 8000]}, "http://10.0.0.1:8000/notes", id="port"),
        pytest.param({"headers": [], "server": ["::1", 8000]}, "http://[::1]:8000/notes", id="IPv6"),
        pytest.param({"headers": [], "server": ["/run/app.sock", None]}, "http://localhost/notes", id="unix"),
        pytest.param({"headers": []}, "http://localhost/notes", id="no server"),
        pytest.param({"headers": [("host", "a b")]}, "http://a%20b/notes", id="host"),
        pytest.param({"raw_path": "/caf%C3%A9/a%2Fb"}, "http://testserver/caf%C3%A9/a%2Fb", id="escaped"),
        pytest.param({"raw_path": {"base64": "L+k="}}, "http://testserver/%E9", id="bytes"),
        pytest.param({"raw_path": None, "path": "/50% é?"}, "http://testserver/50%25%20%C3%A9%3F", id="path"),
        pytest.param({"raw_path": ""}, "http://testserver/", id="no path"),
        pytest.param({"query_string": "q=a b&r=%20?"}, "http://testserver/notes?q=a%20b&r=%20?", id="query"),
    ],
)
def test_the_url(scope: dict[str, Any], url: str) -> None:
    """It is absolute, and every character that may not stand in one is escaped, once."""
    assert request_of(Story().http(**scope).asks())["url"] == url


def test_the_query() -> None:
    """Its parts are unescaped; the same name may come twice, and values may be empty."""
    found = request_of(Story().http(query_string="q=a+b&q=%C3%A9&empty=&alone").asks())
    assert found["queryString"] == pairs(("q", "a b"), ("q", "é"), ("empty", ""), ("alone", ""))
