"""Server-sent events of a response: httpx2's, of which each is waited for as long as a test wants to wait."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any

from ..._httpx import httpx
from ..entrances import Explains, entrances
from .response import body_of

#: httpx has none.
_EventSource: Any = getattr(httpx, "EventSource", object)


@entrances()
class _Events(Explains, _EventSource):  # type: ignore[misc]
    """Its events, each of which is waited for as long as a test wants to wait."""

    response: httpx.Response

    def __init__(self, response: httpx.Response, **options: Any) -> None:
        _EventSource.__init__(self, response, **options)

    def _explain(self, exception: BaseException) -> None:
        body = body_of(self.response)
        if body is not None:
            body.explain(exception)

    def _awaits_event(self, begins: bool) -> None:
        body = body_of(self.response)
        if body is not None:
            body.awaits_event(begins)

    def __iter__(self) -> Generator[Any]:
        """The events, until the stream ends."""
        events = super().__iter__()
        while True:
            self._awaits_event(True)
            try:
                event = next(events, None)
            finally:
                self._awaits_event(False)
            if event is None:
                return
            yield event

    async def __aiter__(self) -> AsyncGenerator[Any]:
        """The events, until the stream ends."""
        events = super().__aiter__()
        try:
            while True:
                self._awaits_event(True)
                try:
                    event = await anext(events, None)
                finally:
                    self._awaits_event(False)
                if event is None:
                    return
                yield event
        finally:
            await events.aclose()


class LockstepEventSource(_Events):
    """What `client.sse()` yields: an `httpx2.EventSource`.

    Iterating it raises `AppTimeout` where no event comes for the `read` of the client's timeout, whatever else comes:
    comments, which it passes over, keep a stream alive for ever. It is its own iterator: `next(events)` gives the next
    event, and a second loop goes on where the first was left. httpx's closes the response with the first iterator that
    is thrown away, and what the app raises then is lost.
    """

    _iteration: Generator[Any] | None = None
    _async_iteration: AsyncGenerator[Any] | None = None

    def __iter__(self) -> Generator[Any]:
        """The events, until the stream ends."""
        if self._iteration is None:
            self._iteration = super().__iter__()
        return self._iteration

    def __next__(self) -> Any:
        """The next event."""
        __tracebackhide__ = True
        return next(iter(self))

    def __aiter__(self) -> AsyncGenerator[Any]:
        """The events, until the stream ends."""
        if self._async_iteration is None:
            self._async_iteration = super().__aiter__()
        return self._async_iteration

    async def __anext__(self) -> Any:
        """The next event."""
        __tracebackhide__ = True
        return await anext(aiter(self))

    # The end: who iterates refers to this, and would wait for the collector of garbage to be closed.

    def close(self) -> None:
        """End the iteration; the block of `client.sse()` does that."""
        iteration, self._iteration = self._iteration, None
        if iteration is not None:
            iteration.close()

    async def aclose(self) -> None:
        """The same where it is iterated by `async for`."""
        iteration, self._async_iteration = self._async_iteration, None
        if iteration is not None:
            await iteration.aclose()
