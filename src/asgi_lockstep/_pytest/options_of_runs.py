"""The options of a run that need more than a fixture: `--asgi-live`, `--asgi-serve`, `--asgi-report`."""

from __future__ import annotations

from typing import Any

import pytest

from .live_servers import check_options
from .reports import Reports, Writes
from .serving import Serves


def configure(config: pytest.Config) -> None:
    """Have the hooks of those options called that were given.

    Raises:
        pytest.UsageError: they do not go together; the text says which to leave out.
    """
    is_worker = hasattr(config, "workerinput")
    if config.getoption("asgi_live") is not None:
        check_options(config)
    if config.getoption("asgi_serve") is not None:
        if is_worker or config.getoption("numprocesses", None) or config.getoption("tx", None):
            raise pytest.UsageError(
                "--asgi-serve serves the app of one test, in this process: leave out pytest-xdist (-n0)."
            )
        config.pluginmanager.register(Serves(config), "asgi_lockstep_serves")
    if config.getoption("asgi_report") is not None and not config.getoption("collectonly"):
        # From where pytest was called; workers of pytest-xdist get it like this.
        folder: Any = config.getoption("asgi_report")
        config.option.asgi_report = str(config.invocation_params.dir / folder)
        config.pluginmanager.register(Writes(config), "asgi_lockstep_writes")
        if not is_worker:
            config.pluginmanager.register(Reports(config), "asgi_lockstep_reports")
