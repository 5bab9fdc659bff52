"""A sample of the cases under each server that is installed: what is recorded is what they do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.cases import BY_NAME
from conformance.consensus import recorded
from conformance.recorder import Recorder
from conformance.stacks import STACKS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the servers are ended by signals")

#: No case here depends on the time, on most servers none ends one, and together they take every way of the recorder.
SAMPLE = (
    "length.right",
    "length.long",
    "status.418",
    "header.name-blank",
    "headers.order",
    "body.many",
    "target.escaped-percent",
    "field.duplicates",
    "upload.echo",
    "accept.subprotocol",
    "denial.plain",
    "receive.fragments",
    "refuse.close",
    "close.3001",
)


@pytest.fixture(scope="module", params=[name for name, stack in STACKS.items() if stack.installed])
def recorder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Recorder]]:
    """A server, for all cases of the sample."""
    folder: Path = tmp_path_factory.mktemp("runs")
    with Recorder(STACKS[request.param], folder) as started:
        yield request.param, started


@pytest.mark.parametrize("name", SAMPLE)
def test_a_server_does_what_is_recorded(recorder: tuple[str, Recorder], name: str) -> None:
    """If not, it has changed: run `make conformance-record`, and look at what differs."""
    stack, running = recorder
    assert running.outcome(BY_NAME[name]) == recorded()[stack][name]
