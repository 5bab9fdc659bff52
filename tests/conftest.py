"""The fixture that runs each behaviour on every driver, sync and async."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator

import anyio.from_thread
import pytest

from blocking import ITERATIONS
from either import EITHER, Either
from matrix import ASYNC, FEW, FREE, SYNC, Driver, available, backend_of

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """On which drivers the tests run that are marked with `client_decides`."""
    parser.addoption("--drivers", choices=("few", "all"), default="few", help="where tests marked client_decides run")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The one place that leaves drivers out: three are enough where the client alone decides what happens."""
    if config.getoption("drivers") == "all":
        return
    left_out = {item for item in items if _is_left_out(item)}
    config.hook.pytest_deselected(items=[*left_out])
    items[:] = [item for item in items if item not in left_out]


def _is_left_out(item: pytest.Item) -> bool:
    """Whatever is marked takes `driver`."""
    params = getattr(getattr(item, "callspec", None), "params", {})
    names = [name for key, name in params.items() if key in ("driver", "sync_driver", "either")]
    return any(name in FREE or (name not in FEW and item.get_closest_marker("client_decides")) for name in names)


@pytest.fixture(params=available({**SYNC, **ASYNC}))
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Each driver of both clients in turn; for a test marked with `client_decides`, `FEW` of them."""
    name = request.param
    if name in SYNC:
        with Driver(name, backend_of(name), SYNC[name]) as sync_driver:
            yield sync_driver
        return
    with anyio.from_thread.start_blocking_portal(**ASYNC[name]) as portal:
        yield Driver(name, backend_of(name), {}, portal)
        while ITERATIONS:
            ITERATIONS.pop().close()
        assert portal.call(lambda: True)  # no test may end the loop below its portal


@pytest.fixture(params=available(SYNC))
def sync_driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Each driver of the sync client in turn, for what only that client has."""
    with Driver(request.param, backend_of(request.param), SYNC[request.param]) as chosen:
        yield chosen


@pytest.fixture(params=available(EITHER))
def either(request: pytest.FixtureRequest) -> Either:
    """Each driver of both clients in turn, for a scenario in the test's own thread."""
    return EITHER[request.param]


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """No test listens to the log because of one before it; Litestar sets the level of the root with each app."""
    before = logging.root.level
    yield
    logging.root.setLevel(before)


@pytest.fixture
def only_new_garbage() -> Iterator[None]:
    """`gc.collect()` looks at what this test has left; to look through all that is there takes 0.1 seconds."""
    gc.freeze()
    yield
    gc.unfreeze()
