"""What is embedded in the page."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from asgi_lockstep._timeline.writers.html import SCRIPTS, STYLES, as_html
from asgi_lockstep._timeline.writers.page_data import page_data
from timeline.made import small
from timeline.story import Story


class Parts(HTMLParser):
    """The tags of a page, and the texts of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script":
            self.scripts[-1] += data


@pytest.mark.parametrize("text", ["</script>", "<!--", "<script", "]]>", "&lt;", "\u2028\u2029", "\ud800", "é"])
def test_no_text_leaves_the_script_element(text: str) -> None:
    """It is ASCII without brackets, and it is read as what it was."""
    story = Story(text)
    story.tell("logs", None, text)
    data = page_data(story.timeline())
    assert re.search("[<>&]|[^ -~]", data) is None
    assert (json.loads(data)["title"], json.loads(data)["events"][0]["text"]) == (text, text)


def test_numbers_that_json_does_not_know_are_texts() -> None:
    """An app may put them into a message; a browser would read nothing at all."""
    story = Story("numbers")
    story.tell("sends", None, "app sends", {"type": "x", "a": float("nan"), "b": float("-inf"), "c": 0.5})
    message = json.loads(page_data(story.timeline()))["events"][0]["message"]
    assert message == {"type": "x", "a": "NaN", "b": "-Infinity", "c": 0.5}


def test_exchanges_say_what_came_of_them() -> None:
    """The status, how a websocket or the lifespan ended, or that it failed."""
    exchanges = json.loads(page_data(small()))["exchanges"]
    assert [(exchange["outcome"], exchange["failed"]) for exchange in exchanges] == [
        ("stopped", False),
        ("200", False),
        ("200", False),
        ("left 1000", False),
        ("raised", True),
        ("failed", True),
    ]


def test_exchanges_without_events_are_left_out() -> None:
    """They fell out of the ring; there is nothing to show of them."""
    story = Story("one is lost")
    story.exchange(1, "http", "GET /lost")
    story.exchange(2, "http", "GET /")
    story.tell("test", 2, "test: GET /")
    assert [exchange["number"] for exchange in json.loads(page_data(story.timeline()))["exchanges"]] == [2]


def test_the_page_names_no_address_but_of_itself() -> None:
    """No script, style, picture or font of elsewhere; `data:` is the empty icon."""
    tags = Parts(as_html(small())).tags
    named = [attributes[name] for _, attributes in tags for name in ("src", "href", "action") if name in attributes]
    assert named == ["data:,", "#events"]


def test_the_page_has_one_script_and_its_data() -> None:
    """And the data is that of the timeline."""
    scripts = Parts(as_html(small())).scripts
    assert len(scripts) == 2
    assert json.loads(scripts[0]) == json.loads(page_data(small()))


def test_the_policy_names_the_script_and_the_style_by_their_hashes() -> None:
    """So nothing else runs, and no connection is made."""
    policy = next(
        attributes["content"] for tag, attributes in Parts(as_html(small())).tags if "http-equiv" in attributes and tag
    )
    assert policy is not None
    assert re.sub("sha256-[A-Za-z0-9+/]{43}=", "sha256", policy) == (
        "default-src 'none'; script-src 'sha256'; style-src 'sha256'; img-src data:; connect-src 'none'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_each_part_of_the_page_has_a_readable_size() -> None:
    """And none is forgotten; none ends the element in which it stands."""
    folder = files("asgi_lockstep._timeline.writers") / "page"
    found = {part.name: part.read_text(encoding="utf-8") for part in folder.iterdir() if part.name != "page.html"}
    assert sorted(found) == sorted([*SCRIPTS, *STYLES])
    assert [name for name, text in found.items() if text.count("\n") > 250 or "</" in text] == []


def test_a_title_that_is_missing_is_replaced() -> None:
    """A page needs one."""
    assert "<title>timeline</title>" in as_html(Story("").timeline())
