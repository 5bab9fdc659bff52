"""Responses that were there at once, and that httpx has not read itself: it does when somebody asks for more.

What nearly all tests ask for is the status, the headers and the body. For anything else such a response first becomes
what httpx makes of it: its class changes, and with that all of this is gone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from functools import wraps
from typing import Any, Final, TypeVar

from ..._httpx import httpx
from ..handed_over import Asked
from .response import AsyncLockstepResponse, LockstepResponse

Kind = TypeVar("Kind", bound="type[_Whole]")

#: What httpx answers from the status, the headers and the body alone, and what is answered here.
_AS_IT_IS: Final = frozenset(
    (
        "charset_encoding",
        "content",
        "cookies",
        "disconnect",
        "encoding",
        "expect_nothing",
        "has_redirect_location",
        "http_version",
        "is_client_error",
        "is_error",
        "is_informational",
        "is_redirect",
        "is_server_error",
        "is_success",
        "json",
        "links",
        "pending",
        "reason_phrase",
        "request",
        "text",
        "url",
    )
)


#: The private names by which httpx knows what it has found out already, of what it answers from headers and body.
_ASKED_FOR: Final = frozenset(("_cookies", "_encoding", "_text"))


class _ReadStream(httpx.SyncByteStream):
    """What is left of the body of a response that was read: its bytes."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body


class _AsyncReadStream(httpx.AsyncByteStream):
    """The same of the async client."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


class _Whole(httpx.Response):
    """What both kinds share."""

    _usual: type[httpx.Response]
    _stream: type[_ReadStream | _AsyncReadStream]
    _raw_headers: list[tuple[bytes, bytes]] | None
    _whole: bytes
    _asked: Asked
    _seconds: float

    def holds(self, headers: list[tuple[bytes, bytes]], body: bytes, asked: Asked, seconds: float) -> None:
        """Be a response that has been read.

        Args:
            headers: its headers.
            body: the whole body, without an encoding.
            asked: what is answered.
            seconds: how long it took.
        """
        self._raw_headers = headers
        self._whole = body
        self._asked = asked
        self._seconds = seconds
        self.is_closed = self.is_stream_consumed = True

    def become_usual(self) -> None:
        """Become what httpx makes of it."""
        read_stream = self._stream
        self.__class__ = self._usual  # type: ignore[assignment]  # whose beginning this class is
        state = vars(self)
        raw_headers = state.pop("_raw_headers")
        if raw_headers is not None:
            self.headers = httpx.Headers(raw_headers)
        self.request = state.pop("_asked").request
        self.is_closed = self.is_stream_consumed = False
        body = state.pop("_whole")
        self.stream = httpx.ByteStream(body)  # which both kinds can be read from
        httpx.Response.read(self)
        self.stream = read_stream(body)
        self.elapsed = timedelta(seconds=state.pop("_seconds"))

    @property
    def stream(self) -> Any:
        self.become_usual()
        return self.stream

    @stream.setter
    def stream(self, value: Any) -> None:
        vars(self)["stream"] = value  # as httpx sets it first

    @property
    def headers(self) -> httpx.Headers:
        if self._raw_headers is not None:
            self.headers = httpx.Headers(self._raw_headers)
        return vars(self)["headers"]  # type: ignore[no-any-return]

    @headers.setter
    def headers(self, value: httpx.Headers) -> None:
        vars(self)["headers"] = value
        self._raw_headers = None

    @property
    def content(self) -> bytes:
        return self._whole

    @property
    def request(self) -> httpx.Request:
        return self._asked.request

    @request.setter
    def request(self, value: httpx.Request) -> None:
        self.become_usual()
        self.request = value

    @property
    def encoding(self) -> str | None:
        if not isinstance(self.default_encoding, str):  # a function that wants to see the body
            self.become_usual()
            return self.encoding
        return super().encoding

    @encoding.setter
    def encoding(self, value: str) -> None:
        self.become_usual()
        self.encoding = value

    def __getattr__(self, name: str) -> Any:
        # What httpx keeps under a private name, which some tests look at; but it looks itself whether these are there.
        if name in _ASKED_FOR or "_whole" not in vars(self):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        self.become_usual()
        return getattr(self, name)

    def __reduce_ex__(self, protocol: Any) -> Any:
        self.become_usual()
        return self.__reduce_ex__(protocol)


def _asking_first(cls: Kind) -> Kind:
    """Have all that is public become usual before it answers, but for what can be answered as it is."""
    for name in dir(cls):
        if name.startswith("_") or name in _AS_IT_IS or name in vars(_Whole):
            continue
        found = getattr(cls, name)
        if isinstance(found, property):
            setattr(cls, name, property(_reading(name), _writing(name), None, found.__doc__))
        elif callable(found):
            setattr(cls, name, wraps(found)(_calling(name)))
    return cls


def _reading(name: str) -> Callable[[_Whole], Any]:
    def read(self: _Whole) -> Any:
        self.become_usual()
        return getattr(self, name)

    return read


def _writing(name: str) -> Callable[[_Whole, Any], None]:
    def write(self: _Whole, value: Any) -> None:
        self.become_usual()
        setattr(self, name, value)

    return write


def _calling(name: str) -> Callable[..., Any]:
    def call(self: _Whole, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        self.become_usual()
        return getattr(self, name)(*args, **kwargs)

    return call


@_asking_first
class WholeResponse(_Whole, LockstepResponse):
    """A `LockstepResponse` that was there at once."""

    _usual = LockstepResponse
    _stream = _ReadStream


@_asking_first
class AsyncWholeResponse(_Whole, AsyncLockstepResponse):
    """An `AsyncLockstepResponse` that was there at once."""

    _usual = AsyncLockstepResponse
    _stream = _AsyncReadStream
