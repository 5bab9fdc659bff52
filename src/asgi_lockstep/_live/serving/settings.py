"""What a server is to do, and which of its own options it may be given besides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ...errors import UsageError

T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """What does not depend on which server it is.

    Args:
        server: its name.
        host: where it listens.
        port: the same; 0 for a free one.
        lifespan: `"auto"`, `"on"` or `"off"`.
        options: what goes to its own configuration.
    """

    server: str
    host: str
    port: int
    lifespan: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def insists(self) -> bool:
        """Whether the app has to have a lifespan."""
        return self.lifespan == "on"


def refuse_own(settings: Settings, own: Collection[str]) -> None:
    """Refuse the options of a server that are decided here.

    Raises:
        UsageError: there are some among those that the user has given.
    """
    __tracebackhide__ = True
    for name in settings.options:
        if name in own:
            instead = (
                f"Write: LiveServer(..., {name}=...)." if name in ("host", "port", "lifespan") else "Leave it out."
            )
            raise UsageError(f"server_options={{{name!r}: ...}} is decided by LiveServer. {instead}")


def configured(make: Callable[..., T], settings: Settings, kind: str, **own: Any) -> T:
    """What `make` makes of our own options with those of the user over them.

    Raises:
        UsageError: `make` does not take them.
    """
    __tracebackhide__ = True
    try:
        return make(**{**own, **settings.options})
    except TypeError as exc:
        raise not_taken(settings, kind, str(exc)) from None


def not_taken(settings: Settings, kind: str, why: str) -> UsageError:
    """The error about an option that a server does not have.

    Args:
        settings: with that option.
        kind: what takes the options of this server, for example `"uvicorn.Config"`.
        why: in words.
    """
    return UsageError(f"server_options={dict(settings.options)!r} cannot be given to {kind}: {why}.")
