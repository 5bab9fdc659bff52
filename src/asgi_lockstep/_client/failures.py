"""What to raise for an exchange whose app has failed, or whose client has gone."""

from __future__ import annotations

from .._drivers.calls.interrupts import interrupt_behind, interrupt_in
from .._protocol.exchange import Exchange
from .._protocol.http_exchange import HTTPExchange
from .._protocol.tables import HTTPState
from ..errors import IncompleteResponse, NoResponse, ProtocolViolation
from .network_errors import ResponseRefused, TruncatedResponse, cut_off
from .options import ExchangeOptions
from .websocket_errors import is_expected_end


def raises(exchange: Exchange, options: ExchangeOptions) -> bool:
    """Whether what the app raised is raised in the test; what is to end the whole run always is."""
    return options.raise_server_exceptions or _interrupt(exchange.exception) is not None


def _interrupt(exception: BaseException | None) -> BaseException | None:
    return None if exception is None else interrupt_in(exception) or interrupt_behind(exception)


def app_failure(exchange: Exchange, options: ExchangeOptions) -> BaseException | None:
    """What the app raised, if that is a failure, and not the end that its client has brought about; None if not."""
    exception = exchange.exception
    if exception is None or is_expected_end(exception, exchange):
        return None
    options.lifespan.app_failed(exchange.request, exception)
    return _interrupt(exception) or exception


def head_failure(exchange: HTTPExchange, options: ExchangeOptions) -> BaseException | None:
    """What to raise instead of a response, if the app has ended (or the client gone) before one was started."""
    if exchange.refusal is not None:
        return _refused(exchange.refusal, exchange, options)
    if exchange.state is not HTTPState.REQUESTED:
        return None
    failure = app_failure(exchange, options)
    if raises(exchange, options):
        if failure is not None:
            return failure
        if not exchange.left_early:
            return NoResponse(request=exchange.request, cancelled=exchange.app_end == "cancelled")
    return cut_off(exchange, b"") if exchange.left_early else None


def _refused(refusal: ProtocolViolation, exchange: HTTPExchange, options: ExchangeOptions) -> BaseException:
    """What to raise for a response that no client of a server would get, although its app was not told."""
    return refusal if raises(exchange, options) else ResponseRefused(refusal)


def body_failure(exchange: HTTPExchange, options: ExchangeOptions, received: bytes) -> BaseException | None:
    """What to raise at the end of the body, if the app has failed or cut it short, or the client has gone."""
    raising = raises(exchange, options)
    if exchange.exception is not None:
        if exchange.detached_failure:
            return None  # settle() and the end of the client raise it
        failure = app_failure(exchange, options)
        if raising and failure is not None:
            return failure
    if exchange.left_early:
        return cut_off(exchange, received)
    if exchange.refusal is not None:
        return _refused(exchange.refusal, exchange, options)
    if exchange.is_delivered:
        return None
    # Trailers that never came are no reason: the body is all there, and no client insists on them.
    if exchange.state not in (HTTPState.STARTED, HTTPState.STARTED_TRAILERS):
        return None
    cut = IncompleteResponse(
        request=exchange.request, state=exchange.state.value, status=exchange.status, received=received
    )
    if raising:
        return cut
    error = TruncatedResponse(cut)
    error.__cause__ = exchange.exception
    return error
