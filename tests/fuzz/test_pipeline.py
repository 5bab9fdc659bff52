"""A request that goes our way is the request that httpx makes of it, and so is its response."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from hypothesis import given, settings

from asgi_lockstep import AsyncTestClient, TestClient
from fuzz.conftest import EXAMPLES
from fuzz.requests import visits
from fuzz.sights import AsyncTheirWay, TheirWay, Visit, avisit, visit

InTime = Callable[[Callable[[], list[object]]], list[object]]


def test_both_ways_show_the_same(in_time: InTime) -> None:
    """What the app sees, all that is public of request, response, history and jar, what is logged, what is raised."""

    @settings(max_examples=20 * EXAMPLES)
    @given(plan=visits)
    def check(plan: Visit) -> None:
        assert in_time(partial(visit, TestClient, plan)) == in_time(partial(visit, TheirWay, plan))

    check()


def test_both_ways_of_the_async_client_show_the_same(in_time: InTime) -> None:
    """The same."""

    @settings(max_examples=10 * EXAMPLES)
    @given(plan=visits)
    def check(plan: Visit) -> None:
        found, expected = (
            in_time(lambda kind=kind: asyncio.run(avisit(kind, plan)))  # type: ignore[misc]
            for kind in (AsyncTestClient, AsyncTheirWay)
        )
        assert found == expected

    check()
