"""All rules there are, in the order in which people read them."""

from __future__ import annotations

from typing import Final

from .content_rules import CONTENT_RULES
from .ending_rules import ENDING_RULES
from .kind_rules import KIND_RULES
from .order_rules import ORDER_RULES
from .rules import Rule

RULES: Final[tuple[Rule, ...]] = (*ORDER_RULES, *KIND_RULES, *CONTENT_RULES, *ENDING_RULES)
