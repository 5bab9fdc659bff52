"""The exchanges over time."""

from __future__ import annotations

from timeline.page.conftest import Open
from timeline.page.reader import Reader
from timeline.story import Story


def bar(reader: Reader, number: int) -> tuple[float, float]:
    """Where the bar of an exchange begins, and how wide it is, in percent of what is shown."""
    style = reader.page.locator(f"#exchange-{number} .bar").evaluate("(bar) => [bar.style.left, bar.style.width]")
    left, width = (float(value.removesuffix("%")) for value in style)
    return left, width


def test_each_exchange_has_its_outcome_and_its_duration(open_page: Open) -> None:
    """In the order in which they began."""
    reader = open_page()
    assert reader.texts("#exchanges .exchange") == [
        "#0 lifespan stopped 20 ms",
        "#1 POST /login 200 3.5 ms",
        "#2 GET /notes 200 4.8 ms",
        "#3 websocket /chat left 1000 3 ms",
        "#4 DELETE /notes/99 ! raised 1 ms",
        "#5 GET /slow ! failed 3.4 ms",
    ]


def test_a_bar_lies_where_its_exchange_was(open_page: Open) -> None:
    """The shorter begins later and ends earlier."""
    reader = open_page()
    (outer, outer_width), (inner, inner_width) = bar(reader, 0), bar(reader, 3)
    assert outer < inner
    assert inner + inner_width < outer + outer_width


def test_the_clock_can_be_chosen(open_page: Open) -> None:
    """On the app's clock the websocket took an hour, nearly all of the time; the address keeps it."""
    reader = open_page()
    reader.click("[data-clock=virtual]")
    reader.settle()
    assert (reader.hash, reader.texts("#exchange-3 .took")) == ("#clock=virtual", ["1 h"])
    assert bar(reader, 3)[1] > 95
    assert reader.texts(".row.event .time")[0] == "0.200 ms"


def test_a_real_clock_leaves_no_choice(open_page: Open) -> None:
    """Both times would be the same."""
    story = Story("real", clock="real")
    story.tell("test", None, "test: enter")
    reader = open_page(story.timeline())
    assert not reader.page.locator("#clocks").is_visible()


def test_buttons_and_keys_zoom(open_page: Open) -> None:
    """In, out, and back to all of the time."""
    reader = open_page()
    keys = {"+": 1.6, "=": 2.56, "-": 1.6, "0": 1}
    reader.click("#zoom-in")
    reader.click("#zoom-out")
    reader.settle()
    widths = [bar(reader, 2)[1]]
    for key in keys:
        reader.press(key)
        reader.settle()
        widths.append(bar(reader, 2)[1])
    assert [round(width / widths[0], 3) for width in widths[1:]] == [*keys.values()]
    assert reader.page.locator("#zoom-out").is_disabled()


def test_the_wheel_zooms_with_ctrl_where_the_mouse_is(open_page: Open) -> None:
    """What is under the mouse stays there."""
    reader = open_page()
    box = reader.page.locator("#exchange-2 .plot").bounding_box()
    assert box is not None
    before = bar(reader, 2)
    x = box["x"] + box["width"] * before[0] / 100
    reader.page.mouse.move(x, box["y"] + 5)
    reader.page.keyboard.down("Control")
    reader.page.mouse.wheel(0, -300)
    reader.page.keyboard.up("Control")
    reader.page.wait_for_function("document.querySelector('#zoomed').textContent !== ''")
    after = bar(reader, 2)
    assert abs(after[0] - before[0]) < 0.5
    assert after[1] > before[1] * 2


def test_a_drag_moves_the_time_and_is_no_click(open_page: Open) -> None:
    """No exchange is chosen by it."""
    reader = open_page()
    reader.press("+", "+")
    reader.settle()
    box = reader.page.locator("#exchange-2 .plot").bounding_box()
    assert box is not None
    before = bar(reader, 2)[0]
    reader.page.mouse.move(box["x"] + 300, box["y"] + 8)
    reader.page.mouse.down()
    reader.page.mouse.move(box["x"] + 350, box["y"] + 8, steps=4)
    reader.page.mouse.up()
    reader.settle()
    assert round(bar(reader, 2)[0] - before, 1) == round(50 / box["width"] * 100, 1)
    assert reader.hash == ""


def test_a_click_shows_only_its_exchange_and_another_one_all(open_page: Open) -> None:
    """As the filter does."""
    reader = open_page()
    reader.click("#exchange-5")
    chosen = (reader.hash, len(reader.rows), reader.page.locator("#exchange-5").get_attribute("aria-selected"))
    reader.click("#exchange-5")
    assert (chosen, reader.hash) == (("#exchange=5", 4, "true"), "")


def test_keys_choose_an_exchange_and_move_the_time(open_page: Open) -> None:
    """Up and down between exchanges, left and right in time."""
    reader = open_page()
    reader.page.focus("#exchanges")
    reader.press("ArrowDown", "ArrowDown", "Enter")
    reader.settle()
    assert (reader.hash, reader.page.locator("#exchanges").get_attribute("aria-activedescendant")) == (
        "#exchange=2",
        "exchange-2",
    )
    reader.press("+")
    reader.settle()
    before = bar(reader, 2)[0]
    reader.press("ArrowRight")
    reader.settle()
    assert round(before - bar(reader, 2)[0], 3) == 10


def test_jumps_and_the_selected_event_are_marked(open_page: Open) -> None:
    """Through all rows."""
    reader = open_page()
    assert reader.texts(".jump-line") == ["+1 h"]
    first = reader.page.locator(".now-line").evaluate("(line) => line.style.left")
    reader.page.focus("#events")
    reader.press("End")
    last = reader.page.locator(".now-line").evaluate("(line) => line.style.left")
    assert float(first[:-1]) < float(last[:-1])


def test_the_part_in_which_the_app_waits_is_lighter(open_page: Open) -> None:
    """Of a bar, where the app stood in receive() or send()."""
    reader = open_page()
    counts = [reader.page.locator(f"#exchange-{number} .wait").count() for number in range(6)]
    assert counts == [1, 0, 0, 2, 0, 1]
