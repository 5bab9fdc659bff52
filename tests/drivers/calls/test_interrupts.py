"""What ends the test run and not just the app, on its own, in a group, and behind what was raised because of it."""

from __future__ import annotations

import asyncio
import concurrent.futures

import pytest
import trio

from asgi_lockstep._drivers.calls.interrupts import interrupt_behind, interrupt_in


class Failed(BaseException):
    """As pytest's."""


CTRL_C = KeyboardInterrupt()
FAILED = Failed()


@pytest.mark.parametrize(
    ("exception", "interrupt"),
    [
        (None, None),
        (ValueError(), None),
        (asyncio.CancelledError(), None),
        (concurrent.futures.CancelledError(), None),
        (GeneratorExit(), None),
        (BaseExceptionGroup("", [asyncio.CancelledError(), ValueError()]), None),
        (CTRL_C, CTRL_C),
        (FAILED, FAILED),
        (BaseExceptionGroup("", [ValueError(), BaseExceptionGroup("", [FAILED])]), FAILED),
    ],
    ids=repr,
)
def test_what_is_no_exception_and_no_cancellation(exception: BaseException | None, interrupt: BaseException) -> None:
    """Out of groups, too, which task groups make."""
    assert interrupt_in(exception) is interrupt


def test_a_cancellation_of_trio_is_no_interrupt() -> None:
    """It is a `BaseException`, as asyncio's is."""
    seen: list[BaseException | None] = []

    async def main() -> None:
        with trio.CancelScope() as scope:
            scope.cancel()
            try:
                await trio.sleep(1)
            except trio.Cancelled as exc:
                seen.append(interrupt_in(exc))
                raise

    trio.run(main)
    assert seen == [None]


def raised_while(first: BaseException, second: Exception, cause: bool = False) -> Exception:
    """`second`, raised while `first` was handled; `from None` if that is said to be no reason."""
    try:
        try:
            raise first
        except BaseException:
            if cause:
                raise second from None
            raise second  # noqa: B904 - whose context is what this is about
    except Exception as exc:
        return exc


@pytest.mark.parametrize(
    ("exception", "interrupt"),
    [
        (ValueError(), None),
        (raised_while(CTRL_C, ValueError()), CTRL_C),
        (raised_while(raised_while(FAILED, ValueError()), KeyError()), FAILED),
        (raised_while(CTRL_C, ValueError(), cause=True), None),
        (raised_while(SystemExit(), ValueError()), None),
    ],
    ids=["nothing", "at once", "further back", "from None", "SystemExit"],
)
def test_the_interrupt_behind_an_exception(exception: Exception, interrupt: BaseException | None) -> None:
    """What has failed because of it; not what code has made of it on purpose."""
    assert interrupt_behind(exception) is interrupt
