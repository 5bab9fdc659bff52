"""What there is to say when nothing has come in time."""

from __future__ import annotations

from ..._client.network_errors import AppTimeout
from ..._drivers.inspection.source_lines import line_of_test
from ..._exception_parts import seconds_in_words
from ...diagnosis import Diagnosis
from ..serving.contract import Serving


def timed_out(serving: Serving, waits_for: str, request: str, limit: float) -> AppTimeout:
    """What is raised when nothing has come in time.

    Args:
        serving: the server.
        waits_for: what the test waits for, to be read after "the test waits for".
        request: for which call of the app it waits, for example `"WEBSOCKET /chat"`.
        limit: how long it has waited, in seconds.
    """
    line = line_of_test()
    waits_at = f"{line} in {line.function}: {line.source}" if line else ""
    words = f"The test waits for {waits_for}, and nothing has come from the server in {seconds_in_words(limit)}."
    return AppTimeout(Diagnosis(waits_for, waits_at, tasks=serving.standing_of(request), request=request), limit, words)
