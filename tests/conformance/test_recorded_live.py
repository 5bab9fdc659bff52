"""A sample of the cases under each server that is installed: what is recorded is what they do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from conformance.cases import BY_NAME
from conformance.consensus import recorded
from conformance.recorder import NotStarted, Recorder
from conformance.stacks import STACKS, Stack

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the servers are ended by signals")

#: No server needs a limit to answer one of these: all of them answer, and their apps end.
SAMPLE = (
    "length.right",
    "length.long",
    "status.418",
    "header.value-leading-blank",
    "order.double-start-recovers",
    "bodiless.304-with-body",
    "headers.order",
    "body.many",
    "target.escaped-percent",
    "field.duplicates",
    "upload.echo",
    "accept.subprotocol",
    "end.client-3001",
    "receive.fragments",
    "refuse.close",
    "close.999",
)


#: A limit that no load of the machine reaches, in seconds.
FAR_OFF = 30

INSTALLED = [name for name, stack in STACKS.items() if stack.installed]


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Recorder]]:
    """The recorder of a stack: one for all cases of the sample, in whatever order they come."""
    with ExitStack() as stack:

        @cache
        def started(name: str) -> Recorder:
            folder = tmp_path_factory.mktemp(name)
            return stack.enter_context(Recorder(STACKS[name], folder, FAR_OFF, FAR_OFF))

        yield started


@pytest.mark.parametrize("stack", INSTALLED)
@pytest.mark.parametrize("name", SAMPLE)
def test_a_server_does_what_is_recorded(recorder: Callable[[str], Recorder], stack: str, name: str) -> None:
    """If not, it has changed: run `make conformance-record`, and look at what differs."""
    assert recorder(stack).outcome(BY_NAME[name]) == recorded()[stack][name]


def test_a_server_that_does_not_start_says_how_to_see_why(tmp_path: Path) -> None:
    """What it wrote is not kept, so the command is."""
    stack = Stack("no_such_server --port {port}", ("h11",))
    with Recorder(stack, tmp_path) as recorder, pytest.raises(NotStarted) as caught:
        recorder.outcome(BY_NAME["length.right"])
    assert caught.value.args == (
        "The server does not listen 20 seconds after its start, or has ended. To see why, run: "
        "PYTHONPATH=tests python -m no_such_server --port 8000",
    )
