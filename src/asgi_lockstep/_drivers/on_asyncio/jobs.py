"""The default executor of a loop, as `asyncio.to_thread()` uses it, and the threads in which its jobs run."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from ..calls.python_end import leave_behind
from ..inspection.threads import is_of_executor, workers_at_work

#: How long a thread that has no job may take to end, in seconds; nearly always less than a hundredth of that.
_TIME_TO_END = 0.05


#: How asyncio names the threads of the default executor of a loop.
_PREFIX: Final = "asyncio"


class _Executor(ThreadPoolExecutor):
    """An executor that is made when somebody uses it, which mostly nobody does: to make it takes 10 µs.

    Args:
        options: see `ThreadPoolExecutor`.
    """

    _making = threading.Lock()

    def __init__(self, **options: Any) -> None:
        vars(self).update(_options=options, _is_shut=False)

    def __getattr__(self, name: str) -> Any:
        with self._making:
            options = vars(self).pop("_options", None)
            if options is not None:
                super().__init__(**options)
                if self._is_shut:  # whoever uses it after this is refused
                    super().shutdown(wait=False)
        return super().__getattribute__(name)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """See `concurrent.futures.Executor.shutdown`."""
        with self._making:
            self._is_shut = True
            is_made = "_options" not in vars(self)
        if is_made:
            super().shutdown(wait, cancel_futures=cancel_futures)


class Jobs:
    """Gives a loop its default executor, and knows the threads of it: a loop would wait for their jobs without end.

    Args:
        loop: one that has no default executor yet, as it has just been made.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        threads: list[threading.Thread] = []
        self._threads = threads
        self._executor = _Executor(
            thread_name_prefix=_PREFIX, initializer=lambda: threads.append(threading.current_thread())
        )
        loop.set_default_executor(self._executor)

    def end(self) -> None:
        """Let the threads end, each with the job that it has; jobs that have not begun never will."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        for thread in self._threads:
            thread.join(_TIME_TO_END)  # mostly it has no job, and this is shorter than to have the loop look for it

    @property
    def at_work(self) -> list[threading.Thread]:
        """The threads that have not ended."""
        return [thread for thread in self._threads if thread.is_alive()]


def leave_jobs(loop: asyncio.AbstractEventLoop) -> None:
    """Have nobody wait for the jobs of a loop of somebody else, where one of them holds up a call that is given up.

    asyncio waits for the threads of the default executor before it closes a loop, and Python for all of them at its
    end: the test that has been told of a job that never ends would hang there.
    """
    at_work = workers_at_work()
    of_executors = [thread for thread in at_work if is_of_executor(thread)]  # which do not tell for whom they work
    for thread in [*of_executors, *(thread for thread in at_work if getattr(thread, "loop", None) is loop)]:
        leave_behind(thread)
    if of_executors:
        loop.set_default_executor(_Executor(thread_name_prefix=_PREFIX))
