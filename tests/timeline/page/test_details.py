"""The details of an event."""

from __future__ import annotations

from timeline.page.conftest import Open
from timeline.page.reader import Reader
from timeline.story import Story


def facts(reader: Reader) -> dict[str, str]:
    """The names and values of the panel."""
    names, values = reader.texts("#details .fact-list dt"), reader.texts("#details .fact-list dd")
    return dict(zip(names, values, strict=True))


def test_a_click_shows_all_facts(open_page: Open) -> None:
    """Both times, the exchange, the task and the step."""
    reader = open_page(hash="#exchange=3")
    reader.click(reader.row("app sends websocket.send, 4 bytes"))
    assert reader.texts("#details h2") == ["app sends websocket.send, 4 bytes"]
    assert facts(reader) == {
        "time": "13.80 ms",
        "virtual time": "1:00:00.014",
        "passed before it": "1 h of virtual time",
        "exchange": "#3 websocket /chat",
        "task": "Task-9",
        "step": "an hour later",
    }


def test_the_line_is_shown_with_its_source(open_page: Open) -> None:
    """As file:line, so that an editor can be asked for it."""
    reader = open_page()
    reader.click(reader.row("test: enter"))
    assert reader.texts("#details .where") == ["At tests/test_notes.py:12 in test_notes"]
    assert reader.texts("#details .source") == ['12client.get("/notes")']


def test_headers_are_a_table(open_page: Open) -> None:
    """Masked ones stay masked."""
    reader = open_page()
    reader.click(reader.row("app sends http.response.start, status 200"))
    assert reader.texts("#details > .headers th") == ["content-type", "x-request-id", "set-cookie"]
    assert reader.texts("#details > .headers td") == ["application/json", "7f3a", "***"]


def test_a_message_is_shown_without_what_is_shown_elsewhere(open_page: Open) -> None:
    """Its type and its short values, as JSON."""
    reader = open_page()
    reader.click(reader.row("app sends http.response.start, status 200"))
    block = reader.page.locator("#details h3:text-is('Message') + pre")
    assert block.inner_text() == '{\n  "type": "http.response.start",\n  "status": 200\n}'


def test_a_body_of_json_is_printed_on_lines(open_page: Open) -> None:
    """With its keys and values told apart."""
    reader = open_page()
    reader.click(reader.row("app sends http.response.body, 89 bytes"))
    block = reader.page.locator("#details h3:text-is('Body') + pre")
    assert block.inner_text().splitlines()[:4] == ["{", '  "user": {', '    "name": "ada",', '    "admin": false']
    assert reader.texts("#details h3:text-is('Body') + pre .key") == [
        '"user"',
        '"name"',
        '"admin"',
        '"notes"',
        '"score"',
        '"team"',
    ]


def test_a_body_that_was_cut_says_how_long_it_was(open_page: Open) -> None:
    """So that nobody takes its beginning for all of it."""
    reader = open_page(hash="#exchange=2")
    reader.click(reader.row("app sends http.response.body, 48213 bytes, more to come"))
    assert reader.texts("#details p.note") == ["Only its beginning was kept: it had 48,213 bytes."]


def test_bytes_that_are_no_text_are_shown_in_base64(open_page: Open) -> None:
    """As the timeline keeps them."""
    reader = open_page(hash="#exchange=2")
    reader.click(reader.row("app sends http.response.body, 10 bytes"))
    assert reader.texts("#details h3:text-is('Body') + pre") == ["base64: /9j/4AAQSkZJRg=="]


def test_the_traceback_of_an_exception_is_shown(open_page: Open) -> None:
    """Before everything else that is longer than a line."""
    reader = open_page(hash="#kind=raises")
    reader.press("Enter")
    block = reader.page.locator("#details h3:text-is('What happened') + pre")
    assert block.inner_text().splitlines()[-1] == "KeyError: 99"


def test_the_exchange_is_folded_below(open_page: Open) -> None:
    """The line that has sent it, the one that answers, and the scope."""
    reader = open_page()
    reader.click(reader.row("app receives http.request, 34 bytes"))
    reader.click("#details summary")
    assert reader.texts("#details .about-exchange .where") == [
        "Sent at tests/test_notes.py:11 in test_notes",
        "Answered by board/app.py:21 in notes",
    ]
    assert reader.texts("#details .about-exchange .headers td") == ["testserver", "application/json", "***"]


def test_only_its_exchange_can_be_shown(open_page: Open) -> None:
    """And all of them again."""
    reader = open_page()
    reader.click(reader.row("app receives http.request, 34 bytes"))
    reader.click("text=Show only this exchange")
    chosen = reader.hash
    reader.click("text=Show all exchanges")
    assert (chosen, reader.hash) == ("#exchange=1&event=7", "#event=7")


def test_a_long_value_opens_at_once(open_page: Open) -> None:
    """Without colours, which would take an element for each of its numbers."""
    story = Story("long")
    story.tell("sends", None, "app sends a list", {"type": "http.response.body", "body": str([*range(10_000)])})
    reader = open_page(story.timeline())
    reader.press("j", "Enter")
    assert reader.page.locator("#details h3:text-is('Body') + pre *").count() == 0
