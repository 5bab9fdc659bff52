"""What the exchanges of all protocols have in common: the table, the app's end, and who is told about changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from asgi_lockstep._protocol.checks import allowed_types
from asgi_lockstep._protocol.exchange import Exchange
from asgi_lockstep._protocol.rule_book import RuleBook, verdicts_of
from asgi_lockstep._protocol.tables import HTTP, LIFESPAN, WEBSOCKET, HTTPState, State, Table
from asgi_lockstep._types import Message
from protocol import exchanges
from protocol.exchanges import DENIAL, EXTENSIONS, Listening, Watching, counting, lifespan, refusal, said, websocket
from protocol.messages import MESSAGES

#: What no app may ever send on any scope: what only servers send, what is not supported, and what does not exist.
NEVER: Mapping[str, Message] = {
    message_type: {"type": message_type}
    for message_type in ("http.request", "websocket.receive", "lifespan.startup", "hello", "")
}

Make = Callable[[], Exchange]


def http() -> Exchange:
    """An HTTP exchange that offers every extension."""
    return exchanges.http(b"", extensions=EXTENSIONS)


PROTOCOLS: list[tuple[Make, Table]] = [(http, HTTP), (websocket, WEBSOCKET), (lifespan, LIFESPAN)]

ALLOWED = [
    pytest.param(make, state, event, after, id=f"{make.__name__}-{state.name}-{event}")
    for make, table in PROTOCOLS
    for state, row in table.items()
    for event, after in row.items()
]

REFUSED = [
    pytest.param(
        make,
        state,
        message,
        allowed_types(table, state, {*EXTENSIONS, DENIAL}),
        id=f"{make.__name__}-{state.name}-{event}",
    )
    for make, table in PROTOCOLS
    for state, row in table.items()
    for event, message in {**MESSAGES, **NEVER}.items()
    if event not in row
]


def at(make: Make, state: State) -> tuple[Exchange, list[str]]:
    """An exchange that stands in `state`, and the list of what it tells its listeners from now on."""
    exchange = make()
    exchange.state = state
    return exchange, counting(exchange)


@pytest.mark.parametrize(("make", "state", "event", "after"), ALLOWED)
def test_an_allowed_message_leads_to_the_state_of_the_table(make: Make, state: State, event: str, after: State) -> None:
    """What a row of the table has may be sent there and leads where the row says; a new state is told to all."""
    exchange, told = at(make, state)
    exchange.rule_book = RuleBook(verdicts_of("off"))  # the order is the table's; rules of their own say more
    exchange.from_app(MESSAGES[event])
    assert (exchange.state, told) == (after, ["client"] if after is state else ["client", "receive", "send"])


@pytest.mark.parametrize(("make", "state", "message", "allowed"), REFUSED)
def test_any_other_message_is_refused_and_changes_nothing(
    make: Make, state: State, message: Message, allowed: tuple[str, ...]
) -> None:
    """asgi.rst, Error Handling: servers raise out of `send()`; the text names the state and what may be sent."""
    exchange, told = at(make, state)
    error = refusal(exchange, message)
    may = " or ".join(f'"{name}"' for name in allowed) or "nothing more"
    assert said(error).endswith(f" The app broke ASGI in {exchange.request} ({state.value}): it may send {may} now.")
    assert (error.message_type, error.request, error.state, error.allowed) == (
        message["type"],
        exchange.request,
        state.value,
        allowed,
    )
    assert (exchange.state, told) == (state, [])


@pytest.mark.parametrize(("make", "table"), PROTOCOLS, ids=["http", "websocket", "lifespan"])
def test_a_message_of_another_protocol_is_refused_in_words_about_the_scope(make: Make, table: Table) -> None:
    """asgi.rst, Protocol Specifications: an app has to look at the type of its scope."""
    exchange = make()
    own = {event.split(" ")[0] for row in table.values() for event in row}
    foreign = [message for message in MESSAGES.values() if message["type"] not in own]
    sentences = [said(refusal(exchange, message)).partition(" The app broke ")[0] for message in foreign]
    kind = exchange.scope["type"]
    assert sentences == [
        f'Received "{message["type"]}" on a {kind} scope: look at scope["type"] first.' for message in foreign
    ]


@pytest.mark.parametrize("event", [event for event in MESSAGES if " " in event])
def test_the_name_of_an_event_is_not_a_type_of_message(event: str) -> None:
    """The word that tells two events of one type apart is ours, and unknown to the specification."""
    make, table = next((make, table) for make, table in PROTOCOLS if any(event in row for row in table.values()))
    exchange, _ = at(make, next(state for state, row in table.items() if event in row))
    assert refusal(exchange, {**MESSAGES[event], "type": event}).message_type == event


@pytest.mark.parametrize(
    "message", [None, 5, [], {}, {"type": None}, {"type": b"http.response.start"}, {"Type": "http.response.start"}]
)
def test_what_is_no_message_is_refused_in_words_that_show_it(message: Message) -> None:
    """asgi.rst, Events: each event is a dict with a top-level `type` key, a Unicode string."""
    exchange = http()
    assert said(refusal(exchange, message)) == (
        f"send() was given {message!r}, which is not a message with a type. The app broke ASGI in GET /items "
        '(no response yet): it may send "http.response.early_hint" or "http.response.push" or "http.response.debug" or '
        '"http.response.start" now.'
    )
    assert exchange.state is HTTPState.REQUESTED


@pytest.mark.parametrize("event", MESSAGES)
def test_keys_that_nobody_knows_do_not_matter(event: str) -> None:
    """asgi.rst, Error Handling: additional keys in an event must not raise."""
    make, table = next((make, table) for make, table in PROTOCOLS if any(event in row for row in table.values()))
    state = next(state for state, row in table.items() if event in row)
    exchange, _ = at(make, state)
    exchange.from_app({**MESSAGES[event], "x-unknown": object()})
    assert exchange.state is table[state][event]


def test_an_exchange_begins_with_an_app_that_runs() -> None:
    """Until somebody says how the app ended, it runs, and nothing keeps its `send()` waiting."""
    exchange = Exchange({"type": "other"}, HTTP, HTTPState.REQUESTED)
    assert (exchange.app_end, exchange.ended, exchange.exception, exchange.disconnected) == (
        "running",
        False,
        None,
        False,
    )
    assert exchange.app_must_wait is False
    assert exchange.request == "other"


def test_the_end_of_the_app_is_told_once_it_can_be_read() -> None:
    """An app that returned has ended; whoever waits is woken after that."""
    exchange, told = at(http, HTTPState.REQUESTED)
    exchange.observe(Watching(Listening(lambda: told.append(f"client {exchange.app_end}"))))
    exchange.app_returned()
    assert (exchange.app_end, exchange.ended, exchange.exception) == ("returned", True, None)
    assert told == ["client returned"]


def test_an_app_that_raised_leaves_its_exception() -> None:
    """What the app raised is kept, whatever becomes of it."""
    exchange, told = at(http, HTTPState.REQUESTED)
    error = KeyError("x")
    exchange.app_raised(error)
    assert (exchange.app_end, exchange.ended, exchange.exception) == ("raised", True, error)
    assert told == ["client"]


def test_an_app_that_complied_with_its_cancellation_leaves_no_exception() -> None:
    """Being cancelled by us is no failure of the app."""
    exchange, told = at(http, HTTPState.REQUESTED)
    exchange.app_cancelled()
    assert (exchange.app_end, exchange.ended, exchange.exception) == ("cancelled", True, None)
    assert told == ["client"]


def test_an_app_that_runs_is_shown_with_where_it_stands_in_asgi() -> None:
    """As its observer knows it; without one, nothing is known."""
    exchange = http()
    before, watching = exchange.app_words, Watching()
    watching.app_waits = " in receive()"
    exchange.observe(watching)
    assert (before, exchange.app_words) == ("app running", "app running in receive()")


def test_an_app_is_cancelled_once() -> None:
    """A second time would cancel its clean-up; the first counts for how it ended."""
    exchange, told = at(http, HTTPState.REQUESTED)
    for had_grace in (True, False):
        exchange.end_app(had_grace)
    assert (told, exchange.was_ended, exchange.had_grace) == (["cancel"], True, True)


@pytest.mark.parametrize(
    ("gone", "was_ended", "had_grace", "words"),
    [
        (False, False, False, "app cancelled"),
        (True, False, False, "app cancelled by itself after its client had gone"),
        (False, True, False, "app cancelled at once"),
        (False, True, True, "app cancelled after its grace"),
        (True, True, False, "app cancelled at once, its client had gone"),
        (True, True, True, "app cancelled after its grace, its client had gone"),
    ],
)
def test_an_app_that_was_cancelled_is_shown_with_who_did_it(
    gone: bool, was_ended: bool, had_grace: bool, words: str
) -> None:
    """We did, with a grace or without; or else it did so itself."""
    exchange = http()
    exchange.disconnected, exchange.was_ended, exchange.had_grace = gone, was_ended, had_grace
    exchange.app_cancelled()
    assert exchange.app_words == words


@pytest.mark.parametrize(
    ("gone", "words"), [(False, "app returned"), (True, "app returned by itself after its client had gone")]
)
def test_an_app_that_returned_is_shown_with_when(gone: bool, words: str) -> None:
    """Before its client went, or after."""
    exchange = http()
    exchange.disconnected = gone
    exchange.app_returned()
    assert exchange.app_words == words


def test_an_exchange_that_nobody_listens_to_works() -> None:
    """The floor above may set its listeners, and does not have to."""
    exchange = http()
    exchange.end_app(had_grace=False)
    exchange.app_cancelled()
    assert (exchange.app_end, exchange.was_ended) == ("cancelled", True)


def test_the_messages_are_the_business_of_each_protocol() -> None:
    """The base knows no message."""
    exchange = Exchange({"type": "other"}, HTTP, HTTPState.REQUESTED)
    with pytest.raises(NotImplementedError):
        exchange.to_app()
    with pytest.raises(NotImplementedError):
        exchange.from_app(MESSAGES["http.response.start"])
    assert exchange.state is HTTPState.REQUESTED
