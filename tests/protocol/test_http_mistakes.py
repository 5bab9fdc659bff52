"""What an app may not send as its response, in today's words where there are some; sends without a client."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_lockstep._protocol.exchange import ClientDisconnected
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._protocol.tables import HTTPState
from asgi_lockstep._types import Message
from helpers import body, start
from protocol.exchanges import counting, http, refusal, said

TRAILERS = {"type": "http.response.trailers"}


def response(exchange: HTTPExchange) -> dict[str, object]:
    """Everything that a client sees of the response."""
    names = ("state", "status", "headers", "trailers", "debug", "declared_trailers", "has_chunk", "bytes_read")
    return {name: getattr(exchange, name) for name in names}


BODY_NEXT = '(response started): it may send "http.response.debug" or "http.response.body" now.'
TRAILERS_NEXT = '(body complete, trailers outstanding): it may send "http.response.trailers" now.'
START_NEXT = '(no response yet): it may send "http.response.debug" or "http.response.start" now.'
NOTHING_NEXT = "(response complete): it may send nothing more now."


@pytest.mark.parametrize(
    ("sent", "message", "sentence", "rest"),
    [
        pytest.param(
            [start()], start(), 'Received multiple "http.response.start" messages.', BODY_NEXT, id="two-starts"
        ),
        pytest.param(
            [start(), body()],
            start(),
            'Received multiple "http.response.start" messages.',
            NOTHING_NEXT,
            id="start-after-complete",
        ),
        pytest.param(
            [], body(b"x"), 'Received "http.response.body" without "http.response.start".', START_NEXT, id="body-first"
        ),
        pytest.param(
            [start(), body()],
            body(b"x"),
            'Received "http.response.body" after response completed.',
            NOTHING_NEXT,
            id="body-after-complete",
        ),
        pytest.param(
            [start(trailers=True), body(), TRAILERS],
            body(b"x"),
            'Received "http.response.body" after response completed.',
            NOTHING_NEXT,
            id="body-after-trailers",
        ),
        pytest.param(
            [start(trailers=True), body()],
            body(b"x"),
            'Received "http.response.body" after body completed.',
            TRAILERS_NEXT,
            id="body-before-trailers",
        ),
        pytest.param(
            [start(), body(b"x", more=True)],
            TRAILERS,
            'Received "http.response.trailers" without declaring trailers.',
            BODY_NEXT,
            id="trailers-not-declared",
        ),
        pytest.param(
            [start(), body()],
            TRAILERS,
            'Received "http.response.trailers" without declaring trailers.',
            NOTHING_NEXT,
            id="trailers-not-declared-after-complete",
        ),
        pytest.param(
            [],
            TRAILERS,
            'Received "http.response.trailers" without declaring trailers.',
            START_NEXT,
            id="trailers-first",
        ),
        pytest.param(
            [start(trailers=True), body(more=True)],
            TRAILERS,
            'Received "http.response.trailers" before body completed.',
            BODY_NEXT.replace("response started", "response with trailers started"),
            id="trailers-in-the-body",
        ),
        pytest.param(
            [start(trailers=True), body(), TRAILERS],
            TRAILERS,
            'Received "http.response.trailers" after response completed.',
            NOTHING_NEXT,
            id="trailers-after-complete",
        ),
        pytest.param(
            [start()],
            {"type": "http.request"},
            'Received "http.request", a type of message that no app can send.',
            BODY_NEXT,
            id="no-words-of-old",
        ),
        pytest.param(
            [start()],
            {"type": "http.response.push", "path": "/"},
            'Received "http.response.push", but scope["extensions"] does not offer it.',
            BODY_NEXT,
            id="not-offered",
        ),
    ],
)
def test_a_mistake_in_the_order_has_todays_words(
    sent: list[Message], message: Message, sentence: str, rest: str
) -> None:
    """Suites written for starlette match on the sentence; where and what instead come after it."""
    assert said(refusal(http(b"", *sent), message)) == f"{sentence} The app broke ASGI in GET /items {rest}"


BYTES = "bytes"
PAIR = "must be two byte strings"

#: What was sent before, the message, and the sentence about it.
MISTAKES: list[Any] = [
    pytest.param([], {"type": "http.response.start"}, 'The "status" of "{}" is None, and must be int.', id="no-status"),
    pytest.param([], start("200"), 'The "status" of "{}" is \'200\', and must be int.', id="status-str"),  # type: ignore[arg-type]
    pytest.param([], start(True), 'The "status" of "{}" is True, and must be int.', id="status-bool"),
    pytest.param([], start(200, ("a", "b")), f"A header of \"{{}}\" is ('a', 'b'), and {PAIR}.", id="header-str"),  # type: ignore[arg-type]
    pytest.param([], start(200, (b"a", None)), f"A header of \"{{}}\" is (b'a', None), and {PAIR}.", id="header-none"),  # type: ignore[arg-type]
    pytest.param([], start(200, (b"a",)), f"A header of \"{{}}\" is (b'a',), and {PAIR}.", id="header-single"),  # type: ignore[arg-type]
    pytest.param([], start(200, 5), f'A header of "{{}}" is 5, and {PAIR}.', id="header-int"),  # type: ignore[arg-type]
    pytest.param(
        [],
        {"type": "http.response.start", "status": 200, "headers": {b"x-a": b"1"}},
        f"A header of \"{{}}\" is b'x-a', and {PAIR}.",
        id="headers-dict",
    ),
    pytest.param([start()], body("x"), f'The "body" of "{{}}" is \'x\', and must be {BYTES}.', id="body-str"),  # type: ignore[arg-type]
    pytest.param([start()], body(3), f'The "body" of "{{}}" is 3, and must be {BYTES}.', id="body-int"),  # type: ignore[arg-type]
    pytest.param([start()], body(None), f'The "body" of "{{}}" is None, and must be {BYTES}.', id="body-none"),  # type: ignore[arg-type]
    pytest.param(
        [start(trailers=True), body()],
        {**TRAILERS, "headers": [(b"good", b"1"), ("x", "y")]},
        f"A header of \"{{}}\" is ('x', 'y'), and {PAIR}.",
        id="trailer-str",
    ),
    pytest.param(
        [], {"type": "http.response.debug"}, 'The "info" of "{}" is None, and must be dict.', id="debug-without-info"
    ),
]


@pytest.mark.parametrize(("sent", "message", "sentence"), MISTAKES)
def test_content_of_the_wrong_kind_is_refused(sent: list[Message], message: Message, sentence: str) -> None:
    """asgi.rst, Strings and Unicode: a byte string is `bytes`, and nothing is converted; the text shows the value."""
    text = said(refusal(http(b"", *sent), message))
    assert text.partition(" The app broke ")[0] == sentence.format(message["type"])


@pytest.mark.parametrize(("sent", "message", "sentence"), MISTAKES)
def test_a_refused_message_has_not_been_sent(sent: list[Message], message: Message, sentence: str) -> None:
    """Nothing of it is left: an app that handles the error can send the right message instead."""
    exchange = http(b"", *sent)
    before = response(exchange)
    told = counting(exchange)
    refusal(exchange, message)
    assert (response(exchange), told) == (before, [])


@pytest.mark.parametrize("headers", [5, object], ids=["int", "class"])
def test_headers_that_cannot_be_iterated_are_refused(headers: Any) -> None:
    """www.rst, Response Start: `headers` is an iterable; anything else is the app's mistake, and says so."""
    exchange = http(b"")
    error = refusal(exchange, {"type": "http.response.start", "status": 200, "headers": headers})
    assert str(error).startswith(f'The "headers" of "http.response.start" are {headers!r}, and must be pairs. ')
    assert (exchange.state, exchange.status) == (HTTPState.REQUESTED, 0)


@pytest.mark.parametrize(
    ("sent", "message", "rest"),
    [
        ([], start("200"), START_NEXT),  # type: ignore[arg-type]
        ([start()], body("x"), BODY_NEXT),  # type: ignore[arg-type]
        ([start(trailers=True), body()], {**TRAILERS, "headers": [5]}, TRAILERS_NEXT),
    ],
    ids=["start", "body", "trailers"],
)
def test_a_refusal_names_the_state_in_which_the_message_was_sent(
    sent: list[Message], message: Message, rest: str
) -> None:
    """The response stands where it stood, and what may be sent now is the same message with the right content."""
    assert said(refusal(http(b"", *sent), message)).partition(" The app broke ASGI in GET /items ")[2] == rest


@pytest.mark.parametrize("spec_version", [None, "2.0", "2.3"])
@pytest.mark.parametrize("message", [start(), body(b"x"), {"type": "unknown"}], ids=["start", "body", "unknown"])
def test_a_send_after_the_client_has_gone_does_nothing(spec_version: str | None, message: Message) -> None:
    """asgi.rst, Error Handling: where no error is specified, messages on a closed connection are no error."""
    exchange = http(b"", start(), spec_version=spec_version)
    exchange.disconnect()
    before = response(exchange)
    exchange.from_app(message)
    assert response(exchange) == before


@pytest.mark.parametrize("strange", ["new", "", 2.4, None], ids=repr)
def test_a_version_that_is_none_is_the_first_one(strange: Any) -> None:
    """A middleware may have written anything there; `send()` does not fail by that."""
    exchange = http(b"", start())
    exchange.scope["asgi"]["spec_version"] = strange
    exchange.disconnect()
    exchange.from_app(body(b"x"))
    del exchange.scope["asgi"]
    exchange.from_app(body(b"x"))


@pytest.mark.parametrize("spec_version", ["2.4", "2.10", "3.0"])
def test_a_send_after_the_client_has_gone_raises_where_the_version_says_so(spec_version: str) -> None:
    """www.rst, Disconnected Client: since 2.4 `send()` raises a subclass of OSError."""
    exchange = http(b"", start(), spec_version=spec_version)
    exchange.disconnect()
    with pytest.raises(OSError, match=r"^the client of GET /items has disconnected$") as caught:
        exchange.from_app(body(b"x"))
    assert type(caught.value) is ClientDisconnected


def test_a_send_after_a_complete_response_is_a_mistake_with_a_client_or_without() -> None:
    """That the client has gone since does not make the message right."""
    exchange = http(b"", start(), body())
    exchange.disconnect()
    assert said(refusal(exchange, body())).startswith('Received "http.response.body" after response completed. ')
