"""What the clients of a live server share: which options they take, and what they are at first."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..._client.entrances import Explains
from ..._client.more_options import HTTPXOptions
from ..._client.options import TIMEOUT
from ..._client.values import check_flag, check_type, checked_limit
from ..._httpx import httpx, no_attribute
from ..serving.contract import Serving
from .handshake import HandshakeReady, Opening
from .transport import Network

if TYPE_CHECKING:
    from ..._timeline.timeline import Timeline


class LiveClientBase(Explains):
    """The attributes of both clients that are ours."""

    _serving: Serving
    _network: Network

    def __repr__(self) -> str:
        client: Any = self
        return f"<{type(self).__name__} of {client.base_url}, {'closed' if client.is_closed else 'open'}>"

    @property
    def raise_server_exceptions(self) -> bool:
        """Whether exceptions of the app are raised in the test; can be set."""
        return self._network.raises

    @raise_server_exceptions.setter
    def raise_server_exceptions(self, value: bool) -> None:
        __tracebackhide__ = True
        check_flag("raise_server_exceptions", value)
        self._network.raises = value

    @property
    def timeline(self) -> Timeline:
        """What has happened so far: `timeline` of the `LiveServer`, which all of its clients share."""
        from ..._timeline.reading import read  # most tests never look

        return read(self._serving.record.timeline)

    def step(self, title: str) -> AbstractContextManager[None]:
        """Group what happens inside of the block under `title` in the timeline; see `TestClient.step()`."""
        check_type("step", title, str, 'a str, for example "log in"')
        return self._serving.record.timeline.grouped(title)

    def _explain(self, exception: BaseException) -> None:
        if "_serving" in vars(self) and not isinstance(exception, HandshakeReady):
            self._serving.record.timeline.fails(exception)

    if not TYPE_CHECKING:  # to whom a class with this method has every attribute

        def __getattr__(self, name: str) -> Any:
            raise no_attribute(self, name)

    @property
    def _limit(self) -> float | None:
        """How long websockets wait, in seconds: the `read` of the client's timeout."""
        __tracebackhide__ = True
        return checked_limit(self.timeout.read)  # type: ignore[attr-defined]  # of httpx's client, beside which this is

    def _opening(self, subprotocols: Sequence[str] | None) -> Opening:
        """How a websocket of this client is opened."""
        __tracebackhide__ = True
        client: Any = self
        return Opening(self._serving, subprotocols, client.cookies, self.raise_server_exceptions, self._limit)


def options_of(client: object, network: Network, base_url: httpx.URL | str, options: HTTPXOptions) -> dict[str, Any]:
    """What goes to httpx's client.

    Raises:
        TypeError: an option does not exist.
    """
    __tracebackhide__ = True
    for name in options:
        if name not in HTTPXOptions.__annotations__:
            raise TypeError(f"{type(client).__name__}() got an unexpected keyword argument {name!r}")
    # A proxy of the environment is not for a server of this machine.
    return {"base_url": base_url, "timeout": TIMEOUT, "trust_env": False, "transport": network, **options}
