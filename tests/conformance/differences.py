"""Where our clients differ from the consensus of the servers, and why: by the name of the case.

The table is exact: a case that is named here and does not differ fails as well (`test_in_process.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DIFFERENCES: Final[Mapping[str, str]] = {}
