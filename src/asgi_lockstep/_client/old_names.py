"""The client under the names of `starlette.testclient`: ours, with the habits of Starlette's that suites rely on."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._types import ASGIApp
from .sync_client import TestClient as LockstepTestClient
from .websocket.handshake import HEADERS

#: The methods that have had `allow_redirects=`, the name that `follow_redirects=` has in requests.
_METHODS = ("request", "get", "options", "head", "post", "put", "patch", "delete")

#: Suites filter Starlette's warning by these words.
_DEPRECATED = "The `allow_redirects` argument is deprecated. Use `follow_redirects` instead."


#: What goes with a handshake of Starlette's.
_HANDSHAKE = {name: value for name, value in HEADERS.items() if name != "upgrade"}

#: A debug message behind the start of the response is no error under Starlette's names.
_RULES = {"debug-after-start": "record"}


#: What the constructor takes by position, too, behind the app.
_POSITIONAL = ("base_url", "raise_server_exceptions", "root_path", "backend")


def _offered(options: Mapping[str, Any]) -> Any:
    """The extensions that are offered: those that were asked for, and trailers."""
    asked = options.get("extensions", ())
    trailers = "http.response.trailers"
    return {trailers: {}, **asked} if isinstance(asked, Mapping) else (trailers, *asked)


class Defaults:
    """What a client under the old names gets where its constructor does not say it."""

    def __init__(self) -> None:
        self._options: Mapping[str, Any] = {}

    def say(self, options: Mapping[str, Any]) -> None:
        """From here on it gets these: by their names in the constructor."""
        self._options = dict(options)

    def below(self, args: Sequence[Any], options: Mapping[str, Any]) -> dict[str, Any]:
        """All options of a client.

        Args:
            args, options: those that its constructor was given.
        """
        said = {name: value for name, value in self._options.items() if name not in _POSITIONAL[: len(args)]}
        if options.get("clock") == "virtual":
            said.pop("driver", None)  # which may be one for real time
        if said.get("rules", "servers") == "servers":
            said["rules"] = _RULES
        return {**said, **options}


DEFAULTS = Defaults()


class TestClient(LockstepTestClient):
    """`asgi_lockstep.TestClient`, with the habits of Starlette's that suites rely on.

    What the app raises on the lifespan scope is raised by entering the client, also where a server takes it for an app
    without a lifespan: an app whose middleware cannot be built is noticed there. What tasks of the app are left when
    the last conversation of a client ends that is not entered are cancelled, unless `leftover_tasks=` is given. And
    what the constructor does not say is as the options and markers of the plugin say.

    It offers trailers, and takes a debug message behind the start of a response; a handshake has no `upgrade`; and the
    response of 500 of an app that has failed is empty, where its exceptions are not raised.
    """

    _raises_refusals = True
    _handshake_headers = _HANDSHAKE

    def __init__(self, app: ASGIApp, *args: Any, **options: Any) -> None:
        __tracebackhide__ = True
        options = DEFAULTS.below(args, options)
        self._ends_tasks = "leftover_tasks" not in options
        super().__init__(app, *args, **{**options, "extensions": _offered(options)})
        self._options.habits = replace(self._options.habits, error_headers=(), error_body=b"")


def like(original: type) -> type[TestClient]:
    """The client for a Starlette whose client is `original`: an older one takes `allow_redirects=`, too.

    Args:
        original: the `TestClient` of the installed Starlette.
    """
    if "allow_redirects" not in inspect.signature(original.request).parameters:  # type: ignore[attr-defined]
        return TestClient
    methods = {name: _with_allow_redirects(getattr(TestClient, name)) for name in _METHODS}
    return type(
        "TestClient", (TestClient,), {"__module__": TestClient.__module__, "__doc__": TestClient.__doc__, **methods}
    )


def _with_allow_redirects(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, with both names; None for either says nothing, as it did there."""

    @functools.wraps(method)
    def call(self: TestClient, *args: Any, allow_redirects: bool | None = None, **options: Any) -> Any:
        __tracebackhide__ = True
        if allow_redirects is not None:
            warnings.warn(_DEPRECATED, DeprecationWarning, stacklevel=2)
            options = {"follow_redirects": allow_redirects, **options}
        if options.get("follow_redirects", True) is None:
            del options["follow_redirects"]
        return method(self, *args, **options)

    return call
