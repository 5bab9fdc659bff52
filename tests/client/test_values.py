"""Values that make no sense are refused at the call, with what to write instead; nothing has happened then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from asgi_lockstep import AsyncTestClient, TestClient, UsageError
from helpers import Listener, hello
from matrix import Driver
from virtual import Virtual, advance, on

SECONDS = "seconds, 0 or more"
LIMIT = f"{SECONDS}, or None for as long as it takes"
NOT_A_NUMBER = float("nan")
ADDRESS = 'its host and port, for example ("127.0.0.1", 50000), or None'
VERSION = 'a str of two numbers, for example "2.4"'

#: What both constructors refuse: an option, its value, and what to give instead.
OPTIONS: list[tuple[str, Any, str]] = [
    ("raise_server_exceptions", "no", "True or False"),
    ("follow_redirects", "no", "True or False"),
    ("wall_clock", "yes", "True or False"),
    ("root_path", None, 'a str, "" for none'),
    ("root_path", b"/api", 'a str, "" for none'),
    ("client", "127.0.0.1", ADDRESS),
    ("client", ("127.0.0.1",), ADDRESS),
    ("client", ("127.0.0.1", "50000"), ADDRESS),
    ("grace", -1, SECONDS),
    ("grace", None, SECONDS),
    ("grace", "1", SECONDS),
    ("grace", True, SECONDS),
    ("grace", NOT_A_NUMBER, SECONDS),
    ("grace", timedelta(seconds=1), f"{SECONDS}, as .total_seconds() has them"),
    ("block_warning", 0, "seconds, more than 0, or None for never"),
    ("block_warning", -0.5, "seconds, more than 0, or None for never"),
    ("block_warning", "5", "seconds, more than 0, or None for never"),
    ("timeout", -1, LIMIT),
    ("timeout", -1.0, LIMIT),
    ("timeout", "3", LIMIT),
    ("timeout", False, LIMIT),
    ("timeout", timedelta(seconds=3), f"{LIMIT}, as .total_seconds() has them"),
    ("extensions", "tls", "a list of names, for example ['tls']"),
    ("extensions", None, "a list of names, for example ['tls']"),
]

#: What `extensions={"asgi": {...}}` of a request refuses, besides those of these that it takes, too.
OF_A_REQUEST: list[tuple[str, Any, str]] = [
    ("http_version", 2, 'a str, for example "1.1"'),
    ("scope", [("a", 1)], "a dict of what the scope is to say"),
    ("spec_version", "new", VERSION),
    ("spec_version", "2", VERSION),
    ("spec_version", 2.4, VERSION),
    ("target", "/x", 'bytes, for example b"/path?query"'),
    ("body_chunks", 0, "a number of bytes, 1 or more, or None"),
    ("body_chunks", 1.5, "a number of bytes, 1 or more, or None"),
    ("body_chunks", True, "a number of bytes, 1 or more, or None"),
    ("disconnect_after", -1, "a number of bytes, 0 or more, or None"),
    ("disconnect_after", 1.5, "a number of bytes, 0 or more, or None"),
    ("disconnect_after", False, "a number of bytes, 0 or more, or None"),
    *[row for row in OPTIONS if row[0] in ("client", "raise_server_exceptions", "grace", "extensions")],
]


def refusal(call: Callable[[], object]) -> str:
    """The text of the error of a call."""
    __tracebackhide__ = True
    with pytest.raises(UsageError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize("kind", [TestClient, AsyncTestClient])
@pytest.mark.parametrize(("option", "value", "instead"), OPTIONS)
def test_an_option_of_a_client(kind: Callable[..., object], option: str, value: Any, instead: str) -> None:
    """In the constructor; a limit as httpx2 keeps it."""
    assert refusal(lambda: kind(hello, **{option: value})) == f"{option}={value!r} makes no sense: give {instead}."


@pytest.mark.client_decides
@pytest.mark.parametrize(("option", "value", "instead"), OF_A_REQUEST)
@pytest.mark.parametrize("send", ["get", "stream", "open", "websocket_connect"])
def test_an_option_of_a_request(driver: Driver, send: str, option: str, value: Any, instead: str) -> None:
    """Of whichever kind it is; the app is not called."""
    app = Listener()
    client = driver.client(app)

    def use() -> None:
        first = () if send in ("get", "websocket_connect") else ("POST",)
        sent = getattr(client, send)(*first, "/", extensions={"asgi": {option: value}})
        with sent:
            pass

    assert (refusal(use), app.scopes) == (f"{option}={value!r} makes no sense: give {instead}.", [])


@pytest.mark.client_decides
def test_the_options_of_a_request_are_a_dict(driver: Driver) -> None:
    """Not a list of what is meant."""
    text = refusal(lambda: driver.client(hello).get("/", extensions={"asgi": ["grace"]}))
    assert text == "extensions[\"asgi\"]=['grace'] makes no sense: give a dict of options."


@pytest.mark.client_decides
def test_each_side_of_disconnect_after_is_a_number(driver: Driver) -> None:
    """What is said for both is said for one of them."""
    client = driver.client(hello)
    text = refusal(lambda: client.get("/", extensions={"asgi": {"disconnect_after": {"upload": -1}}}))
    assert text == "disconnect_after=-1 makes no sense: give a number of bytes, 0 or more, or None."


@pytest.mark.client_decides
def test_what_an_extension_says_is_a_dict(driver: Driver) -> None:
    """The scope has one for each."""
    text = refusal(lambda: driver.client(hello, extensions={"tls": "1.3"}))
    assert text == "extensions['tls']='1.3' makes no sense: give a dict of what the scope is to say of it."


@pytest.mark.client_decides
@pytest.mark.parametrize(
    ("timeout", "shown"), [("3", "'3'"), (-1, "-1"), ((1, -2, 3, 4), "-2")], ids=["text", "negative", "of-four"]
)
def test_the_limit_of_a_request(driver: Driver, timeout: Any, shown: str) -> None:
    """httpx2 takes any value."""
    app = Listener(http=hello)
    text = refusal(lambda: driver.client(app).get("/", timeout=timeout))
    assert (text, app.scopes) == (f"timeout={shown} makes no sense: give {LIMIT}.", [])


@pytest.mark.client_decides
def test_a_limit_that_is_set_later(driver: Driver) -> None:
    """By the next request."""
    client = driver.client(hello)
    client.timeout = -1
    assert refusal(lambda: client.get("/")) == f"timeout=-1 makes no sense: give {LIMIT}."


@pytest.mark.client_decides
def test_a_flag_that_is_set_later(driver: Driver) -> None:
    """At once."""
    client = driver.client(hello)
    with pytest.raises(UsageError, match=r"^raise_server_exceptions='no' makes no sense: give True or False\.$"):
        client.raise_server_exceptions = "no"


@pytest.mark.client_decides
def test_an_option_of_a_second_user(driver: Driver) -> None:
    """They are those of the constructor."""
    client = driver.client(hello)
    assert refusal(lambda: client.derive(root_path=5)) == 'root_path=5 makes no sense: give a str, "" for none.'
    assert refusal(lambda: client.derive(timeout="3")) == f"timeout='3' makes no sense: give {LIMIT}."


@pytest.mark.parametrize("options", [{"debug"}, "debug"], ids=["set", "text"])
def test_backend_options_are_a_dict(options: Any) -> None:
    """As anyio has them."""
    text = refusal(lambda: TestClient(hello, backend_options=options))
    assert text == f"backend_options={options!r} makes no sense: give a dict, or None."


@pytest.mark.parametrize("value", [[], None, 5], ids=repr)
def test_a_name_of_any_type_is_unknown(value: Any) -> None:
    """Also one that cannot be hashed."""
    text = f"{value!r} does not exist; known are 'asyncio', 'trio'."
    assert refusal(lambda: TestClient(hello, backend=value)) == f"backend={text}"


@pytest.mark.parametrize("kind", [TestClient, AsyncTestClient])
def test_an_option_that_does_not_exist(kind: Any) -> None:
    """The text names the class that does not have it."""
    with pytest.raises(TypeError, match=rf"^{kind.__name__}\(\) got an unexpected keyword argument 'colour'$"):
        kind(hello, colour="red")


# Time.

ENDLESS = float("inf")


@on()
@pytest.mark.parametrize("seconds", [-3, "3", None, True, ENDLESS, NOT_A_NUMBER], ids=repr)
def test_no_length_of_time(virtual: Virtual, seconds: Any) -> None:
    """`sleep()` and `clock.advance()` take seconds, and time never goes back."""

    async def scenario(client: Any) -> list[str]:
        texts = []
        for pass_time in (client.sleep, lambda seconds: advance(client, seconds)):
            with pytest.raises(UsageError) as caught:
                await pass_time(seconds)
            texts.append(str(caught.value))
        return [*texts, client.clock.now]

    told = f"({seconds!r}) makes no sense: give {SECONDS}."
    assert virtual.run(hello, scenario) == [f"sleep{told}", f"advance{told}", 0]


# Functions.


async def double(number: int) -> int:
    """What a test may want to run on the loop of its app."""
    return 2 * number


@pytest.mark.parametrize("method", ["run", "call", "start_task_soon", "start_task"])
def test_a_coroutine_instead_of_a_function(sync_driver: Driver, method: str) -> None:
    """Nobody hears that it "was never awaited" on top of that."""
    with sync_driver.client(hello, lifespan="off") as client:
        run = client.run if method == "run" else getattr(client.portal, method)
        assert refusal(lambda: run(double(1))) == (
            f"{method}() was given a coroutine: double() was called. Give the function and its arguments: "
            f"{method}(double, ...)."
        )
        assert refusal(lambda: run(5)) == (
            f"{method}() was given 5, which cannot be called. Give a function and its arguments."
        )


def test_a_context_manager_that_is_none(sync_driver: Driver) -> None:
    """A function that makes one was not called."""
    with sync_driver.client(hello, lifespan="off") as client:
        text = refusal(lambda: client.portal.wrap_async_context_manager(5))
    assert text == "wrap_async_context_manager(5) makes no sense: give an async context manager."


def test_the_limit_of_a_result(sync_driver: Driver) -> None:
    """Seconds, or None."""
    with sync_driver.client(hello, lifespan="off") as client:
        future = client.portal.start_task_soon(double, 1)
        assert refusal(lambda: future.result("3")) == f"timeout='3' makes no sense: give {LIMIT}."
        assert future.result(1) == 2
