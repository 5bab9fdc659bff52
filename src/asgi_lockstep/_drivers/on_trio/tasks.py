"""Tasks and signals of trio, for whoever turns the run."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from functools import partial

import trio

from ..calls.tasks import AppMain

#: What the task of an app call is called.
NAME = "asgi-lockstep app"

Post = Callable[[Callable[[], object]], None]


class TrioSignal:
    """A `Signal` on a trio run.

    Args:
        post: runs what it is given inside the run, now or later.
    """

    __slots__ = ("_event", "_post")

    def __init__(self, post: Post) -> None:
        self._post = post
        self._event: trio.Event | None = None

    @property
    def waiting(self) -> int:
        """How many tasks wait."""
        return 0 if self._event is None else self._event.statistics().tasks_waiting

    async def wait(self) -> None:
        """Return after the next `fire()`."""
        if self._event is None:
            self._event = trio.Event()
        await self._event.wait()  # until the exchange has changed, or the call is cancelled

    def fire(self) -> None:
        """Wake everyone who waits."""
        if self._event is not None:
            self._post(self._wake)

    def _wake(self) -> None:
        if self._event is not None:
            self._event.set()
            self._event = None


class TrioApp:
    """One app task: a system task, so that no nursery of the test owns it and no deadline of the test ends it.

    Args:
        post: runs what it is given inside the run, now or later.
        main, context: see `Tasks.spawn`; trio begins each task, also one that is cancelled.
        fatal: called with an exception that must end the test run, and cannot leave a system task.
    """

    __slots__ = ("_fatal", "_post", "_scope", "done")

    def __init__(
        self,
        post: Post,
        main: AppMain,
        context: Context,
        fatal: Callable[[BaseException], None],
    ) -> None:
        self._post = post
        self._fatal = fatal
        self._scope = trio.CancelScope()
        self.done = False
        post(partial(self._start, main, context))

    def _start(self, main: AppMain, context: Context) -> None:
        trio.lowlevel.spawn_system_task(self._run, main, name=NAME, context=context)

    @trio.lowlevel.disable_ki_protection
    async def _run(self, main: AppMain) -> None:
        try:
            with self._scope:
                await main()
        except trio.Cancelled:
            raise
        except (KeyboardInterrupt, SystemExit) as exc:
            self._fatal(exc)
        except BaseException:
            pass
        finally:
            self.done = True

    def ends(self) -> None:
        """Nothing to do: the task is a part of this one."""

    def cancel(self) -> None:
        """Cancel the task."""
        self._post(self._scope.cancel)
