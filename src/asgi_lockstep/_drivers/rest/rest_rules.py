"""What a rest of an event loop means: what counts as blocked, and the three rules, for every runner.

A loop rests when no task of it is ready to run. The rules, in order, at each rest:

1. The client has its answer (or only wanted the app to rest): the call returns.
2. A timer or a file is pending: a real clock waits for it. A virtual clock jumps to the timer if nothing outside of the
   loop can come before it (`jump_or_wait`); else it stands still until that has ended.
3. Nothing is pending: if no other thread can move either, nobody ever will (`proofs.py`), which is a `Deadlock`.
   Otherwise, and where a signal may come for which there is a handler, the call waits.

While it waits, by the second or the third rule, it asks now and then whether anything at all can still reach what it
waits for. If not, it is a `Deadlock`, too, however much else goes on in the app.

A call that has a limit of idle time waits no longer than that. One that has patience instead (a grace for an app whose
client has gone) waits for jobs, for files, and for timers that fire before it is over; then it returns. `Turn` carries
the rules out for a loop that we turn, and `watch.py` for a loop of somebody else.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ..calls.contract import PASSES_AFTER_ANSWER, Outcome
from ..clock.idle_time import IdleTime
from ..clock.real_time import real_time
from ..clock.virtual_clock import VirtualClock
from ..inspection.threads import PAUSE, busy_workers, other_threads
from .proofs import LOOK_AGAIN, Looks, Question, Stall, World


def jump_or_wait(clock: VirtualClock, left: float, sockets: bool, world: World, stall: Stall) -> float:
    """The second rule for a virtual clock: how long the loop may sleep, in seconds; 0 if time has jumped.

    Args:
        clock: the clock of the loop; it is set to the exact time of the next timer.
        left: how long it may sleep at most, in seconds; `math.inf` for as long as it takes.
        sockets: whether the loop waits for a file of the app.
        world: what is around the loop.
        stall: says how long to wait for the next look.
    """
    if sockets:
        return left
    held = stall.held_for(world, clock.quiet_threads)
    if held > 0:
        return min(left, held)  # a call of theirs wakes the loop; an end without one is seen at the next look
    if world.nothing_ready():  # what a thread has called before it was looked for comes first
        stall.begin_again()
        clock.jump_to(world.next_due())
    return 0


class Turn:
    """One turn of a runner.

    Args:
        until: the condition to turn for; asked at each rest.
        patience: in seconds, as `Move` has it; None for a turn that waits for its condition.
        idle: how long the loop may wait; None for as long as it takes.
        clock: the clock of the loop, if it is a virtual one.
    """

    __slots__ = (
        "_clock",
        "_deadline",
        "_looks",
        "_passes",
        "_question",
        "_stall",
        "_until",
        "_virtual_deadline",
        "idle",
        "outcome",
    )

    def __init__(
        self, until: Callable[[], bool], patience: float | None, idle: IdleTime | None, clock: VirtualClock | None
    ) -> None:
        self._until = until
        self.idle = idle
        self.outcome: Outcome | None = None
        self._deadline = None if patience is None else real_time() + patience
        self._clock = clock
        #: Until when patience lasts by the virtual clock.
        self._virtual_deadline = 0.0 if patience is None or clock is None else clock.now + patience
        # Made when they are needed: nearly every turn ends with its first rest.
        self._stall: Stall | None = None
        self._looks: Looks | None = None
        self._question: Question | None = None
        self._passes = 0

    def met(self) -> bool:
        """The first rule, asked at each rest: whether the client has its answer; then the turn is over.

        A method of its own, because nearly every turn ends with its first rest, for which nothing else has to be asked:
        the beginning of a rest, whose other rules are `at_rest()`. `tests/drivers/rest/test_rest_rules.py` asks both.
        """
        if self.outcome is None and self._until():
            self.outcome = Outcome.MET
        return self.outcome is not None

    def at_rest(self, next_timer: float, sockets: bool, moved: bool, world: World) -> float:
        """The other rules, where the first does not hold: how long the loop may sleep, in seconds.

        `math.inf` says for as long as it takes, 0 that the turn is over.

        Args:
            next_timer: after how many seconds the next timer is due; `math.inf` if there is none.
            sockets: whether the loop waits for a file of the app.
            moved: whether a task has run since the last rest.
        """
        self._passes = 0
        if self._stall is None:
            self._stall = Stall()
        elif moved:
            self._stall.begin_again()
        if self.idle is not None and self.idle.over:
            return self.end(Outcome.TIMED_OUT)
        if self._deadline is not None:
            return self._at_patient_rest(self._deadline - real_time(), next_timer, sockets, moved, world)
        left = math.inf if self.idle is None or self.idle.left is None else self.idle.left
        if next_timer < math.inf and self._clock is not None:
            if self.idle is not None:
                self.idle.look()  # an app that ticks goes on jumping for ever, and never waits
            return self._ask(jump_or_wait(self._clock, left, sockets, world, self._stall), world)
        if next_timer < math.inf or sockets:
            return self._ask(min(next_timer, left), world)
        wait = self._stall.look(() if self._clock is None else self._clock.quiet_threads)
        if wait is None:
            return self.end(Outcome.STALLED)
        return self._ask(min(wait, left), world)

    def _ask(self, wait: float, world: World) -> float:
        """How long the loop may sleep, at most `wait`; asks whether anything can reach what the call waits for."""
        if self.idle is None:
            return wait
        if self._question is None:
            self._question = Question()
        due = self._question.due_in(self.idle.used)
        if due > 0:
            return min(wait, due)
        if self._question.nobody_can(self.idle, world):
            return self.end(Outcome.UNREACHABLE)
        return min(wait, self._question.due_in(self.idle.used))

    def _at_patient_rest(self, left: float, next_timer: float, sockets: bool, moved: bool, world: World) -> float:
        """How long the loop may sleep where the call has patience: for what ends before that is over.

        Args:
            left: what is left of the patience, in seconds.
        """
        if left <= 0:
            return self.end(Outcome.RESTED)
        if next_timer < math.inf and self._clock is None and next_timer <= left:
            return next_timer
        if next_timer < math.inf and self._clock is not None and next_timer <= self._virtual_deadline - self._clock.now:
            assert self._stall is not None
            return jump_or_wait(self._clock, left, sockets, world, self._stall)
        if sockets:
            return left
        if self._looks is None or moved:
            self._looks = Looks()
        if busy_workers() or world.has_jobs_outside():
            self._looks.begin_again()
            return min(left, LOOK_AGAIN)
        if not self._looks.enough():
            return PAUSE if other_threads() else 0
        return self.end(Outcome.RESTED)

    def passed(self, passes: int) -> None:
        """Count the passes: an app that spins never rests, and still the turn has to end.

        Args:
            passes: how many more there were.
        """
        if self.outcome is not None:
            return
        has_answer = self._until()
        if has_answer or self._deadline is not None:
            self._passes += passes
            if self._passes > PASSES_AFTER_ANSWER:
                self.end(Outcome.MET if has_answer else Outcome.RESTED)
        elif self.idle is not None:
            self.idle.look(passes)
            if self.idle.over:
                self.end(Outcome.TIMED_OUT)

    def has_answer(self) -> bool:
        """Whether the condition holds."""
        return self._until()

    @property
    def over(self) -> bool:
        """Whether the turn is over."""
        return self.outcome is not None

    def end(self, outcome: Outcome) -> float:
        """End the turn; the 0 is for `at_rest()`, as the loop need not sleep any more."""
        self.outcome = outcome
        return 0
