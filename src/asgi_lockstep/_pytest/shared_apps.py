"""An app that runs for several tests, and what each of them finds in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from .app_state import kept, restored

#: Those that run now.
_RUNNING: Final = pytest.StashKey[list["SharedApp"]]()


class SharedApp:
    """An app that is run by one client, of which each test has a derived one.

    The same app may run for sync tests and for async ones at the same time: on two event loops, by two lifespans, which
    write into one state. So each test finds there what the lifespan has put that it runs in.

    Args:
        app: the app.
        client: what runs it; it has been entered.
    """

    def __init__(self, app: Any, client: Any) -> None:
        self.app = app
        self.client = client
        self._put_back = kept(app, "state")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.client!r}>"

    @contextmanager
    def as_it_was(self, config: pytest.Config) -> Iterator[None]:
        """For one test: it finds the app as it was, and leaves it so."""
        with restored(self.app):
            if any(other.app is self.app for other in config.stash[_RUNNING] if other is not self):
                self._put_back()
            yield


@contextmanager
def shared(config: pytest.Config, app: Any, client: Any) -> Iterator[SharedApp]:
    """Have an app run for several tests.

    Args:
        config: of the run.
        app, client: as for `SharedApp`.
    """
    running = config.stash.setdefault(_RUNNING, [])
    made = SharedApp(app, client)
    running.append(made)
    try:
        yield made
    finally:
        running.remove(made)
