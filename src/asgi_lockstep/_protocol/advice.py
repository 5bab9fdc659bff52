"""What to do about a call that gets no further, read from the states of the exchanges; the known shapes, in order."""

from __future__ import annotations

from collections.abc import Iterable

from .exchange import Exchange
from .http_exchange import HTTPExchange
from .lifespan_exchange import LifespanExchange
from .tables import LifespanState, WebSocketState
from .websocket_exchange import WebSocketExchange


def advice(awaited: object, running: Iterable[Exchange], busy: bool) -> str:
    """One sentence or two for whoever has to mend it, `""` if the shape is not a known one.

    Args:
        awaited: the exchange that the test waits for, if it is one.
        running: every exchange whose app call has not ended.
        busy: whether a task of the awaited exchange waits for something else than a message, which is its own reason.
    """
    if isinstance(awaited, HTTPExchange):
        known = _of_request(awaited, busy)
    elif isinstance(awaited, WebSocketExchange):
        known = "" if busy and awaited.answered else _of_websocket(awaited)
    elif isinstance(awaited, LifespanExchange):
        known = _of_lifespan(awaited)
    else:
        known = ""
    return known or _held_back(awaited, running)


def receives(exchange: Exchange) -> bool:
    """Whether a task of the app waits in `receive()`."""
    return exchange.observer.receivers is not None and exchange.observer.receivers.waiting > 0


def sends(exchange: Exchange) -> bool:
    """Whether a task of the app waits in `send()`."""
    return exchange.observer.senders is not None and exchange.observer.senders.waiting > 0


def _of_request(exchange: HTTPExchange, busy: bool) -> str:
    if exchange.complete:
        return (
            "The response is complete, and the request waits for what the app does behind it: with "
            'background="detach" it returns at the last byte.'
        )
    if exchange.collect and exchange.chunks_sent:
        return (
            f"The response has begun ({exchange.status}, {exchange.chunks_sent} chunks), and a plain request waits for "
            "its end: read a response without an end with client.stream()."
        )
    if busy:
        return ""
    if not receives(exchange):
        return ""
    if exchange.by_hand and not exchange.upload_done:
        return (
            "The app waits in receive() for the next piece of the request body: the test has to call "
            "exchange.send(chunk) or exchange.end() before it can wait for an answer."
        )
    return (
        "The app has read the whole request and waits in receive() for http.disconnect, which comes when the client "
        "goes away; and the client waits for the response. Send the rest of the response without waiting, or, in the "
        "test, use client.stream() and leave its block."
    )


def _of_websocket(exchange: WebSocketExchange) -> str:
    if exchange.state is WebSocketState.DENYING:
        return (
            "The denial response has no end: the app has to send websocket.http.response.body with more_body=False "
            "last."
        )
    if exchange.state is WebSocketState.CONNECTING:
        return (
            "The app has to answer the handshake: await websocket.accept or websocket.close on every path through it."
        )
    if receives(exchange):
        return (
            "Both sides receive: the app waits for a message of the test, and the test for one of the app. Send "
            "something first, or leave the block to close the websocket."
        )
    return ""


def _of_lifespan(exchange: LifespanExchange) -> str:
    phase = "startup" if exchange.state is LifespanState.STARTING else "shutdown"
    return (
        f'The app has to send "lifespan.{phase}.complete" (or "lifespan.{phase}.failed") when it has received '
        f'"lifespan.{phase}": where a framework does that, its function for the lifespan has to come to its '
        f"{'yield' if phase == 'startup' else 'end'}."
    )


def _held_back(awaited: object, running: Iterable[Exchange]) -> str:
    """Another app call may hold what this one waits for, and go on only when the test does."""
    held = [exchange.request for exchange in running if exchange is not awaited and sends(exchange)]
    if not held:
        return ""
    names, it = " and ".join(held), "them" if len(held) > 1 else "it"
    return (
        f"The app stands in send() of {names} until the test reads on: what it holds there (a lock, a connection of a "
        f"pool) nobody else can get. Read {it} to the end, or leave {it}, before this call."
    )
