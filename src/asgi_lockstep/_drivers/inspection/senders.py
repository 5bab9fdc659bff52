"""Where the app stands that sends a message: who has made it, and who has passed it on, in lines for a text."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator
from types import CodeType, FrameType
from typing import Any, Final

from ..._protocol.tables import PROTOCOLS
from ..._types import Scope
from .endpoints import endpoint_of, endpoint_of_request, place_of
from .source_lines import Line, Owner, Place, owners

#: What marks the code of whatever a task can be in the middle of.
_OF_COROUTINES: Final = inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR

#: Whose frames say nothing about who has sent.
_BETWEEN: Final = (Owner.US, Owner.PYTHON, Owner.ASYNC_LIBRARY)

#: What is said of `create_task(send(message))` and its like, and of a `send()` that a thread has asked for.
_ALONE: Final = "sent by a task that does nothing else: send in a function of the app, and its line stands here"


def lines_of_send(scope: Scope, ends: Collection[CodeType] = ()) -> tuple[object, ...]:
    """Where the app stands that calls us: in the order in which the message has gone.

    - *sent at*: the user's line that has sent it, by itself or through a library; a library's line where that has sent
      by itself, because the user's function has returned a response before.
    - *through*: each line of the user's that has passed it on, for it may have changed it, and the last of all.
    - *in a request for*: the endpoint that the framework has chosen, where the line that has sent is a library's.

    Args:
        scope: that of the call.
        ends: the code of functions of ours at which the app ends, where it is one of several that call each other.
    """
    chain = [*_chain(inspect.currentframe(), ends)]
    if not chain:
        return (_ALONE,)
    sent = _sender(chain)
    before = chain[: chain.index(sent)]
    through = [frame for frame in reversed(before) if _is_users(frame) or frame is chain[0]]
    endpoint = None if _is_users(sent) else endpoint_of(scope) or endpoint_of_request(chain)
    begins = None if endpoint is None else place_of(endpoint)
    return (
        Line("sent at", Place.of(sent)),
        *(Line("through", Place.of(frame)) for frame in through),
        *([] if begins is None else [Line("in a request for the endpoint at", begins)]),
    )


def _chain(frame: FrameType | None, ends: Collection[CodeType]) -> Iterator[FrameType]:
    """The frames of the app that await each other, the innermost first: up to what has begun this step of the task."""
    while frame is not None and not frame.f_code.co_flags & _OF_COROUTINES:
        frame = frame.f_back  # of ours, as is the first coroutine, which is the app's `send()`
    frame = frame and frame.f_back
    while frame is not None and frame.f_code.co_flags & _OF_COROUTINES and frame.f_code not in ends:
        if owners[frame.f_code.co_filename] not in _BETWEEN:
            yield frame
        frame = frame.f_back


def _sender(chain: list[FrameType]) -> FrameType:
    """The frame that has sent: the first that did not get the message itself, or a user's that has called that one.

    A function that was given the scope is an app: whoever has called that has not sent anything.
    """
    made = next((number for number, frame in enumerate(chain) if not _has(frame, _is_message)), len(chain) - 1)
    for frame in chain[made:]:
        if _is_users(frame):
            return frame
        if _has(frame, _is_scope):
            break
    return chain[made]


def _has(frame: FrameType, is_one: Any) -> bool:
    """Whether one of the arguments of the function is one."""
    arguments = inspect.getargvalues(frame)
    names = [*arguments.args, *([arguments.varargs] if arguments.varargs else [])]
    values = [arguments.locals.get(name) for name in names]
    return any(is_one(one) for value in values for one in (value if isinstance(value, tuple) else (value,)))


def _is_message(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("type"), str) and "." in value["type"]


def _is_scope(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("type"), str) and value["type"] in PROTOCOLS


def _is_users(frame: FrameType) -> bool:
    return owners[frame.f_code.co_filename] is Owner.USER
