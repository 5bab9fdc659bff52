"""Where a server listens, and that nobody else does."""

from __future__ import annotations

import socket

import pytest

import live_apps
from asgi_lockstep import UsageError
from asgi_lockstep.live import LiveServer

from .conftest import Run


def free_port() -> int:
    """A port that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_port_can_be_chosen(run: Run) -> None:
    """And used again as soon as the server has stopped."""
    port = free_port()
    for _ in range(2):
        with run(live_apps.plain, port=port) as live:
            assert live.port == port
            assert live.client().get("/x").text == "GET /x "


def test_a_port_that_is_taken_is_refused(run: Run) -> None:
    """Two servers never share one; the text says what to write."""
    with run(live_apps.plain) as one:
        with pytest.raises(UsageError) as caught, run(live_apps.plain, port=one.port):
            """Not reached."""
        assert one.client().get("/x").text == "GET /x "
    assert str(caught.value) == (
        f"port={one_port(caught)} of 127.0.0.1 is taken by another server. Leave port= out, and a free one is found."
    )


def one_port(caught: pytest.ExceptionInfo[UsageError]) -> str:
    """The port that the text names."""
    return str(caught.value).split("=")[1].split(" ")[0]


def test_a_host_that_is_none_is_refused() -> None:
    """As the system says it."""
    with pytest.raises(UsageError, match=r"^host='256\.0\.0\.1', port=0 cannot be listened at: "):
        LiveServer(live_apps.plain, host="256.0.0.1").__enter__()


@pytest.mark.skipif(not socket.has_ipv6, reason="the system has no IPv6")
def test_a_host_of_ipv6_is_in_brackets_in_the_url(run_in_thread: Run) -> None:
    """As URLs have it."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no loopback of IPv6")
    with run_in_thread(live_apps.plain, host="::1") as live:
        assert live.url == f"http://[::1]:{live.port}"
        assert live.client().get("/x").text == "GET /x "
