"""Server-sent events of a response: httpx2's, of which each is waited for as long as a test wants to wait."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from ..._httpx import httpx
from ..entrances import Explains, entrances
from .response import body_of

#: httpx has none.
_EventSource: Any = getattr(httpx, "EventSource", object)


@entrances()
class LockstepEventSource(Explains, _EventSource):  # type: ignore[misc]
    """What `client.sse()` yields: an `httpx2.EventSource`.

    Iterating it raises `AppTimeout` where no event comes for the `read` of the client's timeout, whatever else comes:
    comments, which it passes over, keep a stream alive for ever.
    """

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

    def __iter__(self) -> Iterator[Any]:
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

    async def __aiter__(self) -> AsyncIterator[Any]:
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
