"""HTTP archives: whatever crosses between a test and its app, the file is one that the published schema allows."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource

from asgi_lockstep._timeline.writers.har import as_har
from timeline.standing import ENDPOINT, TEST_LINE, Story

SCHEMAS = {
    path.name: json.loads(path.read_text("utf-8")) for path in (Path(__file__).parent / "har_schema").glob("*.json")
}

VALIDATOR = jsonschema.Draft6Validator(
    SCHEMAS["har.json"],
    registry=Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()),
)


def as_recorded(value: bytes) -> Any:
    """Bytes as they stand in a timeline."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


FIXED = settings(derandomize=True, max_examples=50, database=None, deadline=None)

BYTES = st.binary(max_size=40).map(as_recorded)

#: Names of headers that the writer reads, and others.
NAMES = st.sampled_from(
    ["host", "cookie", "set-cookie", "content-type", "content-length", "content-encoding", "transfer-encoding"]
) | st.binary(max_size=10).map(as_recorded)

VALUES = BYTES | st.sampled_from(
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
        "gzip",
        "a=b; Max-Age=-1; Expires=0",
        "a=b; Expires=Mon, 10 Feb 9999 15:36:09 -9900",
        "***",
    ]
)

HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=6)
BODIES = BYTES | st.just('--a\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--a--')


def check(story: Story, **fields: Any) -> None:
    """The file is valid, survives JSON, and no time in it is negative besides the -1 that stands for unknown."""
    har = as_har(story.timeline(**fields))
    VALIDATOR.validate(har)
    assert json.loads(json.dumps(har)) == har
    for entry in har["log"]["entries"]:
        known = [time for time in entry["timings"].values() if time != -1]
        assert all(time >= 0 for time in known)
        assert entry["time"] == pytest.approx(sum(known), abs=0.001)


def test_the_schema_refuses_what_is_no_archive() -> None:
    """All of its files are found: the mistake is in the innermost one."""
    story = Story().http().answers(headers=[("set-cookie", "a=b")])
    har = as_har(story.timeline())
    har["log"]["entries"][0]["response"]["cookies"][0]["name"] = 1
    with pytest.raises(jsonschema.ValidationError, match=r"^1 is not of type 'string'"):
        VALIDATOR.validate(har)


@FIXED
@given(st.data())
def test_requests(data: st.DataObject) -> None:
    """With arbitrary headers, bodies and URLs, complete or not."""
    scope = {
        "headers": data.draw(HEADERS),
        "raw_path": data.draw(BYTES),
        "query_string": data.draw(BYTES),
        "server": data.draw(st.none() | st.tuples(st.text(max_size=5), st.none() | st.integers(0, 65535))),
        "http_version": data.draw(st.sampled_from(["1.0", "1.1", "2", "3"])),
    }
    story = Story().http(data.draw(st.sampled_from(["GET", "HEAD", "POST"])), **scope).lines(TEST_LINE, ENDPOINT)
    story.asks(data.draw(BODIES), more_body=data.draw(st.booleans()))
    if data.draw(st.booleans()):
        story.answers(data.draw(st.integers(100, 999)), data.draw(BODIES), data.draw(HEADERS))
    check(story.ends(), clock=data.draw(st.sampled_from(["real", "virtual"])), lost=data.draw(st.integers(0, 1)))


@FIXED
@given(frames=st.lists(st.tuples(st.booleans(), st.sampled_from(["text", "bytes"]), BYTES)), headers=HEADERS)
def test_websockets(frames: list[tuple[bool, str, Any]], headers: list[Any]) -> None:
    """With arbitrary headers and frames."""
    story = Story().websocket(headers=headers).receives("websocket.connect").sends("websocket.accept", headers=headers)
    for received, key, value in frames:
        if received:
            story.receives("websocket.receive", **{key: value})
        else:
            story.sends("websocket.send", **{key: value})
    check(story.receives("websocket.disconnect", code=1006, reason=None))


@FIXED
@given(
    kinds=st.lists(st.sampled_from(["test", "waits", "raises", "ends", "left", "asks", "start", "body"]), max_size=8)
)
def test_events_in_any_order(kinds: list[str]) -> None:
    """Also in one that no app can have: what a ring has kept is only a part."""
    story = Story().http()
    for kind in kinds:
        if kind == "left":
            story.receives("http.disconnect")
        elif kind == "asks":
            story.asks("a")
        elif kind == "start":
            story.sends("http.response.start", status=200, headers=[])
        elif kind == "body":
            story.sends("http.response.body", body="a")
        else:
            story.event(kind, kind)
    check(story, lost=len(kinds) % 2)
