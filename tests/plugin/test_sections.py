"""What a failing test shows of what has happened between it and its app."""

from __future__ import annotations

import re
import subprocess
import sys
from textwrap import dedent

import pytest

from plugin.suites import TIMELINES, between, lines_of

SUITE = """
    import pytest

    def test_passes(happens):
        happens("one", "test: GET /passes")

    def test_fails(happens):
        for number in range(1, 23):
            happens("one", f"test: GET /{number}")
        assert False

    def test_two_clients(happens):
        happens("one", "test: GET /one")
        happens("two", "test: GET /two")
        assert False

    def test_says_what_was_caught(happens):
        happens("one", "test gets Deadlock: The test waits", "Deadlock: The test waits\\nNobody can move.")
        assert False

    def test_does_not_say_it_twice(happens):
        happens("one", "test gets ValueError: no", "ValueError: no\\nmore")
        raise ValueError("no\\nmore")

    @pytest.fixture
    def fixture(happens):
        happens("one", "test: GET /before")
        yield
        happens("one", "test: GET /after")
        assert False

    def test_fixture(fixture):
        pass

    def test_both(fixture):
        assert False

    @pytest.fixture
    def broken(happens):
        happens("one", "test: GET /before")
        assert False

    def test_broken(broken):
        pass

    def test_nothing_happens():
        assert False

    @pytest.mark.xfail
    def test_expected(happens):
        happens("one", "test: GET /")
        assert False
"""

LAST_20 = "".join(f"  test: GET /{number}\n" for number in range(3, 23))

#: What each failure shows, by the header that it has in the output.
SHOWN = {
    "test_fails": f"(the last 20 of 22 events)\n{LAST_20}",
    "test_two_clients": "client 1 of 2:\n  test: GET /one\nclient 2 of 2:\n  test: GET /two\n",
    "test_says_what_was_caught": "  test gets Deadlock: The test waits\nDeadlock: The test waits\nNobody can move.\n",
    "test_does_not_say_it_twice": "  test gets ValueError: no\n",
    "ERROR at teardown of test_fixture": "  test: GET /before\n  test: GET /after\n",
    "test_both": "  test: GET /before\n",
    "ERROR at teardown of test_both": "  test: GET /after\n",
    "ERROR at setup of test_broken": "  test: GET /before\n",
}


def sections(lines: list[str]) -> dict[str, str]:
    """The sections in the output, each by the header of its failure."""
    found, header = {}, ""
    for number, line in enumerate(lines):
        if line.startswith("___"):
            header = line.strip("_ ")
        if line == " asgi timeline ".center(80, "-"):
            found[header] = "\n".join([*between(lines[number:], "asgi timeline"), ""])
    return found


def test_each_failure_shows_what_has_happened(pytester: pytest.Pytester) -> None:
    """In its set-up, its call or its tear-down: the last events of each client that has done something in this test,
    once; and what was said of a call that failed, where the failure does not say it.
    """
    assert sections(lines_of(pytester, conftest=TIMELINES, test_it=SUITE)) == SHOWN


@pytest.mark.parametrize(
    ("count", "shown"), [("2", "(the last 2 of 3 events)\n  test: b\n  test: c\n"), ("0", None)], ids=str
)
def test_how_many_events_are_shown_is_configured(pytester: pytest.Pytester, count: str, shown: str | None) -> None:
    """0 shows none."""
    pytester.makeini(f"[pytest]\nasgi_timeline = {count}")
    suite = """
        def test_it(happens):
            happens("one", "test: a"), happens("one", "test: b"), happens("one", "test: c")
            assert False
    """
    assert sections(lines_of(pytester, conftest=TIMELINES, test_it=suite)) == ({"test_it": shown} if shown else {})


NOT_ENTERED = """
    import asgi_lockstep

    async def app(scope, receive, send):
        return app.database

    def test_it():
        asgi_lockstep.TestClient(app).get("/")
"""

SAID = (
    "asgi_lockstep: GET / failed with AttributeError, and the client was not entered: the lifespan of the app has not "
    "run. If that makes what is missing, write: with TestClient(app) as client: ...\n"
)


def test_it_says_that_the_client_was_not_entered(pytester: pytest.Pytester) -> None:
    """And whatever else the package has said in its log during this test."""
    assert sections(lines_of(pytester, conftest=TIMELINES, test_it=NOT_ENTERED)) == {"test_it": SAID}


def test_it_is_plain_where_there_is_nothing_to_colour_it(pytester: pytest.Pytester) -> None:
    """On a terminal without the package for that."""
    suite = "def test_it(happens):\n    happens('one', 'test: GET /')\n    assert False"
    lines = lines_of(pytester, "--color=yes", conftest=TIMELINES, test_it=suite)
    assert "  test: GET /" in between(lines, "asgi timeline", "short test summary")


FAILS = """
    import asyncio
    import logging
    import pytest
    from asgi_lockstep import Deadlock

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        logging.getLogger("shop").warning("asked for %s", scope["path"])
        if scope["path"] == "/stuck":
            await asyncio.Event().wait()
        app.task = asyncio.ensure_future(fails())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x"})

    async def fails():
        raise KeyError("price")

    @pytest.fixture
    def asgi_app():
        return app

    @pytest.mark.asgi(lifespan="off")
    def test_it(asgi_client):
        asgi_client.get("/")
        with pytest.raises(Deadlock):
            asgi_client.get("/stuck")
        assert False
"""

REAL = """\
TIME  test: enter the client
TIME  test: GET /  [test_it.py:24 in test_it]
TIME  GET /: WARNING shop: asked for /  [test_it.py:8 in app]
TIME  GET /: task 'Task-N' starts  [test_it.py:11 in app]
TIME  GET /: app sends http.response.start 200  [test_it.py:12 in app]
TIME  GET /: app sends http.response.body 'x'  [test_it.py:13 in app]
TIME  GET /: app returned (response complete)
TIME  GET /: task 'Task-N' fails, and nobody has awaited it: KeyError: 'price'  [test_it.py:16 in fails]
            | Traceback (most recent call last):
            |   File "test_it.py", line 16, in fails
            |     raise KeyError("price")
            | KeyError: 'price'
TIME  test: GET /stuck  [test_it.py:26 in test_it]
TIME  GET /stuck: WARNING shop: asked for /stuck  [test_it.py:8 in app]
TIME  test gets Deadlock: The test waits for the app to finish GET /stuck, and nothing in the app can move any more.
TIME  GET /stuck: app cancelled after its grace, its client had gone (no response yet)
asgi_lockstep.Deadlock: The test waits for the app to finish GET /stuck, and nothing in the app can move any more.
  the test waits at test_it.py:26 in test_it: asgi_client.get("/stuck")
  <GET /stuck: no response yet; no request body; response body: 0 bytes taken, 0 chunks waiting; app running, has \
received nothing and sent nothing last>
  GET /stuck, stands at test_it.py:10 in app: await asyncio.Event().wait()
"""


def test_it_is_the_timeline_of_the_client(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where requests were sent, what the app has logged and sent, what failed unseen, and a diagnosis that the test has
    caught.
    """
    monkeypatch.setenv("COLUMNS", "200")
    lines = lines_of(pytester, apart=True, test_it=dedent(FAILS))
    text = "\n".join([*between(lines, " asgi timeline "), ""]).replace(str(pytester.path), "FOLDER")
    for pattern, instead in (
        (r"^ *[\d.,]+ ms", "TIME"),
        (r"(enter the client)  .*$", r"\1"),
        (r"'Task-\d+'", "'Task-N'"),
    ):
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    assert text == REAL


CLIENTS = """
    import pytest
    from starlette.testclient import TestClient as TestClientOfStarlette
    from asgi_lockstep import TestClient

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    @pytest.fixture
    def asgi_app():
        return app

    def test_each_client(asgi_client):
        clients = [asgi_client, TestClient(app), TestClientOfStarlette(app)]
        for number, client in enumerate(clients):
            client.get(f"/{number}")
        assert False
"""


def test_it_is_there_with_any_client_of_ours(pytester: pytest.Pytester) -> None:
    """Those of fixtures, those that a test has made, and those under Starlette's names: the package knows them all."""
    found = sections(lines_of(pytester, "-p", "asgi_lockstep.starlette", apart=True, test_it=dedent(CLIENTS)))
    text = found["test_each_client"]
    assert [f"GET /{number}" in text for number in range(3)] == [True] * 3


def test_a_blocked_thread_is_said_at_once_past_what_captures(pytester: pytest.Pytester) -> None:
    """The test may never end, and what is captured with it is never shown: here it ends the run itself."""
    pytester.makepyfile(
        """
        import os, time
        from asgi_lockstep import TestClient

        def blocks():
            while time.perf_counter() < 1e9:
                if os.path.exists("said"):
                    os._exit(3)
                time.sleep(0.01)

        async def app(scope, receive, send):
            blocks()

        def test_it():
            TestClient(app, block_warning=0.05).get("/")
        """
    )
    running = pytester.popen(
        [sys.executable, "-m", "pytest", "-q"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    try:
        line = next(line for line in running.stderr if "asgi_lockstep:" in line)
    finally:
        pytester.path.joinpath("said").touch()
        assert running.wait(60) == 3
        running.stderr.close()
    assert re.search(r"^asgi_lockstep: The app has blocked its thread for \S+ seconds? at .*\.py:8 in blocks: ", line)
