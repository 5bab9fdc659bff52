"""HTTP archives: the file, its pages, and what an entry says of time and of who sent it."""

from __future__ import annotations

from importlib import metadata

from asgi_lockstep._timeline.events import TimelineExchange
from asgi_lockstep._timeline.writers.har import as_har
from timeline.har_parts import a_request, a_response, entries, entry, pairs, timings
from timeline.standing import ENDPOINT, TEST_LINE, Story


def test_a_plain_get() -> None:
    """The whole file of one request."""
    story = Story().http(query_string="page=2").lines(TEST_LINE, ENDPOINT).event("test", "test: GET /notes").asks()
    story.answers(200, '{"notes":[]}', [("content-type", "application/json")]).ends()
    started = "2026-11-26T21:00:00.000000+00:00"
    json_type = ("content-type", "application/json")
    content = {"size": 12, "mimeType": "application/json", "text": '{"notes":[]}'}
    frame = {"functionName": "test_notes", "scriptId": "", "url": "tests/test_notes.py"}
    assert as_har(story.timeline()) == {
        "log": {
            "version": "1.2",
            "creator": {"name": "asgi-lockstep", "version": metadata.version("asgi-lockstep")},
            "pages": [
                {
                    "startedDateTime": started,
                    "id": "page_1",
                    "title": "test_notes",
                    "pageTimings": {"onContentLoad": -1, "onLoad": -1},
                }
            ],
            "entries": [
                {
                    "pageref": "page_1",
                    "startedDateTime": started,
                    "time": 3.0,
                    "request": a_request(url="http://testserver/notes?page=2", queryString=pairs(("page", "2"))),
                    "response": a_response(12, headers=pairs(json_type), content=content),
                    "cache": {},
                    "timings": timings(send=1.0, wait=1.0, receive=1.0),
                    "_resourceType": "fetch",
                    "_initiator": {
                        "type": "script",
                        "stack": {"callFrames": [{**frame, "lineNumber": 11, "columnNumber": 0}]},
                    },
                    "_sentAt": {
                        "file": "tests/test_notes.py",
                        "line": 12,
                        "function": "test_notes",
                        "source": 'client.get("/notes")',
                    },
                    "_endpoint": {"file": "app.py", "line": 8, "function": "notes", "source": "async def notes():"},
                    "_appEnded": {"how": "app returned", "time": 4.0},
                }
            ],
        }
    }


def test_nothing_happened() -> None:
    """A file without entries has a page, so that it has a title."""
    log = as_har(Story().timeline())["log"]
    assert log["entries"] == []
    assert [page["title"] for page in log["pages"]] == ["test_notes"]


def test_a_lifespan_is_no_entry() -> None:
    """It is no request, and no URL could be made for it."""
    story = Story()
    story.exchanges.append(TimelineExchange(1, "lifespan", "lifespan", {"type": "lifespan"}))
    story.receives("lifespan.startup").http().asks().answers().ends()
    assert [each["request"]["url"] for each in entries(story)] == ["http://testserver/notes"]


def test_each_step_is_a_page() -> None:
    """In the order in which they began, with the exchanges that began in them; what is in no step has a page, too."""
    story = Story().http("GET", "/a").event("test", step="log in").answers().ends()
    story.http("GET", "/b").event("test", step="").answers().ends()
    story.http("GET", "/c").event("test", step="log in").answers().ends()
    log = as_har(story.timeline())["log"]
    assert [(page["id"], page["title"], page["startedDateTime"]) for page in log["pages"]] == [
        ("page_1", "log in", "2026-11-26T21:00:00.000000+00:00"),
        ("page_2", "test_notes", "2026-11-26T21:00:00.001000+00:00"),
    ]
    assert [each["pageref"] for each in log["entries"]] == ["page_1", "page_2", "page_1"]


def test_an_entry_lasts_until_its_response_is_complete() -> None:
    """What the app does afterwards is in `_appEnded`."""
    story = Story().http().event("test").asks().answers().event("logs", "INFO app: in the background").ends()
    found = entry(story)
    assert (found["time"], found["_appEnded"]) == (3.0, {"how": "app returned", "time": 5.0})


def test_a_body_that_the_app_does_not_read_takes_no_time() -> None:
    """All of the time until the answer is spent waiting."""
    assert entry(Story().http().event("test").answers().ends())["timings"] == timings(send=0.0, wait=1.0, receive=1.0)


def test_what_is_read_after_the_answer_has_begun_is_not_waited_for() -> None:
    """Else the wait would end before it began."""
    story = Story().http("POST").event("test").sends("http.response.start", status=200, headers=[])
    story.asks("late").sends("http.response.body", body="", more_body=False).ends()
    assert entry(story)["timings"] == timings(send=0.0, wait=1.0, receive=2.0)


def test_an_app_that_has_not_ended() -> None:
    """The timeline was taken while it ran."""
    assert entry(Story().http().asks().answers())["_appEnded"] is None


def test_with_virtual_time_both_clocks_are_told() -> None:
    """`time` is how long it really took, `_loopTime` what the app believes, in milliseconds."""
    story = Story().http().event("test", loop_time=0.0).event("logs", loop_time=3600.0, jump=3600.0)
    story.event("sends", message={"type": "http.response.start", "status": 200, "headers": []}, loop_time=3600.0)
    story.event("sends", message={"type": "http.response.body"}, loop_time=3600.0)
    found = entry(story, clock="virtual")
    assert (found["time"], found["_loopTime"]) == (3.0, 3600000.0)


def test_an_exchange_of_which_no_event_is_left() -> None:
    """Its request is known, and no time."""
    story = Story().http()
    error = "the timeline no longer has the beginning of this exchange"
    assert entry(story, lost=9) == {
        "pageref": "page_1",
        "startedDateTime": "2026-11-26T21:00:00.000000+00:00",
        "time": 0,
        "request": a_request(),
        "response": a_response(status=0, statusText="", _error=error),
        "cache": {},
        "timings": timings(),
        "_resourceType": "fetch",
        "_appEnded": None,
    }


def test_an_exchange_of_which_the_beginning_is_lost() -> None:
    """Its body is there, and the time of the rest; what came before is not guessed."""
    story = Story().http().sends("http.response.body", body="end of it", more_body=False).ends()
    found = entry(story, lost=9)
    error = "the timeline no longer has the beginning of this exchange"
    content = {"size": 9, "mimeType": "x-unknown", "text": "end of it"}
    assert found["response"] == a_response(9, status=0, statusText="", content=content, _error=error)
    assert found["timings"] == timings(receive=0.0)


def test_exchanges_side_by_side_do_not_mix() -> None:
    """Each has its own events."""
    story = Story().http("GET", "/a").http("GET", "/b")
    for body, exchange in [("of b", 2), ("of a", 1)]:
        story.event("sends", message={"type": "http.response.start", "status": 200, "headers": []}, exchange=exchange)
        story.event("sends", message={"type": "http.response.body", "body": body}, exchange=exchange)
    texts = [(each["request"]["url"], each["response"]["content"]["text"]) for each in entries(story)]
    assert texts == [("http://testserver/a", "of a"), ("http://testserver/b", "of b")]
