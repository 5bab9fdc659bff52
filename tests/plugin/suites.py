"""Small suites for runs of pytest, in this process where a suite needs no plugin that cannot be there twice."""

from __future__ import annotations

from textwrap import dedent

import pytest

# What runs in this process would import is here already, or each of them would import it anew.
import asgi_lockstep._pytest.clients
import asgi_lockstep._pytest.options_of_runs
import asgi_lockstep._pytest.sections  # noqa: F401

#: The plugin by the name of its module, which it has before it is installed, too.
PLUGIN = ("-p", "_asgi_lockstep_plugin")

#: What a run in this process has besides.
_QUIET = ("-q", "-W", "error", "-p", "no:cacheprovider", "--disable-plugin-autoload", *PLUGIN)

#: An app that counts in its state, and tells of its lifespan, of cookies and of an override.
APP = """
    from contextlib import asynccontextmanager
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    events = []

    @asynccontextmanager
    async def lifespan(app):
        events.append("startup")
        app.state.count = 0
        yield {"from": "lifespan"}
        events.append("shutdown")

    async def index(request):
        request.app.state.count += 1
        answer = {"count": request.app.state.count, "cookies": request.cookies, **request.app.dependency_overrides}
        response = JSONResponse(answer)
        response.set_cookie("seen", "yes")
        return response

    def create():
        app = Starlette(routes=[Route("/", index)], lifespan=lifespan)
        app.dependency_overrides = {}
        return app

    app = create()
"""

#: What the app answers a new client first, where nothing of other tests is left.
FRESH = "{'count': 1, 'cookies': {}}"


def lines_of(pytester: pytest.Pytester, *args: str, apart: bool = False, **files: str) -> list[str]:
    """What a run prints.

    Args:
        args: more arguments.
        apart: whether it needs a process of its own: names of Starlette that are replaced stay so.
        files: the text of each file, by its name without `.py`.
    """
    for name, text in files.items():
        pytester.makepyfile(**{name: dedent(text)})
    if apart:
        return pytester.runpytest_subprocess(*_QUIET, *args, timeout=60).outlines
    return pytester.runpytest_inprocess(*_QUIET, *args).outlines


def between(lines: list[str], first: str, last: str = "") -> list[str]:
    """The lines after the one that contains `first`, up to the one that contains `last`, or else to the next header."""
    start = next(number for number, line in enumerate(lines) if first in line) + 1
    end = next(
        number
        for number, line in enumerate([*lines, "=" * 9])
        if number >= start and (last in line if last else line[:3] in ("===", "---", "___"))
    )
    return lines[start:end]


#: A conftest.py that has a timeline without the package's own: what a test says happens.
TIMELINES = """
    import sys
    from dataclasses import dataclass
    from pathlib import Path
    from types import ModuleType
    import pytest
    import asgi_lockstep
    from asgi_lockstep._drivers.clock.real_time import real_time

    @dataclass(frozen=True)
    class Event:
        time: float
        kind: str
        text: str
        details: str = ""

    class Timeline(list):
        exchanges, lost = (), 0

        def last(self, count):
            return Timeline(self[-count:])

        def of_kind(self, *kinds):
            return Timeline(event for event in self if event.kind in kinds)

        def text(self, width, colour=False):
            if colour:
                raise asgi_lockstep.MissingExtra("rich", "colour=True", "cli")
            return "".join(f"  {event.text}\\n" for event in self)

        def save(self, path, *, title=None):
            Path(path).write_text(f"{title}\\n{self.text(80)}", encoding="utf-8")

    CLIENTS = {}

    def clients_since(moment):
        found = [Timeline(event for event in timeline if event.time >= moment) for timeline in CLIENTS.values()]
        return [timeline for timeline in found if timeline]

    reading = sys.modules["asgi_lockstep._timeline.reading"] = ModuleType("asgi_lockstep._timeline.reading")
    reading.clients_since = clients_since

    @pytest.fixture(scope="session")
    def happens():
        def happens(client, text, details=""):
            event = Event(real_time(), "fails" if details else "test", text, details)
            CLIENTS.setdefault(client, Timeline()).append(event)
        return happens
"""
