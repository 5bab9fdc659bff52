"""The environments of `downstream.py`: the source distributions of the suites, and all that their tests import.

All of it is in `.downstream`, one folder for each environment, and is made again when what it was made of has changed.
This project is installed in editable mode, so that it is always the current source which is tested.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
WORK: Final = ROOT / ".downstream"
LOGS: Final = WORK / "logs"

#: What the builds of the source distributions need: they are only unpacked, but pip asks for their metadata.
BUILD: Final = ("pip>=25.1", "hatchling", "pdm-backend", "setuptools")


class Suite(NamedTuple):
    """The tests that a package carries in its source distribution.

    Args:
        package, version: which one.
        needs: what its tests need besides, as arguments of `pip install`; `{source}` is where it is unpacked.
        extra: the extra of the package with which it is installed.
        environment: the name of its environment; the same one for those that go together.
        tests: what pytest is told besides.
        lacks: a file that its tests read and its source distribution does not have; `""` for none.
        is_quick: whether it is a part of `make downstream`, and not of `make downstream-all` alone.
    """

    package: str
    version: str
    needs: tuple[str, ...]
    extra: str = ""
    environment: str = "newest"
    tests: tuple[str, ...] = ("tests",)
    lacks: str = ""
    is_quick: bool = True


#: Without those that need containers, or measure.
_SSE_TESTS: Final = "not integration and not experimentation"


def _old(version: str, *pins: str) -> Suite:
    """An older Starlette, with what was there in its time; its tests fail with later versions of that."""
    needs = ("httpx==0.28.1", "trio==0.30.0", "typing_extensions", *pins)
    return Suite("starlette", version, needs, "full", f"starlette-{version}")


#: Those whose source distribution carries tests; that of slowapi, of starlette-context and of strawberry has none.
SUITES: Final = {
    "starlette": Suite("starlette", "1.10.0", ("--group", "{source}/pyproject.toml:dev"), "full"),
    "fastapi": Suite("fastapi", "0.165.0", ("--group", "{source}/pyproject.toml:tests"), "all"),
    "starlette-0.46.2": _old("0.46.2", "anyio==4.9.0", "pytest==8.3.5"),
    "starlette-0.41.3": _old("0.41.3", "anyio==4.6.2.post1", "pytest==8.3.3"),
    "starlette-exporter": Suite(
        "starlette_exporter",
        "0.24.0",
        ("aiofiles", "fastapi==0.115.12"),
        environment="starlette-0.46.2",
        lacks="tests/static/test.txt",
    ),
    "sse-starlette": Suite(
        "sse-starlette",
        "3.7.0",
        ("pytest", "pytest-asyncio", "asgi-lifespan", "httpx2", "uvicorn", "psutil", "tenacity", "portend"),
        environment="others",
        # Two of its files import one that the source distribution does not have.
        tests=(*(f"--ignore=tests/test_{name}.py" for name in ("issue167", "sse")), "-m", _SSE_TESTS, "tests"),
    ),
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def folder(suite: str) -> Path:
    """That of the environment of a suite."""
    return WORK / SUITES[suite].environment


def python(suite: str) -> Path:
    """The interpreter of the environment of a suite."""
    return folder(suite) / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def source(suite: str) -> Path:
    """Where the source distribution is unpacked."""
    of = SUITES[suite]
    found = [path for path in folder(suite).glob(f"*-{of.version}") if path.is_dir()]
    return next(path for path in found if _same(path.name.rpartition("-")[0], of.package))


def _same(name: str, other: str) -> bool:
    return name.lower().replace("_", "-") == other.lower().replace("_", "-")


def requirements(environment: str) -> list[str]:
    """The arguments of the `pip install` which makes an environment, before the sources are where they will be."""
    wanted = ["pytest-timeout", "--editable", ".[trio,uvloop]"]
    for suite in SUITES.values():
        if suite.environment == environment:
            extra = f"[{suite.extra}]" if suite.extra else ""
            wanted += [f"{suite.package}{extra}=={suite.version}", *suite.needs]
    return wanted


def prepare(environment: str) -> None:
    """Make an environment, if there is none that was made of the same things."""
    place = WORK / environment
    basis = [
        sys.version,
        *BUILD,
        repr(SUITES),
        *requirements(environment),
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
    ]
    digest = hashlib.sha256("\n".join(basis).encode()).hexdigest()
    stamp = place / "stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return
    print(f"making {relative(place)}", flush=True)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    LOGS.mkdir(exist_ok=True)
    (WORK / ".gitignore").write_text("*\n", encoding="utf-8")
    suites = [name for name, suite in SUITES.items() if suite.environment == environment]
    install([sys.executable, "-m", "venv", str(place / "venv")])
    install([*pip(suites[0], "install"), "--upgrade", *BUILD])
    pinned = [f"{SUITES[name].package}=={SUITES[name].version}" for name in suites]
    unbuilt = ["--no-binary", ":all:", "--no-deps", "--no-build-isolation"]
    install([*pip(suites[0], "download"), *unbuilt, "--dest", str(place), *pinned])
    for archive in place.glob("*.tar.gz"):
        with tarfile.open(archive) as opened:
            opened.extractall(place, filter="data")
    for name in suites:
        if SUITES[name].lacks:
            file = source(name) / SUITES[name].lacks
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("test", encoding="utf-8")
    install([*pip(suites[0], "install"), *_in_place(requirements(environment), suites)])
    stamp.write_text(digest, encoding="utf-8")


def _in_place(wanted: Sequence[str], suites: Sequence[str]) -> list[str]:
    """The requirements, with the places of the sources in them, each of which is asked for in its own suite."""
    of = {need: name for name in suites for need in SUITES[name].needs if "{source}" in need}
    return [need.format(source=relative(source(of[need]))) if need in of else need for need in wanted]


def pip(suite: str, command: str) -> list[str]:
    return [str(python(suite)), "-m", "pip", command, "--quiet", "--disable-pip-version-check"]


def install(command: Sequence[str]) -> None:
    """Run a step of the installation; its output goes to a log only, since pip names the package index in it."""
    log = LOGS / "install.txt"
    with log.open("a", encoding="utf-8") as output:
        done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise SystemExit(f"The environment could not be made: see {relative(log)}.")
