"""No rule has anything to say of what real frameworks send, but for what they break themselves."""

from __future__ import annotations

import pytest

from matrix import Driver
from spec_frameworks.broken_by import BROKEN_BY
from spec_frameworks.every_framework import FRAMEWORKS
from spec_frameworks.framework import Call, Framework

pytestmark = [
    pytest.mark.client_decides,
    # Django has no other way to send a file.
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators:Warning"),
]

CALLS = [
    pytest.param(framework, call, id=f"{framework.name}: {name}")
    for framework in FRAMEWORKS.values()
    for name, call in framework.calls.items()
]


def rules_for(framework: Framework) -> dict[str, str]:
    """Each rule is an error, but for those that the framework breaks: these are recorded."""
    return {"default": "spec", **dict.fromkeys(BROKEN_BY.get(framework.name, {}), "record")}


@pytest.mark.parametrize(("framework", "call"), CALLS)
def test_a_framework_breaks_no_other_rule(driver: Driver, framework: Framework, call: Call) -> None:
    """Each call comes to what it should, and any rule that it broke would be an error."""
    if framework.needs_asyncio and driver.backend == "trio":
        pytest.skip("this framework runs on asyncio only")
    with framework.surroundings(), driver.client(framework.make(), rules=rules_for(framework)) as client:
        call(client)
