"""Real seconds, for limits and pauses."""

from __future__ import annotations

import time

#: Real seconds, whatever is patched to make the app believe otherwise.
real_time = time.perf_counter
