"""Which function of the user's answers a request, where its framework says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from inspect import unwrap
from types import CodeType, FrameType
from typing import Any

from .source_lines import Owner, owners


def endpoint_of(scope: Mapping[str, Any]) -> CodeType | None:
    """The code of what the framework has chosen, as it has written into the scope; None if it has not.

    Starlette, and what stands on it, writes an `endpoint`, and Litestar a `route_handler`, whose function is `fn`.
    """
    endpoint = scope.get("endpoint")
    if endpoint is None:
        handler = scope.get("route_handler")
        return None if handler is None else _code_of(getattr(handler, "fn", None))
    return _code_of(endpoint)


def endpoint_of_request(frames: Iterable[FrameType]) -> CodeType | None:
    """The same for Django, which writes nothing into the scope: the view of the request that one of these handles.

    Its `HttpRequest.resolver_match` says which view that is, and what it was before others have wrapped it.
    """
    for frame in frames:
        match = getattr(frame.f_locals.get("request"), "resolver_match", None)
        view = getattr(match, "func", None)
        if view is not None:
            return _code_of(getattr(view, "view_class", None) or unwrap(view))
    return None


def _code_of(function: Any) -> CodeType | None:
    """The code of a function, or of the first method of a class that is the user's; None if there is none."""
    if isinstance(function, type):
        methods = [_code_of(method) for method in vars(function).values()]
        return next((code for code in methods if code is not None and owners[code.co_filename] is Owner.USER), None)
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None
