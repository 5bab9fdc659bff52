"""Which event loop an app of the sync client finds on asyncio, and what others have done to it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asgi_lockstep import TestClient, UsageError
from asgi_lockstep._types import Receive, Scope, Send
from helpers import body, start

FACTORY = "a function without arguments that makes a new loop, for example asyncio.new_event_loop"


class OwnLoop(asyncio.SelectorEventLoop):
    """A loop of the user's."""


async def names_its_loop(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the class of the loop on which it runs."""
    await send(start())
    await send(body(type(asyncio.get_running_loop()).__name__.encode()))


def loop_of(**options: Any) -> str:
    """The class of the loop of a client."""
    client = TestClient(names_its_loop, **options)
    try:
        return client.get("/").text
    finally:
        client.close()


# Policies.


@pytest.fixture
def own_policy() -> Iterator[None]:
    """The user has set an event loop policy, which Python 3.14 warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)

        class OwnPolicy(asyncio.DefaultEventLoopPolicy):
            def new_event_loop(self) -> asyncio.AbstractEventLoop:
                return OwnLoop()

        asyncio.set_event_loop_policy(OwnPolicy())
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        asyncio.set_event_loop_policy(None)


@pytest.mark.usefixtures("own_policy")
@pytest.mark.parametrize("driver", ["auto", "thread"])
def test_a_policy_of_the_user_makes_the_loop(driver: Any) -> None:
    """As for anyio: `uvloop.install()` in a conftest.py holds for the app."""
    assert loop_of(driver=driver) == "OwnLoop"


@pytest.mark.usefixtures("own_policy")
@pytest.mark.parametrize(
    ("options", "name"),
    [({"backend_options": {"loop_factory": asyncio.SelectorEventLoop}}, "Selector"), ({"clock": "virtual"}, "Virtual")],
    ids=["factory", "virtual"],
)
def test_what_was_asked_for_comes_before_the_policy(options: dict[str, Any], name: str) -> None:
    """A policy holds for the whole process, an option for one client."""
    assert name in loop_of(**options)


def test_without_a_policy_the_loop_is_one_of_asyncio() -> None:
    """On Windows one that can run subprocesses, elsewhere one whose rests are seen exactly."""
    loop = asyncio.new_event_loop()
    loop.close()
    assert loop_of() == type(loop).__name__


# Factories.


def closed_loop() -> asyncio.AbstractEventLoop:
    """A factory whose loop nobody can use."""
    loop = asyncio.new_event_loop()
    loop.close()
    return loop


@pytest.mark.parametrize(
    ("factory", "text"),
    [
        ("uvloop", f"loop_factory='uvloop' cannot be called: give {FACTORY}."),
        (list, f"loop_factory={list!r} returned [], which is no event loop: give {FACTORY}."),
        (closed_loop, f"loop_factory={closed_loop!r} returned a loop that is closed: give {FACTORY}."),
    ],
    ids=["text", "no-loop", "closed"],
)
@pytest.mark.parametrize("use", [TestClient.settle, TestClient.__enter__], ids=["used", "entered"])
def test_a_factory_that_makes_no_loop(factory: Any, text: str, use: Callable[[TestClient], object]) -> None:
    """It is asked when the loop is needed; the text says what a factory is."""
    with pytest.raises(UsageError) as caught:
        use(TestClient(names_its_loop, backend_options={"loop_factory": factory}))
    assert str(caught.value) == text


@pytest.mark.parametrize("option", ["debug", "use_uvloop"])
def test_an_option_of_the_loop_that_is_no_flag(option: str) -> None:
    """The text "no" is true."""
    with pytest.raises(UsageError) as caught:
        TestClient(names_its_loop, backend_options={option: "no"}).get("/")
    assert str(caught.value) == f"{option}='no' makes no sense: give True or False."


# What others do to it.


async def stops_its_loop(scope: Scope, receive: Receive, send: Send) -> None:
    """Does what ends `run_forever()`."""
    await send(start())
    asyncio.get_running_loop().stop()
    await asyncio.sleep(0)
    await send(body(b"stopped"))


@pytest.mark.parametrize("clock", ["real", "virtual"])
def test_an_app_that_stops_its_loop_gets_to_its_end(clock: Any) -> None:
    """The loop is ours to stop: it goes on until the call has its answer."""
    with TestClient(stops_its_loop, lifespan="off", clock=clock) as client:
        assert [client.get("/").text for _ in range(2)] == ["stopped"] * 2


#: What a process does to which nest_asyncio is applied: before the import of the client, after it, and once it is used.
NESTED = """
    import asyncio
    import warnings
    import nest_asyncio
    {before}
    from asgi_lockstep import TestClient
    {after}

    async def sleeps():
        await asyncio.sleep(0.001)
        return b"inner"

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            raise NotImplementedError
        await asyncio.to_thread(sum, ())
        await asyncio.sleep(0.001)
        loop = asyncio.get_running_loop()
        inner = loop.run_until_complete(sleeps()) if scope["path"] == "/nested" else b"flat"
        await send({{"type": "http.response.start", "status": 200}})
        await send({{"type": "http.response.body", "body": inner}})

    for clock in ("real", "virtual"):
        client = TestClient(app, clock=clock)
        used = [client.get("/").text]
        {used}
        for _ in range(3):
            used += [client.get("/").text, client.get("/nested").text]
        with client:
            used += [client.get("/").text, client.get("/nested").text]
        client.close()
        print(clock, *used)
    asyncio.get_event_loop().close()
"""
WHEN = ("before", "after", "used")
EXPECTED = " ".join(["flat"] + ["flat", "inner"] * 4)


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="nest_asyncio is not made for it")
@pytest.mark.parametrize("when", WHEN)
def test_nest_asyncio_may_be_applied(when: str) -> None:
    """At any time; what it was applied for works inside of the app."""
    steps = {name: "nest_asyncio.apply(asyncio.new_event_loop())" if name == when else "" for name in WHEN}
    program = textwrap.dedent(NESTED).format(**steps)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.splitlines(), done.stderr) == ([f"real {EXPECTED}", f"virtual {EXPECTED}"], "")
