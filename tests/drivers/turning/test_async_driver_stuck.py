"""Steps that get no further, awaited on the loop that runs already."""

from __future__ import annotations

from typing import Final

import anyio
import anyio.to_thread
import pytest

from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._drivers.calls.tasks import do_nothing
from asgi_lockstep._drivers.clock.idle_time import Awaited
from asgi_lockstep._drivers.turning.async_driver import AsyncDriver
from asgi_lockstep._protocol.steps import act, leave, request
from asgi_lockstep._types import Receive, Scope, Send
from asgi_lockstep.diagnosis import Diagnosis
from asgi_lockstep.errors import Deadlock, TimedOut
from drivers.async_runs import Run, exchange_for

#: The loops that show what they wait for.
EXACT: Final = pytest.mark.parametrize("run", ["asyncio", "trio"], indirect=True)


async def stuck(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Never answers."""
    await anyio.Event().wait()


@EXACT
def test_steps_that_can_never_be_made_are_a_deadlock(run: Run) -> None:
    """Raised into the steps, which end what they have begun: the app is cancelled."""

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for()
        with pytest.raises(Deadlock) as caught:
            await driver.begin(AppCall(stuck, exchange), request(exchange, 0.01))
        diagnosis = caught.value.diagnosis
        assert (diagnosis.waits_for, len(diagnosis.exchanges), diagnosis.outside) == (
            "the app to finish GET /",
            1,
            [],
        )
        assert [task.rsplit(" in ", 1)[1] for task in diagnosis.tasks] == ["stuck: await anyio.Event().wait()"]
        assert exchange.app_end == "cancelled"

    run(main)


def test_steps_that_take_longer_than_their_limit_raise_what_the_call_says(run: Run) -> None:
    """The app is left as it is."""

    class TooLong(TimedOut):
        pass

    def timed_out(_: Awaited, diagnosis: Diagnosis, endless: bool) -> TooLong:
        assert not endless
        return TooLong(diagnosis, 0.01)

    async def sleeps(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await anyio.sleep(3600)

    async def main() -> None:
        driver, exchange = AsyncDriver(), exchange_for()
        call = AppCall(sleeps, exchange, limit=0.01, timed_out=timed_out)
        with pytest.raises(TooLong) as caught:
            await driver.begin(call, request(exchange, 1))
        assert (caught.value.diagnosis.waits_for, exchange.ended) == ("the app to finish GET /", False)

    run(main)


def test_the_tasks_of_a_driver_are_those_of_its_apps(run: Run) -> None:
    """Another driver on the same loop has its own."""

    async def main() -> None:
        one, two = AsyncDriver(), AsyncDriver()
        exchange = exchange_for()
        call = AppCall(stuck, exchange)
        await one.begin(call, act(do_nothing))
        assert ([task.call for task in one.app_tasks()], two.app_tasks()) == ([call], [])
        call.cancel_app()
        await one.run(leave(exchange, 1), call)
        assert one.app_tasks() == []

    run(main)
