"""One call of the app: its `receive`, its `send`, and what became of it."""

from __future__ import annotations

import contextvars
from itertools import count

import anyio

from ..._protocol.exchange import Exchange, nobody
from ..._types import ASGI3App, Message
from ..inspection.known_code import Meaning, means
from .app_tasks import calling
from .contract import Tasks

#: Exceptions that must end the test run, not just the app.
FATAL = (KeyboardInterrupt, SystemExit)


#: What an app receives again and again, once its client has gone or has everything.
_ENDS = frozenset(("http.disconnect", "websocket.disconnect"))

#: How often an app may receive() the end of its exchange before others run.
_YIELD_EVERY = 64


_numbers = count()


class AppCall:
    """Runs `app` for one exchange, as a task in a copy of the caller's context.

    The exchange holds the rules; this class only waits where the exchange says that there is nothing to do yet.
    """

    def __init__(self, app: ASGI3App, exchange: Exchange, tasks: Tasks) -> None:
        self._app = app
        self._exchange = exchange
        self._tasks = tasks
        self._receives_after_end = 0
        #: Where the client waits.
        self.signal = exchange.client = tasks.signal()
        self._receivers = exchange.receivers = tasks.signal()
        self._senders = exchange.senders = tasks.signal()
        exchange.runs_on = tasks
        exchange.number = next(_numbers)
        context = contextvars.copy_context()
        context.run(calling.set, exchange)
        exchange.cancel_app = tasks.spawn(self._main, context, self._ended)

    def _ended(self) -> None:
        self._exchange.cancel_app = nobody  # it holds the task, whose context holds the exchange
        if not self._exchange.ended:
            self._exchange.app_cancelled()  # before its first step

    async def _main(self) -> None:
        exchange = self._exchange
        try:
            await self._app(exchange.scope, self._receive, self._send)
        except BaseException as exc:
            if isinstance(exc, anyio.get_cancelled_exc_class()):
                exchange.app_cancelled()  # by us, or by itself, or with its whole loop
                raise
            exchange.app_raised(exc)
            if isinstance(exc, FATAL):
                raise
        else:
            exchange.app_returned()

    @means(Meaning.RECEIVES)
    async def _receive(self) -> Message:
        exchange = self._exchange
        message = exchange.to_app()
        while message is None:
            await self._receivers.wait()
            message = exchange.to_app()
        exchange.last_received = message["type"]
        if message["type"] not in _ENDS:
            exchange.events += 1
        else:
            # Frameworks look for a disconnect inside of a cancelled scope, where a checkpoint would lose the message;
            # but an app that does nothing except receive() has to let others run, or it could never be cancelled.
            self._receives_after_end += 1
            if self._receives_after_end % _YIELD_EVERY == 0:
                await self._tasks.checkpoint()
        return message

    async def _send(self, message: Message) -> None:
        exchange = self._exchange
        exchange.from_app(message)
        if exchange.disconnected:
            # Nothing waits for a client that has gone: without this, an app that only sends would never stop for us.
            await self._tasks.checkpoint()
        while exchange.app_must_wait:
            await self._senders.wait()
        if exchange.app_must_yield:
            await self._tasks.checkpoint()
