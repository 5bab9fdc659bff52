"""What to say to a test that has failed because it waited for its app outside of the client, where nothing moves."""

from __future__ import annotations

from ..._drivers.turning.sync_driver import SyncDriver
from ...errors import LockstepError

#: For how long a timer of the app must have been due, in seconds: less is the time that any test takes between calls.
_LONG = 0.1

_NOTE = (
    "The app moves only in calls of the client, and one of its timers has been due for {:.1f} seconds. If the test has "
    "waited for that, write client.sleep(seconds) instead of time.sleep(seconds), or client.settle() for what is ready."
)


def note_waiting(failure: BaseException | None, driver: SyncDriver | None) -> None:
    """Note it on the failure with which the block of a client is left, if a timer of the app is long overdue.

    That is the one place that the failure of such a test passes: it is the test's own, and nothing of ours runs before.
    """
    if driver is None or isinstance(failure, LockstepError) or not isinstance(failure, (AssertionError, TimeoutError)):
        return
    overdue = driver.overdue()
    if overdue >= _LONG:
        failure.add_note(_NOTE.format(overdue))
