"""The clock that jumps, and how long a call may go on waiting."""

from __future__ import annotations

import pytest

from asgi_lockstep._drivers.clock import endless_body
from asgi_lockstep._drivers.clock import idle_time as clock
from asgi_lockstep._drivers.clock.idle_time import IdleTime
from asgi_lockstep._drivers.clock.virtual_clock import VirtualClock
from asgi_lockstep._protocol.websocket_exchange import WebSocketExchange
from drivers.awaiting import Awaiting, request
from helpers import body, start

LIMIT = 5.0


class Hands:
    """The hands of a clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """Real time passes as the test says."""
    made = Hands()
    monkeypatch.setattr(clock, "real_time", made)
    return made


def http(*, collect: bool = True, limit: float | None = LIMIT) -> Awaiting:
    """A request for `/` with a limit."""
    return request(limit, collect=collect)


def seen(idle: IdleTime) -> tuple[float | None, bool]:
    """How long it may go on, and whether it is over."""
    return idle.left, idle.over


def sends_for(hands: Hands, call: Awaiting, seconds: float, looks: int) -> list[tuple[float | None, bool]]:
    """What is seen while the app sends a piece before each look, and `seconds` pass between two."""
    idle = IdleTime(call)
    found = []
    for _ in range(looks):
        hands.now += seconds
        call.sends(body(b"x", more=True))
        idle.look()
        found.append(seen(idle))
    return found


# The virtual clock.


def test_a_virtual_clock_begins_at_nought_and_jumps() -> None:
    """Exactly to where it is told."""
    virtual = VirtualClock()
    times = [virtual.now]
    for moment in (0.1, 0.1 + 0.2, 3600.0):
        virtual.jump_to(moment)
        times.append(virtual.now)
    assert (times, repr(virtual)) == ([0.0, 0.1, 0.1 + 0.2, 3600.0], "<VirtualClock at 3600.0>")


def test_a_virtual_clock_never_goes_back() -> None:
    """A timer that is overdue fires now."""
    virtual = VirtualClock()
    virtual.jump_to(10.0)
    virtual.jump_to(9.0)
    assert virtual.now == 10.0


def test_who_listens_to_a_virtual_clock_is_told_how_far_it_has_jumped() -> None:
    """A jump to the past is none."""
    virtual = VirtualClock()
    virtual.jump_to(1.0)
    jumps: list[float] = []
    virtual.listen(jumps.append)
    for moment in (3.0, 2.0, 10.0):
        virtual.jump_to(moment)
    assert jumps == [2.0, 0.0, 7.0]


def test_who_listens_no_longer_to_a_virtual_clock_is_told_nothing() -> None:
    """The clock itself goes on."""
    virtual = VirtualClock()
    jumps: list[float] = []
    virtual.listen(jumps.append)
    virtual.jump_to(1.0)
    virtual.stop_listening()
    virtual.jump_to(2.0)
    assert (jumps, virtual.now) == ([1.0], 2.0)


# IdleTime time.


def test_idle_time_is_the_time_that_the_loop_has_waited() -> None:
    """It adds up, to the limit and not beyond."""
    idle = IdleTime(http())
    steps = [seen(idle)]
    for seconds in (2.0, 2.5, 0.5, 9.0):
        idle.waited(seconds)
        steps.append(seen(idle))
    assert steps == [(5.0, False), (3.0, False), (0.5, False), (0.0, True), (0.0, True)]


def test_time_that_the_app_works_is_no_idle_time(hands: Hands) -> None:
    """Nor is a debugger's prompt: nobody has said that the loop waited."""
    idle = IdleTime(http())
    hands.now += 3600
    idle.look()
    assert seen(idle) == (LIMIT, False)


def test_every_message_begins_the_idle_time_anew() -> None:
    """In whichever direction; what was waited before it is forgotten, and not what was waited since."""
    call = http(collect=False)
    idle = IdleTime(call)
    idle.waited(4.0)
    call.sends(start())
    idle.look()
    steps = [seen(idle)]
    idle.waited(4.0)
    call.events += 1  # the app has received something
    idle.waited(3.0)
    steps.append(seen(idle))
    assert steps == [(5.0, False), (2.0, False)]


def test_messages_of_before_do_not_count() -> None:
    """A call has the whole limit for itself."""
    call = http(collect=False)
    call.sends(start())
    idle = IdleTime(call)
    idle.waited(4.0)
    idle.look()
    assert seen(idle) == (1.0, False)


def test_without_a_limit_there_is_no_end() -> None:
    """However long the loop waits."""
    idle = IdleTime(http(limit=None))
    idle.waited(1e9)
    assert seen(idle) == (None, False)


def test_a_limit_that_is_changed_later_counts_for_the_next_call() -> None:
    """One call has one limit."""
    call = http()
    idle = IdleTime(call)
    call.limit = 1.0
    idle.waited(2.0)
    assert (seen(idle), seen(IdleTime(call))) == ((3.0, False), (1.0, False))


# Apps that never stop sending.


def test_an_app_that_sends_and_sends_to_a_client_that_collects_is_stopped(hands: Hands) -> None:
    """Such a response may have no end: the time in which it sends is limited too."""
    call = http()
    call.sends(start())
    assert sends_for(hands, call, 1.0, 6) == [(5.0, False)] * 4 + [(5.0, True)] * 2


def test_an_app_that_sends_to_a_client_that_reads_is_not_stopped(hands: Hands) -> None:
    """A stream may go on for ever."""
    call = http(collect=False)
    call.sends(start())
    assert sends_for(hands, call, 1.0, 6) == [(5.0, False)] * 6


def test_of_a_long_time_between_two_pieces_one_second_counts(hands: Hands) -> None:
    """Somebody sat at a debugger's prompt."""
    call = http()
    call.sends(start())
    assert sends_for(hands, call, 3600.0, 5) == [(5.0, False)] * 4 + [(5.0, True)]


def test_what_the_app_receives_before_its_response_is_no_sending(hands: Hands) -> None:
    """An upload takes as long as it takes."""
    call = http()
    idle = IdleTime(call)
    for _ in range(10):
        hands.now += 1.0
        call.events += 1
        idle.look()
    assert seen(idle) == (5.0, False)


def test_a_slow_sender_is_a_sender(hands: Hands) -> None:
    """The time between two pieces counts, however often is looked in it: such a response may have no end."""
    call = http()
    call.sends(start())
    idle = IdleTime(call)
    for _ in range(100):
        hands.now += 0.5
        idle.look()
    call.sends(body(b"x", more=True))
    idle.look()
    assert seen(idle) == (5.0, True)


def test_silence_is_no_sending(hands: Hands) -> None:
    """An app that has sent a piece and then nothing is idle, and not endless: the text says that nothing has come."""
    call = http()
    call.sends(start())
    idle = IdleTime(call)
    call.sends(body(b"x", more=True))
    idle.look()
    for _ in range(10):
        hands.now += 1.0
        idle.waited(1.0)
    assert (seen(idle), idle.endless) == ((0.0, True), False)


@pytest.mark.parametrize(("at_most", "over"), [(9, True), (10, False)])
def test_a_body_that_is_collected_has_a_greatest_size(
    monkeypatch: pytest.MonkeyPatch, at_most: int, over: bool
) -> None:
    """Before the memory is full."""
    monkeypatch.setattr(endless_body, "COLLECTED_AT_MOST", at_most)
    call = http()
    call.sends(start())
    idle = IdleTime(call)
    call.sends(body(b"0123456789", more=True))
    idle.look()
    assert seen(idle) == (5.0, over)


def test_without_a_limit_a_body_has_no_greatest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks to wait for ever gets it."""
    monkeypatch.setattr(endless_body, "COLLECTED_AT_MOST", 1)
    call = http(limit=None)
    call.sends(start())
    call.sends(body(b"0123456789"))
    assert seen(IdleTime(call)) == (None, False)


def test_a_websocket_has_idle_time_and_nothing_else(hands: Hands) -> None:
    """What it sends is held back by its reader."""
    call = Awaiting(WebSocketExchange({"type": "websocket", "path": "/"}), LIMIT)
    call.sends({"type": "websocket.accept"})
    idle = IdleTime(call)
    for _ in range(10):
        hands.now += 1.0
        call.sends({"type": "websocket.send", "text": "x"})
        idle.look()
    steps = [seen(idle)]
    idle.waited(LIMIT)
    steps.append(seen(idle))
    assert steps == [(5.0, False), (0.0, True)]
