"""What the two clients share beyond httpx2: the app, the options, and how a second user is made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx2

from .._types import ASGI3App
from .background import BackgroundWork
from .options import ExchangeOptions, LifespanMode


class ClientBase:
    """The attributes of both clients that are ours."""

    #: The ASGI 3 app, and what its lifespan has put into `scope["state"]`; both are kept after the client is left.
    app: ASGI3App
    app_state: dict[str, Any]
    _options: ExchangeOptions
    _lifespan_mode: LifespanMode
    _leftover_tasks: str
    _httpx_options: dict[str, Any]
    _to_app: Any
    #: The client that this one was derived from, if it was.
    _origin: Any = None

    @property
    def raise_server_exceptions(self) -> bool:
        """Whether exceptions of the app are raised in the test; can be set."""
        return self._options.raise_server_exceptions

    @raise_server_exceptions.setter
    def raise_server_exceptions(self, value: bool) -> None:
        self._options.raise_server_exceptions = value

    @property
    def background(self) -> list[BackgroundWork]:
        """What the app still does behind complete responses, the oldest first (`background="detach"`)."""
        work: list[BackgroundWork] = self._to_app.background.work
        return work

    def _take_over(self, origin: Any, client: Any, raising: bool | None, root_path: str | None) -> None:
        """Become another user of the app that `origin` runs."""
        self._origin = origin
        self.app = origin.app
        self.app_state = origin.app_state
        self._lifespan_mode = origin._lifespan_mode
        self._leftover_tasks = origin._leftover_tasks
        self._options = replace(
            origin._options,
            client=client,
            raise_server_exceptions=origin.raise_server_exceptions if raising is None else raising,
            root_path=origin._options.root_path if root_path is None else root_path,
        )


def httpx_options(
    base_url: httpx2.URL | str,
    follow_redirects: bool,
    auth: Any,
    params: Any,
    event_hooks: Any,
    timeout: Any,
    max_redirects: int,
    default_encoding: Any,
) -> dict[str, Any]:
    """The options that go to httpx2 as they are."""
    return {
        "base_url": base_url,
        "follow_redirects": follow_redirects,
        "auth": auth,
        "params": params,
        "event_hooks": event_hooks,
        "timeout": timeout,
        "max_redirects": max_redirects,
        "default_encoding": default_encoding,
    }
