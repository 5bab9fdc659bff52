"""Why a client call gets no further: the waits on both sides, put together for whoever has to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from ..._protocol.advice import advice
from ..._protocol.exchange import Exchange
from ..._protocol.lifespan_exchange import LifespanExchange
from ..._protocol.steps import Move
from ...diagnosis import Diagnosis
from ..calls.app_call import AppCall
from ..calls.app_tasks import AppTask
from ..calls.python_end import left_behind
from ..clock.idle_time import Awaited
from ..clock.virtual_clock import VirtualClock
from ..inspection.holders import entered_by, name_of, waits_to_enter
from ..inspection.known_code import Meaning
from ..inspection.source_lines import line_of_test
from ..inspection.threads import describe_thread, runs_code_of_user, threads_that_may_move, workers_at_work

T = TypeVar("T")

_SLEEPS = 'The app sleeps, and the test waits as long in real time. With clock="virtual" that takes a millisecond.'

#: How many calls and tasks a text lists.
_AT_MOST = 50


def diagnose(
    move: Move,
    awaited: Awaited | None,
    running: Sequence[AppCall[Any]],
    tasks: Sequence[AppTask],
    outside: Sequence[str] = (),
    hint: str = "",
    *,
    time_is_real: bool = False,
) -> Diagnosis:
    """Who waits for what; called on the stack of the test that waits.

    Args:
        move: what it waits for.
        awaited: the call of the app that it waits for, or what else there is; None for nothing in particular.
        running: the calls of the app that are under way.
        tasks: the tasks of the app.
        outside: what may still change something; empty if nothing can.
        hint: what to advise where the exchanges give no reason of their own.
        time_is_real: whether the app has no virtual clock, so that the test waits as long as the app sleeps.
    """
    running = sorted(running, key=lambda call: call.number)
    tasks = sorted(tasks, key=lambda task: -1 if task.call is None else task.call.number)
    exchange = None if awaited is None else awaited.exchange
    busy = any(task.call is not None and task.call.exchange is exchange and _works(task) for task in tasks)
    asleep = any(task.call is not None and task.call.exchange is exchange and task.sleeps for task in tasks)
    exchanges = [call.exchange for call in running]
    return Diagnosis(
        move.waits_for,
        _waiting_line(),
        _listed(exchanges, exchange, "requests", repr),
        _listed(tasks, None, "tasks", str),
        outside,
        _advice(exchange, exchanges, busy, asleep=time_is_real and asleep) or hint,
        "" if exchange is None else exchange.request,
        threads=_listed(_jobs(outside), None, "threads", str),
        holders=_listed([*_holders(tasks)], None, "holders", str),
    )


def _advice(exchange: Exchange | None, exchanges: Sequence[Exchange], busy: bool, *, asleep: bool) -> str:
    """What the states of the exchanges say; of an app that sleeps as it starts, they say too little."""
    if asleep and isinstance(exchange, LifespanExchange):
        return _SLEEPS
    return advice(exchange, exchanges, busy) or (_SLEEPS if asleep else "")


def _holders(tasks: Sequence[AppTask]) -> Iterator[str]:
    """Who holds what a task waits for until it may enter."""
    held = [(thing, place, task) for task in tasks for thing, place in entered_by(task.coroutine)]
    for task in tasks:
        for wanted in waits_to_enter(task.coroutine):
            for thing, place, holder in held:
                if thing is wanted:
                    who = "itself" if holder is task else holder.title
                    where = f"in {place.function}, which stands at {place}: {place.source}"
                    yield f"the {name_of(thing)} for which {task.title} waits is held by {who}, {where}"


def _jobs(outside: Sequence[str]) -> list[str]:
    """The threads that do what tasks wait for, each with a line of the user's; but for those that are named as what may
    still move, and those of loops that are closed.
    """
    others = left_behind()
    jobs = [thread for thread in workers_at_work() if thread not in others and runs_code_of_user(thread)]
    return [words for words in map(describe_thread, jobs) if words not in outside]


def _listed(found: Sequence[T], first: T | None, what: str, show: Callable[[T], str]) -> list[str]:
    """So many of them as somebody reads, in words: of a thousand calls that wait, each would list a thousand.

    Args:
        first: the one that has to be among them; None for none.
    """
    if len(found) <= _AT_MOST:
        return [show(each) for each in found]
    shown = sorted(found, key=lambda each: each is not first)[:_AT_MOST]
    return [*(show(each) for each in shown), f"and {len(found) - len(shown):,} more {what}"]


def in_the_way(why_reachable: str) -> list[str]:
    """What there is to say where a call could not be proven dead, because somebody can reach what it waits for."""
    return [f"whoever can reach what it waits for: {why_reachable}"] if why_reachable else []


def threads_in_words(clock: VirtualClock | None) -> list[str]:
    """The threads that may still move, in words; and on a virtual clock, which they hold up, what to do about that."""
    threads = threads_that_may_move(() if clock is None else clock.quiet_threads)
    threads = [thread for thread in threads if not thread.waits_in_cache_of_trio()]
    words = [str(thread) for thread in threads]
    if threads and clock is not None:
        names = [thread.plain_name for thread in threads]
        words.append(
            f"(threads hold virtual time up, but for those that never call into the app: quiet_threads={names})"
        )

    return words


def _works(task: AppTask) -> bool:
    """Whether a task stands elsewhere than in `receive()`, and does not only wait for its children."""
    return not any(place.is_in(Meaning.RECEIVES, Meaning.WAITS_FOR_CHILDREN) for place in task.places)


def _waiting_line() -> str:
    place = line_of_test()
    return "" if place is None else place.in_words
