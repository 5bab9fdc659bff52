"""Which function of the user's answers a request."""

from __future__ import annotations

import functools
import sys
from types import CodeType, SimpleNamespace
from typing import Any

import pytest

from asgi_lockstep._drivers.inspection.endpoints import endpoint_of, endpoint_of_request


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

VIEW, GET = view.__code__, View.get.__code__


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({"endpoint": view}, VIEW),
        ({"endpoint": View}, GET),
        ({"endpoint": 5}, None),
        ({"route_handler": SimpleNamespace(fn=view)}, VIEW),
        ({"route_handler": object()}, None),
        ({}, None),
    ],
    ids=["function", "class", "anything", "litestar", "another", "nothing"],
)
def test_what_a_framework_writes_into_the_scope(scope: dict[str, Any], code: CodeType | None) -> None:
    """Starlette and Litestar do; what is no function of somebody's has no code."""
    assert endpoint_of(scope) is code


@pytest.mark.parametrize(
    ("func", "code"), [(view, VIEW), (wrapped, VIEW), (as_view, GET)], ids=["function", "wrapped", "class"]
)
def test_the_view_of_a_request_of_django(func: Any, code: CodeType) -> None:
    """It stands at the request, which one of the functions handles; those around know nothing of it."""
    request = SimpleNamespace(resolver_match=SimpleNamespace(func=func))

    def handles() -> CodeType | None:
        assert request is not None
        frame = sys._getframe()
        assert frame.f_back is not None
        return endpoint_of_request([frame.f_back, frame])

    assert handles() is code


def test_a_request_that_no_view_was_found_for() -> None:
    """It has none; and there may be no request at all."""
    request: Any = SimpleNamespace(resolver_match=None)
    assert endpoint_of_request([sys._getframe()]) is None
    del request
    assert endpoint_of_request([sys._getframe()]) is None
