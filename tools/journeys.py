"""`make journeys`: how far one operation of a client travels through our files, and whether our limits are kept.

    python tools/journeys.py [--check] [--json] [--list OPERATION]

Each operation is done three times, and once more to be counted. `sys.setprofile` tells what this thread calls:

- *calls*: a frame of a file of the package begins or goes on. So a property, a lambda, a comprehension that has a frame
  (until Python 3.11 each one has) and each resumption of a generator or coroutine is a call; a function in C is none,
  and neither are calls of other packages, of the app and of this file.
- *files*: in how many files of ours these calls are.
- *changes* of file: how many calls are in another file than the call of ours before it; the first one counts too.
  Going back by returning is no call: it shows when the next call is made from there.
- *questions*, "is it done?": a call of a function that is named like what a wait is for (`ASKED`) is one question, or
  one round, together with all calls that it makes. State that others read (`STATE`) is *read elsewhere*.

The client is entered, and has no lifespan, which would change the numbers by a few. Python 3.11 has the most frames; at
f420e4d it counted, calls / files / changes, sync and async: GET 152/24/108 and 153/21/104, round trip 42/14/33 and
53/10/36, deadlock 574/31/259 and 437/30/175 (one or two calls more where names of files are not in a cache yet), and
five questions in a GET, of 22 and 19 calls. Any checkout can be measured: set PYTHONPATH to its `src`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import itertools
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FrameType
from typing import Any, NamedTuple

import asgi_lockstep

OURS = asgi_lockstep.__file__.removesuffix("__init__.py")
#: What a wait is for; whole names of functions.
ASKED = re.compile(r"<lambda>|_?until\w*|\w*goal\w*|\w*(reached|holds)")
#: Properties that say how far an exchange is.
STATE = re.compile(r"_?(done|ended|answered|complete|started|disconnected)")
#: At most so many, for the sync and the async client.
LIMITS = {
    "get": {"changes": 80, "questions": 2},
    # Of these, two of each method that the test calls, and of what httpx2 calls on the way, are the function around it.
    "round-trip": {"changes": 26},
    "get-async": {"changes": 96, "questions": 2},
    # Here each method that is awaited holds signals, too, which are eight.
    "round-trip-async": {"changes": 33},
}
#: The steps of each: of a session for the round trip, of a client for the others.
OPERATIONS: dict[str, list[Callable[[Any], Any]]] = {
    "get": [lambda client: client.get("/")],
    "round-trip": [lambda session: session.send_text("hi"), lambda session: session.receive_text()],
    "deadlock": [lambda client: client.get("/stuck")],
}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Echoes, waits for what never comes, or answers at once."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
    elif scope["path"] == "/stuck":
        await asyncio.Event().wait()
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hi"})


class Call(NamedTuple):
    """One call of ours: how many others it is inside of, its file in the package, and its `__qualname__`."""

    depth: int
    file: str
    function: str

    def is_named(self, names: re.Pattern[str]) -> bool:
        return names.fullmatch(self.function.rpartition(".")[2]) is not None


@contextlib.contextmanager
def traced() -> Iterator[list[Call]]:
    """Note what this thread calls meanwhile, until the text of a deadlock is read; no garbage is collected."""
    journey: list[Call] = []
    depth = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal depth
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS):
            journey.append(Call(depth, code.co_filename.removeprefix(OURS), code.co_qualname))
            depth += 1
        elif event == "return" and code.co_filename.startswith(OURS):
            depth -= 1

    gc.disable()
    sys.setprofile(note)
    try:
        yield journey
    except asgi_lockstep.Deadlock as deadlock:
        str(deadlock)
    finally:
        sys.setprofile(None)
        gc.enable()


def sync_journey(name: str) -> list[Call]:
    with contextlib.ExitStack() as stack:
        subject: Any = stack.enter_context(asgi_lockstep.TestClient(app, lifespan="off"))
        if name == "round-trip":
            subject = stack.enter_context(subject.websocket_connect("/"))
        for _ in range(4):  # the last time counts
            with traced() as journey:
                for step in OPERATIONS[name]:
                    step(subject)
    return journey


async def async_journey(name: str) -> list[Call]:
    async with contextlib.AsyncExitStack() as stack:
        client = asgi_lockstep.AsyncTestClient(app=app, lifespan="off", base_url="http://testserver")
        subject: Any = await stack.enter_async_context(client)
        if name == "round-trip":
            subject = await stack.enter_async_context(subject.websocket_connect("/"))
        for _ in range(4):  # the last time counts
            with traced() as journey:
                for step in OPERATIONS[name]:
                    await step(subject)
    return journey


def figures(journey: list[Call]) -> dict[str, int]:
    """What is counted."""
    files = [call.file for call in journey]
    questions = questions_in(journey)
    inside = list(itertools.chain(*questions))
    return {
        "calls": len(files),
        "files": len(set(files)),
        "changes": sum(before != after for before, after in itertools.pairwise(["", *files])),
        "questions": len(questions),
        "calls in questions": len(inside),
        "read elsewhere": sum(call.is_named(STATE) for call in journey) - sum(call.is_named(STATE) for call in inside),
    }


def questions_in(journey: Iterable[Call]) -> list[list[Call]]:
    """The calls of each question, which begins with the outermost call of such a name."""
    questions: list[list[Call]] = []
    inside = False
    for call in journey:
        inside = inside and call.depth > questions[-1][0].depth
        if not inside and call.is_named(ASKED):
            inside = True
            questions.append([])
        if inside:
            questions[-1].append(call)
    return questions


def lines(journey: list[Call]) -> Iterator[str]:
    """The journey itself, indented by depth, and then how often each function was called."""
    functions = [f"{call.file}:{call.function}" for call in journey]
    yield from ("  " * call.depth + function for call, function in zip(journey, functions, strict=True))
    yield ""
    yield from (f"{times:5} {function}" for function, times in Counter(functions).most_common())


def missed(table: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Each limit that is not kept, and a figure that cannot be right."""
    for name, row in table.items():
        for figure, limit in LIMITS.get(name, {}).items():
            if not 0 < row[figure] <= limit:
                hint = "" if row[figure] else "; are the names in ASKED still ours?"
                yield f"MISSED: {name}: at most {limit} {figure}, has {row[figure]}{hint}"


def main() -> None:
    """Trace and report; the exit code is 1 if limits are checked and one is missed."""
    names = [name + ending for ending in ("", "-async") for name in OPERATIONS]
    parser = argparse.ArgumentParser(description="Count the calls of ours in one operation of a client.")
    parser.add_argument("--list", choices=names, help="print the journey itself, and how often each function is called")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is missed")
    options = parser.parse_args()
    journeys = {name: sync_journey(name) for name in OPERATIONS}
    journeys |= {f"{name}-async": asyncio.run(async_journey(name)) for name in OPERATIONS}
    table = {name: figures(journey) for name, journey in journeys.items()}
    if options.list:
        print(*lines(journeys[options.list]), sep="\n")
    elif options.json:
        print(json.dumps(table, indent=2))
    else:
        print(f"{'':18}", *(f"{heading:>20}" for heading in table["get"]), sep="")
        print(*(f"{name:18}" + "".join(f"{n:20}" for n in row.values()) for name, row in table.items()), sep="\n")
    if options.check and (misses := list(missed(table))):
        sys.exit("\n".join(misses))


if __name__ == "__main__":
    main()
