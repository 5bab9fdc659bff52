"""From what was kept to events: names, texts and lines of source are found out here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any, Final

from .._drivers.happenings.exceptions import ExceptionSaid
from .._drivers.happenings.kept_message import CAUGHT, ENDPOINT, HANDLED
from .._drivers.happenings.readable import readable
from .._drivers.happenings.recent import RECENT
from .._drivers.happenings.recorder import BEGUN, PAYLOAD, REAL_CLOCK, Begun, Happening, Note, Recorder, line_of
from .._drivers.inspection.endpoints import Endpoint, place_of
from .._drivers.inspection.source_lines import Place
from .._protocol.scope import request_of
from .events import Heading, SourceLine, TimelineEvent, TimelineExchange
from .masking import masked
from .timeline import Timeline
from .wording import MEANWHILE, action_words, message_words

#: Less than this a clock has not jumped, in seconds: it is what the rounding of sums makes.
_A_JUMP: Final = 1e-6

#: What is said of an event, by its kind: the text, and more as fields of `TimelineEvent`.
_Said = tuple[str, dict[str, Any]]


def read(recorder: Recorder, *, secrets: bool = False, since: float = -math.inf) -> Timeline:
    """What `recorder` has kept, as it is now.

    Args:
        recorder: of a client.
        secrets: whether they are shown.
        since: from when on, in seconds of `real_time()`.
    """
    happenings = [Happening(*kept) for kept in sorted(recorder.happenings.copy())]  # of several threads, perhaps
    lost = happenings[0].number if happenings else 0
    is_real = recorder.clock is REAL_CLOCK
    events, before = [], None
    # Over a network the app's side knows more of the scope than the test, and comes last for that.
    by_side = sorted(happenings, key=lambda happening: happening.kind != "test")
    notes = {_begun(note).exchange: note for note in map(_note, by_side) if note is not None}
    endpoints = _endpoints(happenings)
    for happening in happenings:
        if happening.time >= since:
            events.append(_event(happening, before, recorder.began, is_real, secrets, endpoints))
        before = happening
    shown = {event.exchange for event in events}
    return Timeline(
        events,
        [
            _exchange(note, endpoints.get(number), secrets)
            for number, note in sorted(notes.items(), key=itemgetter(0))
            if number in shown
        ],
        Heading(
            began=recorder.began_at.isoformat(timespec="microseconds"),
            clock="real" if is_real else "virtual",
            lost=lost if since == -math.inf else 0,
        ),
        None if secrets else lambda: read(recorder, secrets=True, since=since),
    )


def clients_since(moment: float) -> list[Timeline]:
    """What has happened since `moment`, of each client to which anything has, the one first to which it did so first.

    Args:
        moment: in seconds of `real_time()`.
    """
    found = [(read(recorder, since=moment), recorder.began) for recorder in RECENT.recorders]
    found = [(timeline, began) for timeline, began in found if timeline]
    return [timeline for timeline, began in sorted(found, key=lambda pair: pair[0][0].time + pair[1])]


def _endpoints(happenings: Iterable[Happening]) -> dict[int, Place]:
    """Where the endpoint begins that has answered, by the number of the exchange."""
    found = {}
    for happening in happenings:
        endpoint: Endpoint | None = None
        if happening.kind == "ends":
            endpoint = happening.payload[1]
        elif happening.kind == "sends":
            endpoint = happening.payload.get(ENDPOINT)
        place = None if endpoint is None else place_of(endpoint)
        if place is not None and happening.note is not None:
            found[_begun(happening.note).exchange] = place
    return found


def _note(happening: Happening) -> Note | None:
    """The beginning of the exchange to which an event belongs; None if it belongs to none."""
    return happening if _is_request(happening) else happening.note


def _begun(note: Note) -> Begun:
    return Begun(*note[PAYLOAD])


def _is_request(happening: Happening) -> bool:
    """Whether it is the event with which an exchange has begun."""
    return happening.kind == "test" and happening.note is None and len(happening.payload) == BEGUN


def _exchange(note: Note, endpoint: Place | None, secrets: bool) -> TimelineExchange:
    begun, line = _begun(note), line_of(note)
    return TimelineExchange(
        begun.exchange,
        str(begun.template["type"]),
        request_of(begun.template),
        _shown(begun.scope, secrets),
        None if line is None else _line(line.place),
        _line(endpoint),
    )


def _shown(mapping: Mapping[str, Any], secrets: bool) -> dict[str, Any]:
    found: dict[str, Any] = readable(mapping)
    return found if secrets else masked(found)


def _event(
    happening: Happening,
    before: Happening | None,
    began: float,
    is_real: bool,
    secrets: bool,
    endpoints: Mapping[int, Place],
) -> TimelineEvent:
    note = _note(happening)
    begun = None if note is None else _begun(note)
    text, more = _TEXTS[happening.kind](happening, secrets)
    place = _place(happening, begun, endpoints)
    more.setdefault("place", _line(place))
    time = happening.time - began
    return TimelineEvent(
        number=happening.number,
        kind=happening.kind,
        time=time,
        loop_time=time if is_real else happening.loop_time,
        jump=0.0 if is_real or before is None else _jump(before, happening),
        exchange=None if begun is None else begun.exchange,
        request="" if begun is None else request_of(begun.template),
        text=text,
        step=happening.step,
        **more,
    )


def _place(happening: Happening, begun: Begun | None, endpoints: Mapping[int, Place]) -> Place | None:
    """The line of an event; where a library has done it for the app, the function that answers."""
    if happening.code is None:
        return None
    place = Place.of_instruction(happening.code, happening.instruction)
    if begun is not None and happening.kind != "test" and not place.is_of_user:
        return endpoints.get(begun.exchange, place)
    return place


def _jump(before: Happening, happening: Happening) -> float:
    jump = happening.loop_time - before.loop_time
    return jump if jump > _A_JUMP else 0.0


def _line(place: Place | None) -> SourceLine | None:
    return None if place is None else SourceLine.of(place)


# What is said of each kind.


def _test(happening: Happening, _: bool) -> _Said:
    if not _is_request(happening):
        action, value = happening.payload
        return action_words(action, readable(value)), {}
    scope = Begun(*happening.payload).template
    query = readable(scope.get("query_string") or b"")
    return f"test: {request_of(scope)}{f'?{query}' if query else ''}", {}


def _fails(happening: Happening, _: bool) -> _Said:
    failure: ExceptionSaid = happening.payload
    return f"test gets {_short(failure)}", {"details": str(failure)}


def _receives(happening: Happening, secrets: bool) -> _Said:
    message = _shown(happening.payload, secrets)
    return f"app receives {message_words(message)}", {"message": message}


def _sends(happening: Happening, secrets: bool) -> _Said:
    kept = {**happening.payload}
    handled: ExceptionSaid | None = kept.pop(HANDLED, None)
    caught: ExceptionSaid | None = kept.pop(CAUGHT, None)
    kept.pop(ENDPOINT, None)
    message = _shown(kept, secrets)
    text = f"app sends {message_words(message)}"
    if handled is not None:
        details = handled.traceback if handled.place is not None and handled.place.is_of_user else ""
        return f"{text}{MEANWHILE}{_short(handled)}", {"message": message, "details": details}
    # Not in the text, which tests compare: whether it is found depends on the garbage collector.
    details = "" if caught is None else f"The app has caught this before:\n{caught.traceback}"
    return text, {"message": message, "details": details}


def _refused(happening: Happening, secrets: bool) -> _Said:
    kept, failure = happening.payload
    message = _shown(kept, secrets) if isinstance(kept, Mapping) else {"type": readable(kept)}
    text = f"app is refused {message_words(message)}: {_short(failure)}"
    return text, {"message": message, "details": str(failure)}


def _waits(happening: Happening, _: bool) -> _Said:
    return f"app waits in {happening.payload}()", {}


def _task_starts(happening: Happening, _: bool) -> _Said:
    task, place = happening.payload
    return f"task {task.name!r} starts", {"task": task.name, "place": _line(place)}


def _task_ends(happening: Happening, _: bool) -> _Said:
    task, name, how, failure = happening.payload
    if failure is None:
        return f"task {name!r} {how}", {"task": name}
    said: ExceptionSaid = failure
    nobody = ", and nobody has awaited it" if task.is_unseen else ""
    return f"task {name!r} fails{nobody}: {_short(said)}", {
        "task": name,
        "details": said.traceback,
        "place": _line(said.place),
    }


def _logs(happening: Happening, __: bool) -> _Said:
    level, logger, message, failure, at = happening.payload
    text = f"{level} {logger}: {message}"
    first, _, rest = text.partition("\n")
    details = "\n".join(part for part in (rest, "" if failure is None else failure.traceback) if part)
    return first, {"place": _line(Place(*at)), "details": details}


def _raises(happening: Happening, _: bool) -> _Said:
    failure: ExceptionSaid = happening.payload
    return f"app raises {_short(failure)}", {"details": failure.traceback, "place": _line(failure.place)}


def _ends(happening: Happening, __: bool) -> _Said:
    how, _ = happening.payload
    words, state = how if isinstance(how, tuple) else ("app returned", how)
    return f"{words} ({state.value})", {}


def _short(failure: ExceptionSaid) -> str:
    """What an exception says in a line; our own are known by the last part of their name."""
    return failure.first_line.removeprefix("asgi_lockstep.")


_TEXTS: Final[Mapping[str, Callable[[Happening, bool], _Said]]] = {
    "test": _test,
    "fails": _fails,
    "receives": _receives,
    "sends": _sends,
    "refused": _refused,
    "waits": _waits,
    "task_starts": _task_starts,
    "task_ends": _task_ends,
    "logs": _logs,
    "raises": _raises,
    "ends": _ends,
}
