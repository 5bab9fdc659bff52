"""Which function of the user's answers a request, where its framework says so."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Mapping
from functools import partial, reduce
from types import CodeType, FrameType, FunctionType
from typing import Any

from .await_chains import attribute
from .source_lines import Place

#: The code of a function, or the module and the name of a class: what can be kept without keeping the app alive.
Endpoint = CodeType | tuple[str, str]


def endpoint_of(scope: Mapping[str, Any]) -> Endpoint | None:
    """What the framework has chosen, as it has written into the scope; None if it has not.

    Starlette, and what stands on it, writes an `endpoint`, and Litestar a `route_handler`, whose function is `fn`.
    """
    endpoint = scope.get("endpoint")
    if endpoint is None:
        handler = scope.get("route_handler")
        return None if handler is None else _kept(getattr(handler, "fn", None), "")
    return _kept(endpoint, scope.get("method", ""))


def endpoint_of_request(frames: Iterable[FrameType]) -> Endpoint | None:
    """The same for Django, which writes nothing into the scope: the view of the request that one of these handles.

    Its `HttpRequest.resolver_match` says which view that is, and what it was before others have wrapped it.
    """
    for frame in frames:
        request = frame.f_locals.get("request")
        view = attribute(attribute(request, "resolver_match"), "func")
        if view is not None:
            return _kept(getattr(view, "view_class", None) or view, str(attribute(request, "method")))
    return None


def place_of(endpoint: Endpoint) -> Place | None:
    """Where it begins; None if its source is not to be found."""
    if isinstance(endpoint, CodeType):
        return Place(endpoint.co_filename, endpoint.co_firstlineno, endpoint.co_name)
    module, name = endpoint
    try:
        found = reduce(getattr, name.split("."), sys.modules[module])
        file = inspect.getsourcefile(found)
        _, line = inspect.getsourcelines(found)
    except (OSError, TypeError, KeyError, AttributeError):  # it was made in a function, or its source is gone
        return None
    return None if file is None else Place(file, line, name)


def _kept(endpoint: Any, method: str) -> Endpoint | None:
    """What is kept of a function, of a class, or of an instance that is called; None for anything else.

    Args:
        endpoint: which.
        method: that of the request: views that are classes have a method of that name.
    """
    while True:
        if isinstance(endpoint, partial):
            endpoint = endpoint.func
        elif not isinstance(endpoint, type) and hasattr(endpoint, "__wrapped__"):
            endpoint = endpoint.__wrapped__
        else:
            break
    function = getattr(endpoint, "__func__", endpoint)  # of a method
    if isinstance(function, FunctionType):
        return function.__code__
    if not callable(endpoint):
        return None
    cls = endpoint if isinstance(endpoint, type) else type(endpoint)
    answers = vars(cls).get(method.lower())
    if isinstance(answers, FunctionType):
        return answers.__code__
    return cls.__module__, cls.__qualname__
