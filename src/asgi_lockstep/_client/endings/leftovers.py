"""What becomes of tasks that the app has started and not ended, when its client is closed."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ..._drivers.calls.app_tasks import AppTask
from ..._drivers.turning.async_driver import AsyncDriver
from ..._drivers.turning.sync_driver import SyncDriver
from ...errors import LeftoverTasks

_logger = logging.getLogger("asgi_lockstep")
_WAITS_FOR = "the tasks that the app has left behind to end"


def leave(driver: SyncDriver, mode: str) -> None:
    """Before the loop of `driver` is closed, which cancels them: wait for the tasks, or report them.

    Raises:
        LeftoverTasks: there are some, and the mode is `"error"`.
    """
    __tracebackhide__ = True
    driver.settle()
    if mode == "wait":
        driver.move(lambda: not driver.runner.app_tasks(), _WAITS_FOR)
    _report(driver.app_tasks(), mode)


async def aleave(driver: AsyncDriver, mode: str) -> None:
    """The twin for a loop that goes on: the tasks are cancelled here."""
    __tracebackhide__ = True
    await driver.settle()
    if mode == "wait":
        await driver.wait_for_tasks(_WAITS_FOR)
    left = driver.app_tasks()
    await driver.cancel_tasks()
    _report(left, mode)


def _report(tasks: Sequence[AppTask], mode: str) -> None:
    __tracebackhide__ = True
    if not tasks:
        return
    failure = LeftoverTasks([str(task) for task in tasks])
    if mode == "error":
        raise failure
    _logger.warning("%s", failure)
