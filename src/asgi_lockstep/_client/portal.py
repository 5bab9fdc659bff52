"""The way onto the loop of a client, for coroutine functions of the test: what anyio's `BlockingPortal` offers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from contextvars import copy_context
from inspect import isawaitable
from types import TracebackType
from typing import Any, Self, TypeVar

import anyio
import anyio.abc

from .._drivers.calls.app_call import AppCall
from .._drivers.calls.tasks import NOT_SPAWNED, Spawned
from .._drivers.inspection.tracebacks import calls_the_user
from .._drivers.turning.client_loops import ClientLoops
from .._drivers.turning.sync_driver import SyncDriver
from .._protocol.exchange import Exchange
from .._protocol.websocket_exchange import WebSocketExchange
from .._types import Message
from ..diagnosis import Diagnosis
from .entrances import entrances
from .network_errors import app_timeout
from .values import ARGUMENT, check_function, check_type, checked_limit

T = TypeVar("T")


@entrances()
class LockstepFuture(Future[T]):
    """A future whose `result()` turns the loop that has to make it.

    Args:
        driver: turns that loop.
        limit: how long the app may rest in the meantime, in seconds; None for as long as it takes.
    """

    # What is awaited has no messages: nothing of it is seen before its end. See `Awaited`.
    events = 0
    exchange = None

    def __init__(self, driver: SyncDriver, limit: float | None = None) -> None:
        super().__init__()
        self._driver = driver
        self.limit = limit
        #: What resolves it, if that is a job of ours, as long as it runs. See `Awaited`.
        self.answered_by: object | None = None

    def timed_out(self, diagnosis: Diagnosis, endless: bool) -> BaseException:
        """See `Awaited.timed_out`."""
        return app_timeout(self, diagnosis, endless)

    def result(self, timeout: float | None = None) -> T:
        """The result of the call, or its exception.

        Args:
            timeout: at most this long, in seconds of the loop's clock; None for as long as it takes.
        """
        __tracebackhide__ = True
        self._arrive(checked_limit(timeout))
        return super().result(0)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """The exception of the call, or None."""
        __tracebackhide__ = True
        self._arrive(checked_limit(timeout))
        return super().exception(0)

    def _arrive(self, timeout: float | None) -> None:
        if self.done() or self._driver.closed:
            return
        if timeout is None:
            self._driver.move(self.done, "a call through the portal", self)
            return
        # On the loop of the call, which need not be the one that a new call would have: the client may be entered now.
        alarm = _start(self._driver, None, anyio.sleep, timeout)
        self._driver.move(lambda: self.done() or alarm.done(), "a call through the portal")
        alarm.cancel()


@entrances()
class Portal:
    """Calls functions on the loop of a client, from the test's thread or from any other.

    Args:
        loops: where the client's app lives.
        limit: how long the app may rest while `call()` waits, in seconds; None for as long as it takes.
    """

    def __init__(self, loops: ClientLoops, limit: float | None = None) -> None:
        self._loops = loops
        self._limit = limit

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self._loops!r}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing to close: the loop belongs to the client."""

    def call(self, func: Callable[..., Any], *args: Any) -> Any:
        """Call `func(*args)` on the loop, await what it returns if that can be awaited, and return the result."""
        __tracebackhide__ = True
        check_function("call", func)
        return self.start_task_soon(func, *args).result()

    def start_task_soon(self, func: Callable[..., Any], *args: Any, name: object = None) -> LockstepFuture[Any]:
        """Start `func(*args)` as a task; it moves whenever the test is inside a client call, or in `result()`.

        Args:
            name: for anyio's sake; not used.
        """
        __tracebackhide__ = True
        check_function("start_task_soon", func)
        return _start(self._loops.current(), self._limit, func, *args)

    def start_task(self, func: Callable[..., Any], *args: Any, name: object = None) -> tuple[LockstepFuture[Any], Any]:
        """Start `func(*args, task_status=...)`, and return its future and what it passed to `started()`."""
        __tracebackhide__ = True
        check_function("start_task", func)
        status = _Status()
        future = self.start_task_soon(_with_status(func, args, status), name=name)
        self._loops.current().move(lambda: status.is_set or future.done(), "a task to call task_status.started()")
        if not status.is_set:
            future.result()
            raise RuntimeError("Task exited without calling task_status.started()")
        return future, status.value

    def wrap_async_context_manager(self, cm: AbstractAsyncContextManager[T]) -> AbstractContextManager[T]:
        """A sync context manager that enters and leaves `cm` on the loop, in one task."""
        __tracebackhide__ = True
        check_type(
            "wrap_async_context_manager", cm, AbstractAsyncContextManager, "an async context manager", form=ARGUMENT
        )
        return _Wrapped(self, cm)


def _start(driver: SyncDriver, limit: float | None, func: Callable[..., Any], *args: Any) -> LockstepFuture[Any]:
    """Start `func(*args)` as a task of the loop that `driver` turns; what can be awaited is awaited."""
    future: LockstepFuture[Any] = LockstepFuture(driver, limit)
    job = future.answered_by = _Job(future, func, args)
    job.task = task = driver.runner.spawn(job.main, copy_context(), job.end)
    future.add_done_callback(lambda done: task.cancel() if done.cancelled() else None)
    return future


class _Job:
    """A call on the loop of the app, and the future of its result. Besides the future, its task alone refers to it."""

    __slots__ = ("_args", "_func", "_future", "task")

    def __init__(self, future: LockstepFuture[Any], func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._future = future
        self._func = func
        self._args = args
        self.task: Spawned = NOT_SPAWNED

    @calls_the_user
    async def main(self) -> None:
        """Make the call; what can be awaited is awaited."""
        future = self._future
        try:
            result = self._func(*self._args)
            if isawaitable(result):
                result = await result
        except BaseException as exc:
            _fail(future, exc)
            if not isinstance(exc, Exception):
                raise
        else:
            if not future.done():
                future.set_result(result)
        finally:
            self.end()

    def end(self) -> None:
        """The task ends, or will never begin."""
        self._future.answered_by = None
        task, self.task = self.task, NOT_SPAWNED  # each would hold the other
        task.ends()
        self._future.cancel()


class _Status(anyio.abc.TaskStatus[Any]):
    """What a task started by `start_task` reports."""

    is_set = False
    value: Any = None

    def started(self, value: Any = None) -> None:
        self.is_set = True
        self.value = value


def _with_status(func: Callable[..., Awaitable[Any]], args: tuple[Any, ...], status: _Status) -> Callable[[], Any]:
    @calls_the_user
    async def start() -> Any:
        return await func(*args, task_status=status)

    return start


@entrances()
class _Wrapped(AbstractContextManager[T]):
    """An async context manager, entered and left from sync code, inside of one task of the loop."""

    def __init__(self, portal: Portal, cm: AbstractAsyncContextManager[T]) -> None:
        self._portal = portal
        self._cm = cm
        self._exc_info: tuple[Any, Any, Any] = (None, None, None)

    @calls_the_user
    async def _live(self, *, task_status: anyio.abc.TaskStatus[T]) -> bool | None:
        value = await self._cm.__aenter__()
        self._leave = anyio.Event()
        task_status.started(value)
        await self._leave.wait()
        return await self._cm.__aexit__(*self._exc_info)

    def __enter__(self) -> T:
        self._future, value = self._portal.start_task(self._live)
        return value  # type: ignore[no-any-return]

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        self._exc_info = (exc_type, exc, traceback)
        self._portal.call(self._leave.set)
        return self._future.result()  # type: ignore[no-any-return]


class RawReceive:
    """The app's messages for the test as an awaitable queue, to be used through a portal."""

    def __init__(self, call: AppCall[WebSocketExchange], driver: SyncDriver) -> None:
        self._call = call
        self._exchange = call.exchange
        self._driver = driver

    async def receive(self) -> Message:
        """Wait for the next message of the app."""
        while not self._exchange.to_client:
            if self._exchange.ended:
                raise anyio.EndOfStream
            await self._call.changes().wait()
        return self._exchange.take()

    def receive_nowait(self) -> Message:
        """The next message of the app.

        Raises:
            anyio.WouldBlock: there is none.
        """
        with nullcontext() if self._driver.is_inside else self._driver.lock:
            return self._take()

    def _take(self) -> Message:
        if not self._exchange.to_client:
            raise anyio.WouldBlock
        return self._exchange.take()


def resolve_with_end(future: Future[None], exchange: Exchange) -> None:
    """The app has ended: so has the future that stands for it."""
    if exchange.exception is None:
        future.set_result(None)
    else:
        future.set_exception(exchange.exception)


def _fail(future: Future[Any], exception: BaseException) -> None:
    """The call has failed; a cancelled one is cancelled in the eyes of the future, too."""
    if future.done():
        return
    if isinstance(exception, (Exception, KeyboardInterrupt, SystemExit)) and not isinstance(exception, CancelledError):
        future.set_exception(exception)
    else:
        future.cancel()
