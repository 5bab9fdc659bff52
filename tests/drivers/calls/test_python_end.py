"""Python ends, whatever threads an app has left: it waits for no thread that never ends."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator

import pytest

from asgi_lockstep._drivers.calls import python_end
from matrix import SYNC, available

#: An app whose job never ends, and what the test is told of it. `JOB` is what waits.
APP = """
import anyio, asyncio, functools, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from asgi_lockstep import AppTimeout, AsyncTestClient, Deadlock, TestClient

never, pool, kept = threading.Event(), ThreadPoolExecutor(1), []

def waits():
    never.wait()

def sleeps():
    time.sleep(3600)

async def app(scope, receive, send):
    await job()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body"})
"""

#: What the app does with its job, and the library it takes for that; None for any.
JOBS = {
    "anyio": ("await anyio.to_thread.run_sync(waits)", None),
    "anyio that sleeps": ("await anyio.to_thread.run_sync(sleeps)", None),
    "asyncio": ("await asyncio.to_thread(waits)", "asyncio"),
    "asyncio that sleeps": ("await asyncio.to_thread(sleeps)", "asyncio"),
    "an executor": ("await asyncio.get_running_loop().run_in_executor(pool, waits)", "asyncio"),
    "a thread": ("threading.Thread(target=waits).start()", None),
}

SYNC_CALL = """
with TestClient(app, lifespan="off", timeout=0.2, **{options!r}) as client:
    try:
        client.get("/")
    except (Deadlock, AppTimeout):
        print("told", flush=True)
"""

ASYNC_CALL = """
async def test():
    async with AsyncTestClient(app, lifespan="off", timeout=0.2) as client:
        try:
            await client.get("/")
        except (Deadlock, AppTimeout):
            print("told", flush=True)

anyio.run(test, backend={backend!r}, backend_options={options!r})
"""


def ended(job: str, call: str) -> tuple[int, str, str]:
    """How a Python ends that has run this: its status, and what it has printed; the limit only keeps a failing test
    from going on for ever.
    """
    code = f"{APP}\nasync def job():\n    {job}\n{call}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout, done.stderr


def takes(driver: str, library: str | None) -> bool:
    """Whether a job of that library runs on a driver."""
    return library is None or not driver.startswith("trio")


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("driver", available(SYNC))
def test_python_ends_when_a_job_never_does(driver: str, job: str) -> None:
    """The test has been told of it, if it had to wait; and Python does not wait for it again."""
    source, library = JOBS[job]
    if not takes(driver, library):
        pytest.skip("this driver has no such job")
    status, printed, _ = ended(source, SYNC_CALL.format(options=SYNC[driver]))
    assert (status, printed) == (0, "" if job == "a thread" else "told\n")


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("backend", [("asyncio", {}), ("asyncio", {"use_uvloop": True}), ("trio", {})], ids=str)
def test_the_loop_of_a_test_ends_when_a_job_never_does(backend: tuple[str, dict[str, bool]], job: str) -> None:
    """Asyncio waits for the default executor before it closes a loop; not for one whose job has held up a call."""
    source, library = JOBS[job]
    if not takes(backend[0], library):
        pytest.skip("this library has no such job")
    if backend[0] == "trio" and job != "a thread":
        pytest.skip("a run of trio has no way to end before its threads, whoever waits for them")
    if backend[1]:
        pytest.importorskip("uvloop")
    status, printed, _ = ended(source, ASYNC_CALL.format(backend=backend[0], options=backend[1]))
    assert (status, printed) == (0, "" if job == "a thread" else "told\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells that nobody can wake a thread")
def test_what_python_does_not_wait_for_is_said() -> None:
    """With the line at which it stands; a thread of the app counts as any other."""
    _, _, said = ended(JOBS["a thread"][0], SYNC_CALL.format(options={}))
    assert said.replace("never.wait()", "") == (  # which the source of -c is known to be from Python 3.13 on
        "asgi_lockstep: Python ends, and does not wait for a thread that does not: thread 'Thread-1 (waits)', at "
        "<string>:9 in waits: \n"
    )


def test_python_waits_for_a_job_that_ends() -> None:
    """For one whose client has gone, too, and for a thread that nobody has to wake."""
    source = "kept.append(threading.Thread(target=lambda: (time.sleep(0.7), print('done', flush=True))))\n    "
    status, printed, said = ended(f"{source}kept[0].start()", SYNC_CALL.format(options={}))
    assert (status, printed, said) == (0, "done\n", "")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer that sends a signal")
def test_python_waits_for_a_thread_that_a_signal_can_wake() -> None:
    """A handler runs while Python waits: so a program may end its threads."""
    source = (
        "import signal\n    signal.signal(signal.SIGALRM, lambda *_: never.set())\n    "
        "signal.setitimer(signal.ITIMER_REAL, 0.5)\n    "
        "threading.Thread(target=lambda: (never.wait(), print('done', flush=True))).start()"
    )
    assert ended(source, SYNC_CALL.format(options={})) == (0, "done\n", "")


def test_an_idle_executor_is_no_thread_that_never_ends() -> None:
    """Python tells its workers to end: nothing is said of them."""
    source = "await asyncio.get_running_loop().run_in_executor(pool, int)"
    assert ended(source, SYNC_CALL.format(options={})) == (0, "", "")


def test_python_still_has_what_is_called_before_it_joins_its_threads() -> None:
    """A private name; where it is gone, an interpreter whose client is left open does not end."""
    assert callable(getattr(threading, "_register_atexit", None))


@pytest.fixture
def waiting() -> Iterator[threading.Thread]:
    """A thread that waits until it is let go; and what lets it go."""
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    yield thread
    go.set()


def test_python_can_still_be_told_that_a_thread_has_ended(
    waiting: threading.Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By private names; where they are gone, an interpreter with a thread that never ends does not end either."""
    if sys.version_info >= (3, 13):
        monkeypatch.setattr(threading, "_thread_shutdown", threading._thread_shutdown)  # type: ignore[attr-defined]
    python_end._wait_no_more(waiting)
    assert not waiting.is_alive()
    waiting.join()


def test_a_thread_that_has_ended_is_kept_by_nobody() -> None:
    """It refers to its loop, and a test run has thousands of those."""
    thread = threading.Thread(target=int)
    kept = weakref.ref(thread)
    python_end.leave_behind(thread)
    thread.start()
    thread.join()
    del thread
    gc.collect()
    assert kept() is None
