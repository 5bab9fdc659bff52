"""What people import: where it says that it comes from, that it can be pickled, and that its examples run."""

from __future__ import annotations

import doctest
import pickle
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

import asgi_lockstep
from asgi_lockstep import (
    AppTimeout,
    BackgroundFailed,
    BlockingCall,
    ClockNotVirtual,
    Deadlock,
    Diagnosis,
    IncompleteResponse,
    LeftoverTasks,
    LifespanFailed,
    MissingExtra,
    NoResponse,
    NotAnASGIApp,
    ProtocolViolation,
    RequestCutOff,
    ResponseCutOff,
    SessionNotOpen,
    TimedOut,
    TruncatedResponse,
    UnexpectedMessage,
    UnknownOption,
    WebSocketDenialResponse,
    WebSocketDisconnect,
    WrongColour,
    WrongFrame,
)
from protocol.exchanges import http

PUBLIC = [getattr(asgi_lockstep, name) for name in asgi_lockstep.__all__]

CUT = IncompleteResponse(request="GET /", state="response started", status=200, received=b"half")

#: One of each, made of its fields.
EXCEPTIONS = [
    AppTimeout(Diagnosis("x"), 1.0),
    BackgroundFailed("GET /", KeyError("x"), "test.py:1"),
    BlockingCall("app.py:1", "main", "sleep()", 1.0),
    ClockNotVirtual("uvloop"),
    CUT,
    Deadlock(Diagnosis("x", exchanges=["<one>"])),
    LeftoverTasks(["<one>"]),
    LifespanFailed("startup", "no database"),
    MissingExtra("trio", "backend='trio'", "trio"),
    NoResponse(request="GET /"),
    NotAnASGIApp(1, "It is 1.", "Give an app."),
    ProtocolViolation("x", request="GET /", state="response started"),
    RequestCutOff(http(b"")),
    ResponseCutOff(http(b""), b"half"),
    SessionNotOpen("send", False, "with"),
    TimedOut(Diagnosis("x"), 1.0),
    TruncatedResponse(CUT),
    UnexpectedMessage("GET /", [b"x"]),
    UnknownOption("lifespan", "x", ["on"]),
    WebSocketDenialResponse(403, headers={"x-why": "token"}, content=b"no"),
    WebSocketDisconnect(1008, "no", refused="ws://testserver/"),
    WrongColour("TestClient", "`async with`", "Write `with`."),
    WrongFrame("text", "bytes", "/"),
]


@pytest.mark.parametrize("public", PUBLIC, ids=lambda public: public.__name__)
def test_a_public_name_has_a_public_module(public: type) -> None:
    """That of the package, as tracebacks, `repr()` and documentation show it, and under which pickle looks for it."""
    assert public.__module__ == "asgi_lockstep"
    assert pickle.loads(pickle.dumps(public)) is public


@pytest.mark.parametrize("exception", EXCEPTIONS, ids=lambda exception: type(exception).__name__)
def test_an_exception_survives_its_pickling(exception: Any) -> None:
    """With its class, its text and its fields: test runs in several processes send exceptions around."""
    other = pickle.loads(pickle.dumps(exception))
    assert (type(other), str(other), other.args) == (type(exception), str(exception), exception.args)
    assert {*vars(exception)} - {*vars(other)} <= {"_decoder"}
    assert repr(vars(other).get("diagnosis")) == repr(vars(exception).get("diagnosis"))


def test_a_denial_response_is_pickled_with_its_content() -> None:
    """As `httpx2.Response` is."""
    denial = WebSocketDenialResponse(403, headers={"x-why": "token"}, content=b"no")
    other = pickle.loads(pickle.dumps(denial))
    assert isinstance(other, httpx2.Response)
    assert (other.status_code, other.headers["x-why"], other.content) == (403, "token", b"no")


def examples() -> Iterator[Any]:
    """The examples of the public classes and of their methods, which pytest looks for in the module that they name."""
    for public in PUBLIC:
        for example in doctest.DocTestFinder(exclude_empty=True).find(public, module=False):
            if example.examples:
                yield pytest.param(example, id=example.name)


@pytest.mark.parametrize("example", [*examples()])
def test_the_examples_of_public_classes_run(example: doctest.DocTest) -> None:
    """As they stand there."""
    example.globs = {"TestClient": asgi_lockstep.TestClient, "AsyncTestClient": asgi_lockstep.AsyncTestClient}
    assert doctest.DocTestRunner().run(example).failed == 0
