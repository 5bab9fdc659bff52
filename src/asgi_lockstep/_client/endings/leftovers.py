"""What becomes of tasks that the app has started and not ended, when its client is closed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from ..._drivers.calls.app_tasks import AppTask
from ..._drivers.calls.interrupts import interrupt_in
from ..._drivers.turning.async_driver import AsyncDriver
from ..._drivers.turning.sync_driver import SyncDriver
from ...diagnosis import Diagnosis
from ...errors import LeftoverTasks
from ..network_errors import app_timeout

_logger = logging.getLogger("asgi_lockstep")
_WAITS_FOR = "the tasks that the app has left behind to end"


class _Ends:
    """The ends of the tasks, awaited: they have no messages. See `Awaited`.

    Args:
        limit: how long the tasks may rest, in seconds; None for as long as it takes.
    """

    events = 0
    exchange = None
    answered_by = None

    def __init__(self, limit: float | None) -> None:
        self.limit = limit

    def timed_out(self, diagnosis: Diagnosis, endless: bool) -> BaseException:
        """See `Awaited.timed_out`."""
        return app_timeout(self, diagnosis, endless)


def leave(driver: SyncDriver, mode: str, limit: float | None) -> None:
    """Before the loop of `driver` is closed, which cancels them: wait for the tasks, or report them.

    Args:
        driver: whose tasks they are.
        mode: `"cancel"`, `"wait"` or `"error"`.
        limit: how long they may rest where they are waited for, in seconds; None for as long as it takes.

    Raises:
        LeftoverTasks: there are some, and the mode is `"error"`.
        Deadlock, AppTimeout: they are waited for, and do not end.
    """
    __tracebackhide__ = True
    driver.settle()
    if mode == "wait":
        driver.move(lambda: not _of_app(driver.runner.app_tasks()), _WAITS_FOR, _Ends(limit))
    _report(driver.app_tasks(), mode)


async def aleave(driver: AsyncDriver, mode: str, limit: float | None) -> None:
    """The twin for a loop that goes on: the tasks are cancelled here."""
    __tracebackhide__ = True
    await driver.settle()
    try:
        if mode == "wait":
            await driver.wait_for_tasks(_WAITS_FOR, _Ends(limit))
    finally:
        left = driver.app_tasks()
        await driver.cancel_tasks()
    _report(left, mode)


def _of_app(tasks: Sequence[AppTask]) -> list[AppTask]:
    """The tasks that the app has asked for; those that a library has for itself may go on as long as the loop does.

    A call whose client has gone, and that has not ended with it, is none: the test has been told of that.
    """
    return [task for task in tasks if task.created_by_user and not _is_given_up(task)]


def _is_given_up(task: AppTask) -> bool:
    return task.is_call and task.call is not None and task.call.exchange.disconnected


def _report(tasks: Sequence[AppTask], mode: str) -> None:
    __tracebackhide__ = True
    for task in tasks:
        if not task.created_by_user:
            _logger.debug("A library had a task still running when the client of the app was closed: %s", task)
    of_app = _of_app(tasks)
    if not of_app or interrupt_in(sys.exception()) is not None:  # what is left after an interrupt is nobody's fault
        return
    failure = LeftoverTasks([str(task) for task in of_app])
    if mode == "error":
        raise failure
    _logger.warning("%s", failure)
