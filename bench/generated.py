"""A suite of a thousand tests of a FastAPI app, each with a client of its own and three requests, run by pytest.

What is compared is the time inside of the tests: collecting them and what pytest itself does take the same with both.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

_APP = """
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
items = {}


class Item(BaseModel):
    name: str
    price: float


async def user():
    return "ann"


@app.post("/items/{key}", status_code=201)
async def create(key: int, item: Item, name: str = Depends(user)):
    items[key] = item
    return {"by": name, **item.model_dump()}


@app.get("/items/{key}")
async def read(key: int):
    if key not in items:
        raise HTTPException(404)
    return items[key]
"""

_TEST = """

def test_{number}():
    with TestClient(app) as client:
        assert client.post("/items/{number}", json={{"name": "chair", "price": 9.5}}).status_code == 201
        assert client.get("/items/{number}").json()["name"] == "chair"
        assert client.get("/items/-1").status_code == 404
"""

#: Where the client of each comes from.
_CLIENTS = {"ours": "from asgi_lockstep import TestClient", "starlette": "from fastapi.testclient import TestClient"}


def seconds_inside(count: int, rounds: int) -> dict[str, float]:
    """The time inside of so many tests with each client, in seconds; the shortest of the rounds."""
    found = dict.fromkeys(_CLIENTS, float("inf"))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "shop.py").write_text(_APP, encoding="utf-8")
        for client, line in _CLIENTS.items():
            tests = "".join(_TEST.format(number=number) for number in range(count))
            (folder / f"test_{client}.py").write_text(f"from shop import app\n{line}\n{tests}", encoding="utf-8")
        for _ in range(rounds):
            for client in _CLIENTS:
                found[client] = min(found[client], _run(folder, client))
    return found


def _run(folder: Path, client: str) -> float:
    report = folder / "report.xml"
    options = ["-q", "-p", "no:cacheprovider", "-o", "junit_duration_report=call", f"--junitxml={report}"]
    command = [sys.executable, "-m", "pytest", *options, f"test_{client}.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stdout)
    return sum(float(case.get("time", 0)) for case in ET.parse(report).iter("testcase"))
