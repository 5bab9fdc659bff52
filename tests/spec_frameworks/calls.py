"""One call of each HTTP route that the application of every framework has, and what must come of it.

What a framework answers differently, it has a call of its own for, with the same name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Final

from blocking import Blocking
from spec_frameworks.answers import ADDED, EVENTS, FILE, LARGE, PERSON, PIECES, READY, TAG
from spec_frameworks.framework import by_name


def _ask(client: Any, method: str, path: str, status: int, **options: Any) -> Any:
    """The response, of that status, which has passed the middleware."""
    response = client.request(method, path, **options)
    name, value = ADDED
    assert (response.status_code, response.headers.get(name)) == (status, value)
    return response


def gets_json(client: Any) -> None:
    """GET /person."""
    response = _ask(client, "GET", "/person", 200)
    assert response.json() == PERSON
    assert int(response.headers["content-length"]) == len(response.content)


def asks_for_the_head(client: Any) -> None:
    """HEAD /person: no body, however long the headers say it is."""
    assert _ask(client, "HEAD", "/person", 200).content == b""


def posts_json(client: Any) -> None:
    """POST /person: 201, and the body again."""
    response = _ask(client, "POST", "/person", 201, json=PERSON)
    assert (response.json(), response.headers["location"]) == (PERSON, "/person")


def posts_a_form(client: Any) -> None:
    """POST /form: its fields."""
    form = {"name": "Ada", "language": "a b&c"}
    assert _ask(client, "POST", "/form", 200, data=form).json() == form


def uploads_a_file(client: Any) -> None:
    """POST /upload: the name and the size of the file."""
    answer = _ask(client, "POST", "/upload", 200, files={"file": ("notes.txt", b"x" * 70_000, "text/plain")}).json()
    assert answer == {"name": "notes.txt", "size": 70_000}


def reads_parameters(client: Any) -> None:
    """GET /items/{number}: the parameter of the path, and those of the query."""
    answer = _ask(client, "GET", "/items/7", 200, params={"tag": ["a", "ä"]}).json()
    assert answer == {"number": 7, "tags": ["a", "ä"]}


def sets_cookies(client: Any) -> None:
    """GET /cookies/set and its like: two of them, which come back until one is deleted."""
    _ask(client, "GET", "/cookies/set", 200)
    assert _ask(client, "GET", "/cookies", 200).json() == {"one": "1", "two": "2"}
    _ask(client, "GET", "/cookies/delete", 200)
    assert _ask(client, "GET", "/cookies", 200).json() == {"two": "2"}


def follows_a_redirect(client: Any) -> None:
    """GET /redirect: 303, to what is asked for then."""
    response = _ask(client, "GET", "/redirect", 200, follow_redirects=True)
    assert ([each.status_code for each in response.history], response.json()) == ([303], PERSON)


def gets_nothing(client: Any) -> None:
    """DELETE /person: 204."""
    assert _ask(client, "DELETE", "/person", 204).content == b""


def asks_for_what_it_has(client: Any) -> None:
    """GET /tagged: 304 for a client that has it."""
    response = _ask(client, "GET", "/tagged", 200)
    assert (response.headers["etag"], response.text) == (TAG, "tagged")
    again = _ask(client, "GET", "/tagged", 304, headers={"if-none-match": TAG})
    assert (again.headers["etag"], again.content) == (TAG, b"")


def downloads_a_file(client: Any) -> None:
    """GET /file: its bytes, to be saved under its name."""
    response = _ask(client, "GET", "/file", 200)
    assert response.content == FILE.read_bytes()
    assert "calls.py" in response.headers["content-disposition"]


def reads_a_stream(client: Any) -> None:
    """GET /stream: the pieces, one by one."""
    with client.stream("GET", "/stream") as response:
        assert "content-length" not in response.headers
        assert "".join(response.iter_text()) == "".join(PIECES)


def leaves_a_stream(client: Any) -> None:
    """GET /stream: the client goes after the first piece."""
    with client.stream("GET", "/stream", headers={"accept-encoding": "identity"}) as response:
        assert next(iter(response.iter_raw())) == PIECES[0].encode()


def reads_events(client: Any) -> None:
    """GET /events: server-sent events."""
    response = _ask(client, "GET", "/events", 200)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert list(_data(response.text)) == [*EVENTS]


def _data(text: str) -> Iterator[str]:
    for line in text.splitlines():
        name, _, value = line.partition(": ")
        if name == "data":
            yield value.strip('"')


def gets_it_compressed(client: Any) -> None:
    """GET /large: gzip for a client that takes it, and as it is for one that does not."""
    response = _ask(client, "GET", "/large", 200, headers={"accept-encoding": "gzip"})
    assert (response.headers["content-encoding"], response.text) == ("gzip", LARGE)
    plain = _ask(client, "GET", "/large", 200, headers={"accept-encoding": "identity"})
    assert ("content-encoding" in plain.headers, plain.text) == (False, LARGE)


def gets_bytes(client: Any) -> None:
    """GET /bytes: 200 KB of what is no text."""
    assert _ask(client, "GET", "/bytes", 200).content == bytes(range(256)) * 800


def sends_bytes_in_pieces(client: Any) -> None:
    """PUT /bytes: how many there are, of a body without a length."""
    pieces = [b"x" * size for size in (1, 100, 1000)]
    body = _awaited(pieces) if isinstance(client, Blocking) else iter(pieces)
    assert _ask(client, "PUT", "/bytes", 200, content=body).json() == {"size": 1101}


async def _awaited(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def has_an_error_handled(client: Any) -> None:
    """PATCH /person: the endpoint raises, and the handler answers."""
    assert _ask(client, "PATCH", "/person", 409).json() == {"error": "Ada is there"}


def gets_an_error(client: Any) -> None:
    """GET /crash: the endpoint raises what nobody handles, and a server answers with 500."""
    client.raise_server_exceptions = False
    assert client.get("/crash").status_code == 500


def asks_for_what_is_not_there(client: Any) -> None:
    """GET /nowhere: 404."""
    assert client.get("/nowhere").status_code == 404


def starts_work_in_the_background(client: Any) -> None:
    """POST /jobs: it is done behind the response, and then GET /jobs knows."""
    _ask(client, "POST", "/jobs", 202)
    assert _ask(client, "GET", "/jobs", 200).json() == ["done"]


def reads_what_the_lifespan_left(client: Any) -> None:
    """GET /state: what was made at the startup."""
    assert _ask(client, "GET", "/state", 200).json() == {"ready": READY}


#: All of them.
HTTP_CALLS: Final = by_name(
    gets_json,
    asks_for_the_head,
    posts_json,
    posts_a_form,
    uploads_a_file,
    reads_parameters,
    sets_cookies,
    follows_a_redirect,
    gets_nothing,
    asks_for_what_it_has,
    downloads_a_file,
    reads_a_stream,
    leaves_a_stream,
    reads_events,
    gets_it_compressed,
    gets_bytes,
    sends_bytes_in_pieces,
    has_an_error_handled,
    gets_an_error,
    asks_for_what_is_not_there,
    starts_work_in_the_background,
)

#: For those that have a lifespan.
LIFESPAN_CALLS: Final = by_name(reads_what_the_lifespan_left)
