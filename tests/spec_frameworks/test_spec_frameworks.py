"""No rule has anything to say of what real frameworks send, but for what they break themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from asgi_lockstep import TestClient
from asgi_lockstep._types import ASGI3App, Receive, Scope, Send
from matrix import Driver
from spec_frameworks.broken_by import BROKEN_BY
from spec_frameworks.every_framework import FRAMEWORKS
from spec_frameworks.framework import Call, Framework

# Django has no other way to send a file.
pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators:Warning")

#: What a client does not offer unless it is told to.
EXTENSIONS: Final = (
    "http.response.early_hint",
    "http.response.pathsend",
    "http.response.push",
    "http.response.trailers",
    "http.response.zerocopysend",
    "tls",
)

CALLS = [
    pytest.param(framework, call, id=f"{framework.name}: {name}")
    for framework in FRAMEWORKS.values()
    for name, call in framework.calls.items()
]


def rules_for(framework: Framework) -> dict[str, str]:
    """Each rule is an error, but for those that the framework breaks: these are recorded."""
    return {"default": "spec", **dict.fromkeys(BROKEN_BY.get(framework.name, {}), "record")}


@contextmanager
def client_of(framework: Framework, make: Any, *, newest: bool = False, **options: Any) -> Iterator[Any]:
    """A client of a new application, within its lifespan.

    Args:
        framework: whose.
        make: what makes the client of an application.
        newest: whether the server announces the newest version that the framework is run under.
        options: those of the client.
    """
    with framework.surroundings():
        app = framework.make()
        if newest:
            app = announcing(framework.spec_version, app)
        with make(app, rules=rules_for(framework), **options) as client:
            yield client


def announcing(spec_version: str, app: ASGI3App) -> ASGI3App:
    """The app behind a server that announces that version of the specification of HTTP and websockets."""

    async def announced(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            scope["asgi"] = {**scope["asgi"], "spec_version": spec_version}
        await app(scope, receive, send)

    return announced


@pytest.mark.client_decides
@pytest.mark.parametrize(("framework", "call"), CALLS)
def test_a_framework_breaks_no_other_rule(driver: Driver, framework: Framework, call: Call) -> None:
    """Each call comes to what it should, and any other rule that it broke would be an error."""
    if framework.needs_asyncio and driver.backend == "trio":
        pytest.skip("this framework runs on asyncio only")
    with client_of(framework, driver.client) as client:
        call(client)


@pytest.mark.parametrize(("framework", "call"), CALLS)
def test_nor_where_the_server_offers_the_most(framework: Framework, call: Call) -> None:
    """With extensions and a newer version frameworks send other messages, of which no rule has anything to say."""
    with client_of(framework, TestClient, newest=True, extensions=EXTENSIONS) as client:
        call(client)


@pytest.mark.parametrize("framework", FRAMEWORKS.values(), ids=lambda framework: framework.name)
def test_a_framework_breaks_what_is_listed(framework: Framework) -> None:
    """Each rule of its list, so that no row outlives the mistake."""
    broken = set()
    for call in framework.calls.values():
        with client_of(framework, TestClient) as client:
            call(client)
        broken |= {violation.rule for violation in client.violations}
    assert sorted(broken) == sorted(BROKEN_BY.get(framework.name, {}))


def test_the_documentation_has_the_list() -> None:
    """Rule and framework, in this order."""
    page = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text(encoding="utf-8")
    _, _, section = page.partition("## What frameworks break\n")
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", section, re.MULTILINE)
    assert rows == sorted((rule, name) for name, rules in BROKEN_BY.items() for rule in rules)
