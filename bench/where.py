"""Where the microseconds of a GET go: `python -m bench.where`.

Each part is measured alone, again and again, and so costs a little less than on its way between the others; what is
left of the whole is in the last row.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from asgi_lockstep import TestClient
from asgi_lockstep._client.http.whole_response import WholeResponse
from asgi_lockstep._client.pipeline.answer import whole_response
from asgi_lockstep._drivers.inspection.held_signals import SIGNALS
from asgi_lockstep._drivers.inspection.source_lines import link_of_test

from .apps import app
from .ways import floor


def microseconds(call: Callable[[], object]) -> float:
    """What a call costs: of many batches the fastest."""
    batches = []
    for _ in range(100):
        begin = time.perf_counter()
        for _ in range(200):
            call()
        batches.append((time.perf_counter() - begin) / 200)
    return min(batches) * 1e6


def finished(coroutine: Any) -> None:
    """Run a coroutine that never waits."""
    try:  # noqa: SIM105 - what is measured is the coroutine
        coroutine.send(None)
    except StopIteration:
        pass


def parts() -> dict[str, float]:
    """The parts of a GET, and the whole."""
    with TestClient(app, lifespan="off") as client, floor() as below:
        client.get("/")
        preparation, transport = vars(client)["_preparation"], vars(client)["_to_app"]
        driver = transport.loops.current()
        seams, calls = vars(preparation)["_seams"], vars(transport)["_calls"]
        prepared = preparation.prepare(client, transport, "GET", "/")
        begun = transport.begin(prepared)
        scope = begun.call.exchange.scope

        async def receive() -> dict[str, Any]:
            return {}

        async def send(_: object) -> None:
            """Take a message."""

        def signals() -> None:
            SIGNALS.hold()
            SIGNALS.release()

        def turned() -> None:
            call = calls.of_http(prepared, transport.options)
            call.begin(driver.runner)
            driver.runner.settle_shortly()

        alone = microseconds(lambda: finished(app(scope, receive, send)))
        seen = microseconds(lambda: seams.are_untouched(client, transport))
        line = microseconds(link_of_test)
        made = microseconds(lambda: calls.of_http(prepared, transport.options))
        found = {
            "nobody has reached into httpx's way": seen,
            "the request is prepared: URL, headers, cookies, time limits": microseconds(
                lambda: preparation.prepare(client, transport, "GET", "/")
            )
            - seen,
            "the line of the test": line,
            "scope, exchange and call": made - line,
            "the app itself": alone,
            "a task, a pass of the loop, and the messages with their checks": microseconds(turned) - made - alone,
            "signals are held": microseconds(signals),
            "the response of httpx": microseconds(lambda: whole_response(WholeResponse, begun, "utf-8", 0.0)),
        }
        whole = microseconds(lambda: client.get("/"))
        found["entrances, lock, and what lies between"] = whole - sum(found.values())
        found["all of it"] = whole
        found["(httpx's client over a transport that does nothing)"] = microseconds(lambda: below.get("/"))
    return found


if __name__ == "__main__":
    for title, cost in parts().items():
        print(f"{cost:6.1f}  {title}")
