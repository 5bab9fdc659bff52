"""What ends the test run and not just the app: exceptions that are no `Exception`, on their own or in a group."""

from __future__ import annotations

#: What the libraries call the exception with which they cancel a task; each has its own, which need not be installed.
_CANCELLATIONS = ("CancelledError", "Cancelled")


def interrupt_in(exception: BaseException | None) -> BaseException | None:
    """What is to be raised for `exception` by itself, whatever the client makes of exceptions of the app; or None.

    `KeyboardInterrupt`, `SystemExit`, and what a signal handler or `pytest.fail()` raises. A task group puts it in a
    group with what else has failed.
    """
    if isinstance(exception, BaseExceptionGroup):
        found = (interrupt_in(member) for member in exception.exceptions)
        return next((member for member in found if member is not None), None)
    if exception is None or isinstance(exception, Exception | GeneratorExit):
        return None
    if type(exception).__name__ in _CANCELLATIONS:
        return None
    return exception


def interrupt_behind(exception: BaseException) -> BaseException | None:
    """The interrupt in whose handling `exception` was raised, in the middle of something; None if there is none.

    Not a `SystemExit`, which code handles as it does others, to raise what it means; and nothing before a `from None`.
    """
    behind = exception
    while behind.__context__ is not None and not behind.__suppress_context__:
        behind = behind.__context__
        interrupt = interrupt_in(behind)
        if interrupt is not None and not isinstance(interrupt, SystemExit):
            return interrupt
    return None
