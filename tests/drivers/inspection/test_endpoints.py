"""Which function of the user's answers a request."""

from __future__ import annotations

import functools
import inspect
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from asgi_lockstep._drivers.inspection.endpoints import Endpoint, endpoint_of, endpoint_of_request, place_of
from asgi_lockstep._drivers.inspection.source_lines import shown


def view(request: object) -> None:
    """One of the user's."""


@functools.wraps(view)
def wrapped(request: object) -> None:
    """As a decorator makes it."""


class View:
    """One that is a class."""

    methods = ("get",)

    def get(self, request: object) -> None:
        """Its only method."""


def as_view(request: object) -> None:
    """What Django calls for a class."""


as_view.view_class = View  # type: ignore[attr-defined]


class Called:
    """One whose instances are called."""

    def __call__(self, request: object) -> None:
        """What they do."""


def line_of(thing: Any) -> str:
    """Where something of this file begins, as texts have it."""
    return f"{shown(__file__)}:{inspect.getsourcelines(thing)[1]}"


VIEW, CLASS = view.__code__, (__name__, "View")


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({"endpoint": view}, VIEW),
        ({"endpoint": View}, CLASS),
        ({"endpoint": View, "method": "GET"}, View.get.__code__),
        ({"endpoint": View, "method": "POST"}, CLASS),
        ({"endpoint": View().get}, View.get.__code__),
        ({"endpoint": functools.partial(wrapped, 1)}, VIEW),
        ({"endpoint": Called()}, (__name__, "Called")),
        ({"endpoint": 5}, None),
        ({"route_handler": SimpleNamespace(fn=view)}, VIEW),
        ({"route_handler": object()}, None),
        ({}, None),
    ],
    ids=[
        "function",
        "class",
        "class-get",
        "class-post",
        "method",
        "partial",
        "instance",
        "anything",
        "litestar",
        "another",
        "nothing",
    ],
)
def test_what_a_framework_writes_into_the_scope(scope: dict[str, Any], code: Endpoint | None) -> None:
    """Starlette and Litestar do; what is no function of somebody's has no code."""
    assert endpoint_of(scope) == code


@pytest.mark.parametrize(
    ("func", "code"), [(view, VIEW), (wrapped, VIEW), (as_view, CLASS)], ids=["function", "wrapped", "class"]
)
def test_the_view_of_a_request_of_django(func: Any, code: Endpoint) -> None:
    """It stands at the request, which one of the functions handles; those around know nothing of it."""
    request = SimpleNamespace(resolver_match=SimpleNamespace(func=func))

    def handles() -> Endpoint | None:
        assert request is not None
        frame = sys._getframe()
        assert frame.f_back is not None
        return endpoint_of_request([frame.f_back, frame])

    assert handles() == code


def test_a_request_that_no_view_was_found_for() -> None:
    """It has none; and there may be no request at all."""
    request: Any = SimpleNamespace(resolver_match=None)
    assert endpoint_of_request([sys._getframe()]) is None
    del request
    assert endpoint_of_request([sys._getframe()]) is None


@pytest.mark.parametrize(
    ("endpoint", "begins"),
    [
        (VIEW, line_of(view)),
        (CLASS, line_of(View)),
        ((__name__, "Nobody"), None),
        (("no_such_module", "View"), None),
        (("builtins", "int"), None),
    ],
    ids=["function", "class", "gone", "module-gone", "no-source"],
)
def test_where_an_endpoint_begins(endpoint: Endpoint, begins: str | None) -> None:
    """Found out when somebody reads it: of a class only the names are kept, which keep no app alive."""
    place = place_of(endpoint)
    assert (None if place is None else str(place)) == begins
