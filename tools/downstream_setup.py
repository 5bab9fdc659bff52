"""The environment of `downstream.py`: the source distributions of the suites, and all that their tests import.

All of it is in `.downstream`; it is made again when what it was made of has changed. This project is installed into it
in editable mode, so that it is always the current source which is tested.
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
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
WORK: Final = ROOT / ".downstream"
VENV: Final = WORK / "venv"
LOGS: Final = WORK / "logs"
PYTHON: Final = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

#: Suite -> version, extra, and the dependency group in its own pyproject.toml that its tests need.
SUITES: Final = {"starlette": ("1.10.0", "full", "dev"), "fastapi": ("0.165.0", "all", "tests")}
#: What the builds of the source distributions need: they are only unpacked, but pip asks for their metadata.
BUILD: Final = ("pip>=25.1", "hatchling", "pdm-backend")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def requirements() -> list[str]:
    """The arguments of the `pip install` which makes the environment; relative to the project."""
    wanted = ["pytest-timeout", "--editable", ".[trio,uvloop]"]
    for suite, (version, extra, group) in SUITES.items():
        wanted += [f"{suite}[{extra}]=={version}", "--group", f"{relative(source(suite))}/pyproject.toml:{group}"]
    return wanted


def source(suite: str) -> Path:
    """Where the source distribution is unpacked."""
    return WORK / f"{suite}-{SUITES[suite][0]}"


def prepare() -> None:
    """Make the environment, if there is none that was made of the same things."""
    basis = [sys.version, *BUILD, *requirements(), (ROOT / "pyproject.toml").read_text(encoding="utf-8")]
    digest = hashlib.sha256("\n".join(basis).encode()).hexdigest()
    stamp = VENV / "downstream.stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return
    print(f"making {relative(VENV)}", flush=True)
    shutil.rmtree(WORK, ignore_errors=True)
    LOGS.mkdir(parents=True)
    (WORK / ".gitignore").write_text("*\n", encoding="utf-8")
    install([sys.executable, "-m", "venv", str(VENV)])
    install([*pip("install"), "--upgrade", *BUILD])
    pinned = [f"{suite}=={version}" for suite, (version, *_) in SUITES.items()]
    unbuilt = ["--no-binary", ":all:", "--no-deps", "--no-build-isolation"]
    install([*pip("download"), *unbuilt, "--dest", str(WORK), *pinned])
    for archive in WORK.glob("*.tar.gz"):
        with tarfile.open(archive) as opened:
            opened.extractall(WORK, filter="data")
    install([*pip("install"), *requirements()])
    stamp.write_text(digest, encoding="utf-8")


def pip(command: str) -> list[str]:
    return [str(PYTHON), "-m", "pip", command, "--quiet", "--disable-pip-version-check"]


def install(command: Sequence[str]) -> None:
    """Run a step of the installation; its output goes to a log only, since pip names the package index in it."""
    log = LOGS / "install.txt"
    with log.open("a", encoding="utf-8") as output:
        done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise SystemExit(f"The environment could not be made: see {relative(log)}.")
