"""What the app has raised in one call: known when the call has ended, which may be after its response."""

from __future__ import annotations

import sys

from anyio.to_thread import run_sync

from ..._client.options import TIMEOUT
from ..._drivers.happenings.recorder import own_template
from ..._drivers.inspection.source_lines import frame_of_test
from ..._types import Scope
from ..record import Record

#: From this status on a response says that its server, or the app, has failed; frameworks answer first, and raise then.
_SERVER_ERROR = 500


class Cause:
    """One call of the app that a client causes.

    Args:
        record: what is known of the calls of the app.
        raises: whether the client raises what the app raises.
        limit: how long the end of the call is waited for, in seconds; None for as long as a client waits by default.
        scope: what the app is to be called with, as far as the client knows that; for the timeline.
    """

    def __init__(self, record: Record, raises: bool, limit: float | None, scope: Scope) -> None:
        self._record = record
        self._raises = raises
        self._limit = TIMEOUT if limit is None else limit
        self._sent = record.timeline.request(own_template(scope), (), frame_of_test(sys._getframe()))
        #: What to send as `CALL_HEADER`.
        self.call = record.new_call(raises, self._sent)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: call {self.call}>"

    def acts(self, action: str, value: object = None) -> None:
        """Keep for the timeline that the test does something with this call; see `happenings.Recorder.acts`."""
        self._record.timeline.acts(action, value, self._sent)

    def may_have_failed(self, status: int) -> bool:
        """Whether a response of this status says so."""
        return status >= _SERVER_ERROR

    def failure(self, wait: bool, limit: float | None = None) -> BaseException | None:
        """What the app has raised, to be raised now.

        Args:
            wait: whether the end of the call is waited for.
            limit: at most so long, where that is not the limit of all.
        """
        if wait and self._must_wait():
            self._record.wait_for_end(self.call, self._limit if limit is None else limit)
        return self._claimed()

    async def afailure(self, wait: bool, limit: float | None = None) -> BaseException | None:
        """The same, awaited."""
        if wait and self._must_wait():
            most = self._limit if limit is None else limit
            await run_sync(self._record.wait_for_end, self.call, most, abandon_on_cancel=True)
        return self._claimed()

    def _claimed(self) -> BaseException | None:
        failure = self._record.claim(self.call) if self._raises else None
        if failure is not None:
            self._record.timeline.fails(failure)
        return failure

    def _must_wait(self) -> bool:
        return self._raises and self._record.is_under_way(self.call)
