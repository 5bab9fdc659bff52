"""`--asgi-serve`: the app of the first failure, for a look in the browser, until Ctrl-C."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from textwrap import dedent

import httpx2
import pytest

from plugin.suites import APP, PLUGIN, lines_of

SUITE = """
    import pytest

    def test_passes(asgi_client):
        asgi_client.get("/")

    {test}

    def test_is_not_run(asgi_client):
        assert False
"""

#: The app waits for what was made on the loop of its lifespan: it answers on no other.
LOOP_APP = """
    import asyncio
    from contextlib import asynccontextmanager
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    @asynccontextmanager
    async def lifespan(app):
        called = asyncio.Event()

        async def answers():
            await called.wait()
            return "answered by a task of the lifespan"

        yield {"called": called, "answer": asyncio.create_task(answers())}
        print("the lifespan has ended")

    async def index(request):
        request.state.called.set()
        return JSONResponse([await request.state.answer, request.app.state.count])

    app = Starlette(routes=[Route("/", index)], lifespan=lifespan)
"""

#: With a client of the user's own.
OWN = """def test_fails(client):
        client.app.state.count = 7
        assert False

    @pytest.fixture
    def client():
        from asgi_lockstep import TestClient
        from myapp import app
        with TestClient(app) as client:
            yield client"""

SYNC = """def test_fails(asgi_client):
        asgi_client.app.state.count = 7
        assert False"""

ASYNC = """@pytest.mark.{0}
    async def test_fails(async_asgi_client):
        async_asgi_client.app.state.count = 7
        assert False"""

ON_ASYNCIO = ASYNC.format("asyncio")
ON_ANYIO = (
    ASYNC.format("anyio")
    + """

    @pytest.fixture
    def anyio_backend():
        return "asyncio" """
)


@pytest.mark.parametrize(
    ("test", "args"),
    [
        (SYNC, ["--asgi-scope=session"]),
        (OWN, ["-p", "asgi_lockstep.starlette", "-p", "timeout", "--timeout=60", "-s"]),
        (SYNC, ["--asgi-driver=free"]),
        (ON_ANYIO, ["-p", "anyio"]),
        (ON_ASYNCIO, ["-p", "asyncio"]),
        (SYNC.replace("asgi_client.app", "from myapp import app\n        app"), ["--asgi-live=uvicorn"]),
    ],
    ids=["sync", "own", "free", "anyio", "asyncio", "live"],
)
def test_the_app_is_served_as_it_is(pytester: pytest.Pytester, test: str, args: list[str]) -> None:
    """With its state, and on its event loop; at the first failure, before the fixtures are torn down. Ctrl-C ends that,
    and the run, in order.
    """
    pytester.makepyfile(myapp=dedent(LOOP_APP), test_it=dedent(SUITE.format(test=test)))
    command = [sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider", "--disable-plugin-autoload"]
    command += [*PLUGIN, *args, "--asgi-app=myapp:app", "-k", "not passes", "test_it.py", "--asgi-serve"]
    with subprocess.Popen(
        command, cwd=pytester.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if found := re.search(r"(http://\S+) now, until Ctrl-C", line):
                assert httpx2.get(found[1]).json() == ["answered by a task of the lifespan", 7]
                process.send_signal(signal.SIGINT)
        assert process.wait() == 1
    said = [re.sub(r":\d{3,}/?", ":PORT", line) for line in lines if line.startswith("--asgi-serve")]
    assert said == [
        "--asgi-serve: test_it.py::test_fails has failed. Its app is at http://127.0.0.1:PORT now, until Ctrl-C."
    ]
    assert [line for line in lines if "!!!!" in line] == [" --asgi-serve stops at the first failure ".center(80, "!")]
    assert any("the lifespan has ended" in line for line in lines) == ("-s" in args)
    assert re.fullmatch(r"1 failed, 1 deselected in .*", lines[-1])


WHY_NOT = {
    "no-client": (
        "def test_it(): assert False",
        "test_it.py::test_it has failed, but none of its fixtures is a client, and so there is no app to serve.",
    ),
    "virtual": (
        "@pytest.mark.asgi(clock='virtual')\ndef test_it(asgi_client): assert False",
        "test_it.py::test_it has failed, but its clock is virtual, and nobody can look at it in real time.",
    ),
    "trio": (
        "@pytest.mark.asgi(backend='trio')\ndef test_it(asgi_client): assert False",
        "test_it.py::test_it has failed, but its app runs on trio, and uvicorn serves asyncio alone.",
    ),
}


@pytest.mark.parametrize("why", WHY_NOT)
def test_what_cannot_be_served_is_said(pytester: pytest.Pytester, why: str) -> None:
    """The run stops in any case."""
    suite, text = WHY_NOT[why]
    suite = f"import pytest\n{suite}\ndef test_next(): assert False"
    lines = lines_of(pytester, "--asgi-app=myapp:app", "--asgi-serve", myapp=APP, test_it=suite)
    assert [line for line in lines if line.startswith("--asgi-serve")] == [f"--asgi-serve: {text}"]
    assert lines[-1].startswith("1 failed")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (
            ["-p", "xdist", "-n2", "--asgi-serve"],
            "ERROR: --asgi-serve serves the app of one test, in this process: leave out pytest-xdist (-n0).",
        ),
        (
            ["--asgi-serve", "test_it.py"],
            "pytest.main(): error: argument --asgi-serve: 'test_it.py' is no port. Write --asgi-serve=8000, or "
            "--asgi-serve behind everything else for a free one",
        ),
    ],
    ids=["xdist", "port"],
)
def test_mistakes_are_errors_of_use(
    pytester: pytest.Pytester, capfd: pytest.CaptureFixture[str], args: list[str], text: str
) -> None:
    """Before anything is collected."""
    lines_of(pytester, *args, test_it="def test_it(): ...")
    assert text in capfd.readouterr().err.splitlines()
