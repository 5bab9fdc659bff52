"""All that can be seen of a client, its requests and responses: what both ways of a request have to have in common."""

from __future__ import annotations

import logging
import pickle
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from asgi_lockstep import AsyncTestClient, TestClient
from asgi_lockstep._httpx import CHOICE, httpx
from asgi_lockstep._types import Receive, Scope, Send


class TheirWay(TestClient):
    """A client of whose requests httpx puts together each: it may do something else in `build_request()`."""

    def build_request(self, *args: Any, **options: Any) -> httpx.Request:
        """As httpx does it."""
        return super().build_request(*args, **options)


class AsyncTheirWay(AsyncTestClient):
    """The same of the async client."""

    def build_request(self, *args: Any, **options: Any) -> httpx.Request:
        """As httpx does it."""
        return super().build_request(*args, **options)


@dataclass(frozen=True)
class Answer:
    """What the app does with a request.

    Args:
        status, headers, pieces: its response; without any piece it ends in the middle of it.
        failure: what it raises then.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    pieces: list[bytes]
    failure: Exception | None


@dataclass(frozen=True)
class Visit:
    """One client and what it asks for.

    Args:
        options: of the client.
        asks: for each request the method, the URL, and the other arguments.
        answers: of the app, in turn.
        is_logged: whether anybody listens to what httpx logs.
    """

    options: Mapping[str, Any]
    asks: list[tuple[str, Any, Mapping[str, Any]]]
    answers: list[Answer]
    is_logged: bool


class Served:
    """The app: notes what it sees."""

    def __init__(self, answers: list[Answer]) -> None:
        self._answers = answers
        self.seen: list[object] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.seen.append((scope, body))
        answer = self._answers[(len(self.seen) - 1) % len(self._answers)]
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        for piece in answer.pieces[:-1]:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if answer.failure is not None:
            raise answer.failure
        if answer.pieces:
            await send({"type": "http.response.body", "body": answer.pieces[-1]})


# What is seen.


def of_request(request: httpx.Request) -> object:
    """All that is public of a request."""
    content = request.read() if isinstance(request.stream, httpx.ByteStream) else type(request.stream)
    return request.method, str(request.url), request.headers.raw, content, dict(request.extensions)


def of_response(response: httpx.Response) -> Iterator[object]:
    """All that is public of a response that was read."""
    names = sorted(name for name in dir(httpx.Response) if isinstance(getattr(httpx.Response, name), property))
    for name in (*names, "status_code", "is_closed", "is_stream_consumed", "default_encoding", "extensions"):
        if name not in ("request", "elapsed", "cookies", "content"):
            yield name, _outcome(partial(_shown, response, name))
    yield _outcome(lambda: response.headers.raw)
    yield _outcome(lambda: response.content)
    yield type(response.elapsed)
    yield of_request(response.request)
    yield cookies_of(response.cookies)
    yield None if response.next_request is None else of_request(response.next_request)
    yield [list(of_response(earlier)) for earlier in response.history]
    yield repr(response)
    yield _outcome(response.json)
    yield _outcome(lambda: response.raise_for_status() is response)
    yield isinstance(response.stream, httpx.SyncByteStream), isinstance(response.stream, httpx.AsyncByteStream)


def _shown(response: httpx.Response, name: str) -> str:
    return repr(getattr(response, name))


def of_reading(response: httpx.Response) -> Iterator[object]:
    """What reading it again gives: a response that was read can be, but for its raw bytes."""
    yield _outcome(response.read)
    yield _outcome(lambda: list(response.iter_bytes(2)))
    yield _outcome(lambda: list(response.iter_text(2)))
    yield _outcome(lambda: list(response.iter_lines()))
    yield _outcome(lambda: list(response.iter_raw()))
    yield _outcome(lambda: sorted(pickle.loads(pickle.dumps(response)).__getstate__()))


def cookies_of(cookies: httpx.Cookies) -> object:
    """What is in a jar."""
    return [(cookie.domain, cookie.path, cookie.name, cookie.value) for cookie in cookies.jar]


def _outcome(ask: Callable[[], Any]) -> object:
    try:
        return ask()
    except Exception as exc:
        return of_failure(exc)


def of_failure(exception: BaseException) -> object:
    """What was raised."""
    request = getattr(exception, "_request", None)
    return type(exception), str(exception), None if request is None else of_request(request)


@contextmanager
def noted(is_logged: bool) -> Iterator[list[object]]:
    """What is logged, and warned of."""
    found: list[object] = []
    handler = logging.Handler()
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger(CHOICE.name)
    before = logger.level
    logger.addHandler(handler)
    if is_logged:
        logger.setLevel(logging.INFO)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield found
        found += [str(warning.message) for warning in warned]
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def visit(kind: type[TestClient], plan: Visit) -> list[object]:
    """All that can be seen of a visit."""
    app = Served(plan.answers)
    seen: list[object] = []
    with noted(plan.is_logged) as notes:
        client = kind(app, **plan.options)
        for method, url, said in plan.asks:
            try:
                response = client.request(method, url, **said)
            except Exception as exc:
                seen.append(of_failure(exc))
            else:
                seen += [*of_response(response), *of_reading(response)]
            seen.append(cookies_of(client.cookies))
        client.close()
    return [*seen, app.seen, notes]


async def avisit(kind: type[AsyncTestClient], plan: Visit) -> list[object]:
    """The same of the async client."""
    app = Served(plan.answers)
    seen: list[object] = []
    with noted(plan.is_logged) as notes:
        client = kind(app, **plan.options)
        for method, url, said in plan.asks:
            try:
                response = await client.request(method, url, **said)
            except Exception as exc:
                seen.append(of_failure(exc))
            else:
                seen += [*of_response(response), await response.aread()]
                seen.append([piece async for piece in response.aiter_bytes(2)])
            seen.append(cookies_of(client.cookies))
        await client.aclose()
    return [*seen, app.seen, notes]
