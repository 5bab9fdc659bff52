"""Strategies: the programs of apps, and the visits of tests, legal and illegal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from fuzz import actions as a
from fuzz import visits as v
from fuzz.runs import Play
from helpers import body, start
from protocol.messages import MESSAGES

_BODIES = (body(), body(more=True), body(b"x", more=True), body(b"yz"), body(b"z" * 9, more=True))

#: What an app may send, of the right protocol and of others.
_LEGAL: dict[str, list[Any]] = {
    kind: [message for event, message in MESSAGES.items() if event.startswith(kind)]
    for kind in ("http", "websocket", "lifespan")
}
_LEGAL["http"] += [start(), start(), start(500), start(204, (b"x", b"y")), *_BODIES, *_BODIES]
_LEGAL["websocket"] += [
    {"type": "websocket.accept"},
    {"type": "websocket.accept"},
    {"type": "websocket.accept", "headers": [(b"set-cookie", b"a=b")]},
    {"type": "websocket.send", "bytes": b"x"},
    {"type": "websocket.send", "text": "{}"},
    {"type": "websocket.close", "code": 4000, "reason": "enough"},
]
_ILLEGAL: list[Any] = [
    {},
    None,
    [],
    {"type": None},
    {"type": "http.response.begin"},
    {"type": "http.response.start"},
    {"type": "http.response.start", "status": "200"},
    {"type": "http.response.start", "status": 200, "headers": [("x", "y")]},
    {"type": "http.response.start", "status": 200, "headers": 7},
    {"type": "http.response.body", "body": "text"},
    {"type": "http.response.body", "body": None, "more_body": None},
    {"type": "http.response.pathsend", "path": "relative"},
    {"type": "http.response.zerocopysend"},
    {"type": "http.response.trailers", "headers": [(1, 2)]},
    {"type": "websocket.send"},
    {"type": "websocket.send", "text": b"x"},
    {"type": "websocket.send", "text": "x", "bytes": b"x"},
    {"type": "websocket.close", "code": "x"},
    {"type": "websocket.accept", "subprotocol": "nobody-offered-it"},
    {"type": "lifespan.startup.failed", "message": 7},
]


def actions(kind: str, *, depth: int = 2) -> st.SearchStrategy[a.Actions]:
    """What an app does on a scope of this kind."""
    sends = st.sampled_from(_LEGAL[kind]) | st.sampled_from(_LEGAL[kind]) | st.sampled_from(_ILLEGAL)
    simple = st.one_of(
        st.builds(a.Sends, st.sampled_from(_LEGAL[kind])),
        st.builds(a.Sends, sends),
        st.sampled_from([a.Receives(), a.ReceivesAll(), a.Checkpoint(), a.Sleeps(), a.Waits(), a.Sets(), a.Job()]),
        st.builds(a.Raises, st.sampled_from(sorted(a.FAILURES))),
    )
    if not depth:
        return st.lists(simple, max_size=4).map(tuple)
    part = actions(kind, depth=depth - 1)
    # What is shielded from its cancellation must end by itself: nobody could end it.
    shielded = st.lists(
        st.sampled_from([a.Checkpoint(), a.Sleeps(), a.Job(), a.Raises("AppError"), a.Sets()]), max_size=3
    ).map(tuple)
    return st.lists(
        st.one_of(
            simple,
            simple,
            st.builds(a.Goes, part),
            st.builds(a.Gives, part),
            st.builds(a.Cleans, part, part),
            st.builds(a.Cleans, part, shielded, st.just(value=True)),
            st.builds(a.Ignores, part),
            st.builds(a.Group, part, part),
            st.builds(a.Leaves, part),
            st.builds(a.Streams, part),
        ),
        max_size=6,
    ).map(tuple)


def _begun(kind: str) -> st.SearchStrategy[a.Actions]:
    """The same, which begins mostly as an app of its kind should."""
    beginnings: dict[str, list[a.Actions]] = {
        "http": [(a.Sends(start()),), (a.Sends(start()), a.Sends(body(b"first", more=True)))],
        "websocket": [(a.Receives(), a.Sends({"type": "websocket.accept"}))],
        "lifespan": [
            (a.Receives(), a.Sends({"type": "lifespan.startup.complete"})),
            (a.Receives(), a.Sends({"type": "lifespan.startup.complete"}), a.Receives()),
        ],
    }
    beginning = st.sampled_from([(), *beginnings[kind], *beginnings[kind]])
    return st.tuples(beginning, actions(kind)).map(lambda both: (*both[0], *both[1]))


_OPTION = st.sampled_from(
    [
        ("raise_server_exceptions", False),
        ("background", "detach"),
        ("on_disconnect", "cancel"),
        ("grace", 0.0),
        ("disconnect_after", 0),
        ("disconnect_after", 3),
        ("disconnect_after", {"upload": 1}),
        ("disconnect_after", {"download": 1}),
        ("body_chunks", 1),
        ("spec_version", "2.4"),
        ("extensions", ("http.response.early_hint", "http.response.pathsend", "http.response.zerocopysend")),
    ]
)


def _unique(options: list[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    return tuple(dict(options).items())


_options = st.lists(_OPTION, max_size=2).map(_unique)
_chunks = st.none() | st.lists(st.sampled_from([b"", b"a", b"bcd"]), max_size=3).map(tuple)
_methods = st.sampled_from(["GET", "POST", "HEAD"])

_http_visits = st.one_of(
    st.builds(v.Request, _methods, _chunks, st.booleans(), _options),
    st.builds(
        v.Stream,
        st.sampled_from([0, 1, 2, None]),
        st.sampled_from(["leave", "disconnect", "read on", "raise", "expect nothing"]),
        _methods,
        _chunks,
        _options,
    ),
    st.builds(
        v.ByHand,
        st.lists(
            st.sampled_from(
                [b"a", b"", "end", "receive", "response", "disconnect", "expect nothing", "iterate", "raise"]
            ),
            max_size=5,
        ).map(tuple),
        _options,
    ),
    st.just(v.Kept()),
)
_socket_visits = st.builds(
    v.Socket,
    st.lists(
        st.sampled_from(
            [
                ("text", "hi"),
                ("text", "hi"),
                ("bytes", b"hi"),
                ("json", {"a": 1}),
                ("send", {"type": "websocket.receive", "text": "as it is"}),
                ("send", {"type": "websocket.disconnect", "code": 1001}),
                ("receive",),
                ("receive",),
                ("receive_text",),
                ("receive_bytes",),
                ("receive_nowait",),
                ("expect_nothing",),
                ("iterate",),
                ("close",),
                ("close", 4001, "bye"),
                ("disconnect",),
                ("raise",),
            ]
        ),
        max_size=6,
    ).map(tuple),
    _options.map(lambda options: tuple(o for o in options if o[0] not in ("body_chunks", "disconnect_after"))),
)
_other_visits = st.sampled_from([v.Does("settle"), v.Does("aclose"), v.Passes()])


_CLIENT = st.sampled_from(
    [
        ("raise_server_exceptions", False),
        ("background", "detach"),
        ("on_disconnect", "cancel"),
        ("leftover_tasks", "wait"),
        ("leftover_tasks", "error"),
        ("lifespan", "on"),
        ("lifespan", "off"),
    ]
)


def plays(kind: str) -> st.SearchStrategy[Play]:
    """Apps and tests of one kind: "http", "websocket" or "lifespan"."""
    apps = {
        "http": st.builds(a.Program, _begun("http")),
        "websocket": st.builds(a.Program, st.just(()), _begun("websocket")),
        "lifespan": st.builds(
            a.Program, st.just((a.Sends(start()), a.Sends(body(b"x")))), st.just(()), _begun("lifespan")
        ),
    }
    visits = {"http": _http_visits, "websocket": _socket_visits, "lifespan": st.just(v.Request())}
    visit = st.one_of(visits[kind], visits[kind], visits[kind].map(v.ByAnother), _other_visits)
    return st.builds(
        Play,
        apps[kind],
        st.lists(visit, min_size=0 if kind == "lifespan" else 1, max_size=3).map(tuple),
        st.just(True) if kind == "lifespan" else st.booleans(),
        st.lists(_CLIENT, max_size=2).map(_unique),
        st.none() | st.sampled_from([0, 1, 2, 3, 5, 8]),
    )


def plain(kind: str) -> st.SearchStrategy[Play]:
    """Apps and tests of which every library must make the same: one task, no time, and nothing of asyncio alone."""
    return plays(kind).map(_plainly)


def _plainly(play: Play) -> Play:
    app = a.Program(*(_only_plain(part) for part in (play.app.http, play.app.websocket, play.app.lifespan)))
    return Play(app, play.visits, play.entered, play.options)


def _only_plain(actions: Any) -> Any:
    """The actions without those that a library does in its own way; None stays None."""
    if actions is None:
        return None
    return tuple(filter(None, map(_plain_action, actions)))


def _plain_action(action: a.Action) -> a.Action | None:
    match action:
        case a.Raises() if action.failure not in ("AppError", "OSError", "group"):
            return None
        case a.Group() | a.Leaves() | a.Streams() | a.Job() | a.Sleeps() | a.Ignores():
            return None
        case a.Goes() | a.Gives():
            return replace(action, actions=_only_plain(action.actions))
        case a.Cleans():
            return replace(action, actions=_only_plain(action.actions), finally_=_only_plain(action.finally_))
    return action


def legal(kind: str) -> st.SearchStrategy[tuple[Play, list[object]]]:
    """An app and a test that do nothing wrong, and what must be noted of them."""
    return _legal_requests if kind == "http" else _legal_websockets


def _request(up: list[bytes], down: list[bytes], way: str) -> tuple[Play, list[object]]:
    sends = [a.Sends(body(piece, more=True)) for piece in down]
    app = a.Program((a.ReceivesAll(), a.Sends(start()), *sends, a.Sends(body())))
    visit, noted = {
        "request": (v.Request("POST", tuple(up), whole=False), [(200, b"".join(down))]),
        "stream": (v.Stream(None, "leave", "POST", tuple(up)), [200, *filter(None, down)]),
        "by hand": (v.ByHand((*up, "end", "response", "iterate")), [200, *filter(None, down)]),
    }[way]
    received = [{"type": "http.request", "body": piece, "more_body": True} for piece in up]
    received.append({"type": "http.request", "body": b"", "more_body": False})
    return Play(app, (visit,), options=(("lifespan", "off"),)), ["entered", noted, "left", [received]]


def _websocket(frames: list[tuple[str, str | bytes]], ends: str, code: int) -> tuple[Play, list[object]]:
    does: list[a.Action] = [a.Receives(), a.Sends({"type": "websocket.accept"})]
    acts: list[Any] = []
    noted: list[object] = ["accepted"]
    received: list[object] = [{"type": "websocket.connect"}]
    for side, content in frames:
        key = "text" if isinstance(content, str) else "bytes"
        if side == "app":
            does.append(a.Sends({"type": "websocket.send", key: content}))
            acts.append((f"receive_{key}",))
            noted.append(content)
        else:
            does.append(a.Receives())
            acts.append((key, content))
            received.append({"type": "websocket.receive", key: content})
    end = {"code": code, "reason": "bye"}
    if ends == "app":
        does.append(a.Sends({"type": "websocket.close", **end}))
        acts.append(("receive",))
        noted.append({"type": "websocket.close", **end})
    else:
        does.append(a.Receives())
        acts.append(("close", code, "bye"))
        received.append({"type": "websocket.disconnect", **end})
    play = Play(a.Program((), tuple(does)), (v.Socket(tuple(acts)),), options=(("lifespan", "off"),))
    return play, ["entered", noted, "left", [received]]


_pieces = st.lists(st.sampled_from([b"", b"a", b"bcd", b"\r\n\0", b"z" * 999]), max_size=4)
_legal_requests = st.builds(_request, _pieces, _pieces, st.sampled_from(["request", "stream", "by hand"]))
_frames = st.tuples(st.sampled_from(["app", "test"]), st.sampled_from(["", "hi", "\N{SNOWMAN}", b"", b"\xff\0"]))
_legal_websockets = st.builds(
    _websocket, st.lists(_frames, max_size=6), st.sampled_from(["app", "test"]), st.sampled_from([1000, 1001, 4999])
)
