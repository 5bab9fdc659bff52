"""One call of the app: its `receive`, its `send`, and what became of it."""

from __future__ import annotations

import contextvars

from .._protocol.exchange import Exchange
from .._types import ASGI3App, Message
from .base import Tasks

#: Exceptions that must end the test run, not just the app.
_FATAL = (KeyboardInterrupt, SystemExit)


class AppCall:
    """Runs `app` for one exchange, as a task in a copy of the caller's context.

    The exchange holds the rules; this class only waits where the exchange says that there is nothing to do yet.
    """

    def __init__(self, app: ASGI3App, exchange: Exchange, tasks: Tasks) -> None:
        self._app = app
        self._exchange = exchange
        self.signal = tasks.signal()
        self._tasks = tasks
        exchange.changed = self.signal.fire
        exchange.cancel_app = tasks.spawn(self._main, contextvars.copy_context(), self._ended)

    def _ended(self) -> None:
        if not self._exchange.ended:
            self._exchange.app_cancelled()  # before its first step

    async def _main(self) -> None:
        exchange = self._exchange
        try:
            await self._app(exchange.scope, self._receive, self._send)
        except BaseException as exc:
            if isinstance(exc, (Exception, *_FATAL)):
                exchange.app_raised(exc)
            else:
                exchange.app_cancelled()  # asyncio.CancelledError or trio.Cancelled: by us, or with its whole loop
            if not isinstance(exc, Exception):
                raise
        else:
            exchange.app_returned()

    async def _receive(self) -> Message:
        while (message := self._exchange.to_app()) is None:
            await self.signal.wait()
        if self._exchange.disconnected:
            await self._tasks.checkpoint()
        return message

    async def _send(self, message: Message) -> None:
        self._exchange.from_app(message)
        if self._exchange.disconnected:
            # Nothing waits for a client that has gone: without this, an app that only sends would never stop for us.
            await self._tasks.checkpoint()
        while self._exchange.app_must_wait:
            await self.signal.wait()
