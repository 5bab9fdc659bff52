"""A request goes our way only where nobody has reached into httpx's, whoever does that, and how."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from types import FrameType
from typing import Any

import pytest

from asgi_lockstep import TestClient
from asgi_lockstep._client.pipeline.seams import PASSED, Seams
from asgi_lockstep._httpx import httpx
from helpers import hello

NAMES = [name for name in PASSED if hasattr(httpx.Client, name)]


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which way each request goes that is sent from here on."""
    taken: list[str] = []
    original = httpx.Client.request

    def request(*args: Any, **said: Any) -> httpx.Response:
        taken.append("theirs")
        return original(*args, **said)

    monkeypatch.setattr(httpx.Client, "request", request)
    return taken


def passing_on(method: Callable[..., Any]) -> Callable[..., Any]:
    """What somebody puts around a method."""

    @wraps(method)
    def call(*args: Any, **said: Any) -> Any:
        return method(*args, **said)

    return call


def test_a_request_of_httpx_passes_no_other_methods() -> None:
    """Else a release of httpx has another seam, which has to be looked at, too."""
    functions = inspect.getmembers(httpx.Client, inspect.isfunction)
    methods = {method.__code__: name for name, method in functions if not hasattr(method, "__wrapped__")}
    passed: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in methods:
            passed.add(methods[frame.f_code])

    def redirect(request: httpx.Request) -> httpx.Response:
        return httpx.Response(307 if request.url.path == "/" else 200, headers={"location": "/x"})

    options: dict[str, Any] = {"params": {"a": "b"}, "cookies": {"c": "d"}, "headers": {"e": "f"}, "auth": ("g", "h")}
    with httpx.Client(transport=httpx.MockTransport(redirect), base_url="http://testserver", **options) as client:
        sys.setprofile(note)
        client.request("GET", "/", follow_redirects=True, params={"i": "j"}, headers={"k": "l"}, auth=("m", "n"))
        sys.setprofile(None)
    assert {name for name in passed if not name.startswith("_redirect_")} == {"request", *NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_what_a_subclass_overrides_is_called(name: str, ways: list[str]) -> None:
    """Also a private method: those who override one know why."""
    called: list[str] = []

    def overridden(self: Any, *args: Any, **said: Any) -> Any:
        called.append(name)
        return getattr(TestClient, name)(self, *args, **said)

    client = type("Own", (TestClient,), {name: overridden})(hello)
    called.clear()
    client.get("/", auth=("a", "b"))
    assert (ways, name in called) == (["theirs"], name != "_build_redirect_request")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("where", ["the library", "our class", "the client"])
def test_what_is_replaced_is_called(name: str, where: str, monkeypatch: pytest.MonkeyPatch, ways: list[str]) -> None:
    """By a tool that traces or records requests, on whatever it does that; and given back, it is ours again."""
    client = TestClient(hello)
    owner = {"the library": httpx.Client, "our class": TestClient, "the client": client}[where]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, passing_on(getattr(owner, name)))
        client.get("/")
        TestClient(hello).get("/")  # made later: of it, only the client itself is as it was
        assert ways == ["theirs"] * (1 if where == "the client" else 2)
    ways.clear()
    client.get("/")
    assert ways == []


def test_what_was_replaced_before_us_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package may have been imported after the tool."""
    client = TestClient(hello)
    transport = vars(client)["_transport"]
    assert Seams(TestClient, httpx.Client, "handle_request").are_untouched(client, transport)
    monkeypatch.setattr(httpx.Client, "send", passing_on(httpx.Client.send))
    assert not Seams(TestClient, httpx.Client, "handle_request").are_untouched(client, transport)


def nothing(_: object) -> None:
    """A hook that does nothing."""


def another(_: object) -> httpx.Response:
    """What answers instead of the app."""
    return httpx.Response(201)


REACH_IN: dict[str, Callable[[Any], object]] = {
    "another transport": lambda client: vars(client).update(_transport=httpx.MockTransport(another)),
    "a mounted transport": lambda client: vars(client)["_mounts"].update(any=None),
    "the method of the transport": lambda client: vars(vars(client)["_transport"]).update(handle_request=another),
    "a request hook": lambda client: client.event_hooks["request"].append(nothing),
    "a response hook": lambda client: setattr(client, "event_hooks", {"response": [nothing]}),
}


@pytest.mark.parametrize("reach_in", REACH_IN.values(), ids=REACH_IN)
def test_who_looks_at_requests_sees_them(reach_in: Callable[[Any], object], ways: list[str]) -> None:
    """Whatever stands between the client and its transport."""
    client = TestClient(hello)
    client.get("/")
    assert ways == []
    reach_in(client)
    with suppress(AttributeError):  # what is mounted above is no transport
        client.get("/")
    assert ways == ["theirs"]


def test_a_closed_client_says_so_itself(ways: list[str]) -> None:
    """In the words of httpx."""
    client = TestClient(hello)
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.get("/")
    assert ways == ["theirs"]
