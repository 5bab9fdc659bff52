"""What the picture of a timeline is drawn with: its colours, lanes, arrows and signs."""

from __future__ import annotations

from typing import Final

from .sequence import APP, Bar

#: Colours by the name of what has them, in a light page and in a dark one.
_COLOURS: Final = {
    "ground": ("#ffffff", "#1a1e22"),
    "ink": ("#1d2126", "#e2e5e8"),
    "quiet": ("#5b636d", "#9ba5ae"),
    "line": ("#c9c9c2", "#424a52"),
    "test": ("#30363d", "#cfd5da"),
    "receives": ("#1a5fc4", "#85b3ff"),
    "sends": ("#08735a", "#58c9a4"),
    "waits": ("#82600c", "#d8b45a"),
    "bad": ("#b3261e", "#ff938a"),
    "logs": ("#6a45b8", "#bea6f8"),
    "tasks": ("#4b6472", "#9cb4c2"),
}

#: Which colour a kind of event has, where it is not called like it.
_COLOUR_OF: Final = {
    "fails": "bad",
    "refused": "bad",
    "raises": "bad",
    "task_starts": "tasks",
    "task_ends": "tasks",
    "ends": "test",
    "jump": "waits",
}

_KINDS: Final = ("test", "receives", "sends", "waits", "logs", *_COLOUR_OF)

#: The signs of events that are no messages, around their middle.
_SIGNS: Final = {
    "waits": "M-7 0h14",
    "logs": "M-6 -6h12v12h-12zM-3 -2h6m-6 4h4",
    "raises": "M0 -8l8 8l-8 8l-8 -8zM0 -4v4.5m0 2v1",
    "task_ends": "M-4 -4l8 8m0 -8l-8 8",
    "ends": "M-8 -2h16m-16 4h16",
}
_OTHER_SIGN: Final = "M-3 0a3 3 0 0 0 6 0a3 3 0 0 0 -6 0"


def _variables(which: int) -> str:
    return "svg{" + "".join(f"--{name}:{colours[which]};" for name, colours in _COLOURS.items()) + "}"


#: The style of every picture. A picture has no way to ask for another scheme than that of its page.
STYLE: Final = "\n".join(
    (
        _variables(0),
        f"@media (prefers-color-scheme: dark) {{{_variables(1)}}}",
        "text{font:12px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:var(--ink)}",
        ".title,.step,.name{font-family:system-ui,sans-serif;font-weight:600}",
        ".title{font-size:14px}.name{text-anchor:middle}",
        ".ground,.bar-waits{fill:var(--ground)}.lifeline{stroke:var(--line)}.bar-test{fill:var(--line)}",
        ".bar-waits{stroke:var(--waits);stroke-dasharray:2 2}",
        "path{fill:none;stroke:var(--kind);stroke-width:1.5}",
        ".tip,.origin{fill:var(--kind)}.fails .tip{fill:var(--ground)}",
        ".refused .line,.fails .line,.task_starts .line,.jump path{stroke-dasharray:4 3}.cross{stroke-width:2.5}",
        ".fails text,.refused text,.raises text{font-weight:700}.jump text{fill:var(--waits)}",
        ".request{fill:var(--quiet)}",
        *(f".{kind}{{--kind:var(--{_COLOUR_OF.get(kind, kind)})}}" for kind in _KINDS),
    )
)


def lane_x(lane: int) -> float:
    """The middle of a lane; those of tasks are narrower."""
    return 52.0 + 88 * min(lane, APP) + 44 * max(lane - APP, 0)


def lifeline(lane: int, begin: float, end: float) -> str:
    """A thin line from `begin` to `end`."""
    x = lane_x(lane)
    return f'<line class="lifeline" x1="{x}" x2="{x}" y1="{begin}" y2="{end}"/>'


def bar(one: Bar, begin: float, end: float) -> str:
    """Somebody waits from `begin` to `end`."""
    x = lane_x(one.lane) - 3 + 4 * min(one.slot, 5)
    return f'<rect class="bar-{one.kind}" x="{x}" y="{begin}" width="6" height="{end - begin}"/>'


def arrow(kind: str, start: float, end: float, y: float) -> str:
    """From one lane to another; crossed out where the message was refused."""
    way = 1 if end > start else -1
    parts = [
        f'<path class="line" d="M{start + 4 * way} {y}H{end - 7 * way}"/>',
        f'<path class="tip" d="M{end - 2 * way} {y}l{-8 * way} -4v8z"/>',
    ]
    if kind == "test":
        parts.append(f'<circle class="origin" cx="{start}" cy="{y}" r="4"/>')
    if kind == "refused":
        parts.append(f'<path class="cross" d="M{(start + end) / 2 - 5} {y - 5}l10 10m0 -10l-10 10"/>')
    return "".join(parts)


def sign(kind: str, x: float, y: float) -> str:
    """Of an event that is no message."""
    return f'<path class="sign" transform="translate({x} {y})" d="{_SIGNS.get(kind, _OTHER_SIGN)}"/>'
