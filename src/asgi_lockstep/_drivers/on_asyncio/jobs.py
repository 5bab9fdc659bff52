"""The default executor of a loop, as `asyncio.to_thread()` uses it, and the threads in which its jobs run."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

#: How long a thread that has no job may take to end, in seconds; nearly always less than a hundredth of that.
_TIME_TO_END = 0.05


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
            thread_name_prefix="asyncio", initializer=lambda: threads.append(threading.current_thread())
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
