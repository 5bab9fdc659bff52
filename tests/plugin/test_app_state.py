"""What a test may change of a running app is put back."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Host, Mount, Router

from asgi_lockstep._pytest.app_state import restored


def dependency() -> None:
    """Something that is overridden."""


def test_state_is_as_before() -> None:
    """What was added, taken away and changed, of the same object; other objects stay what they are."""
    app = Starlette()
    app.state.kept, app.state.changed, app.state.gone = pool, *_ = [object(), 1, 2]
    state = app.state
    with restored(app):
        app.state.changed, app.state.added = 5, 6
        del app.state.gone
    assert app.state is state
    assert dict(vars(state))["_state"] == {"kept": pool, "changed": 1, "gone": 2}


def test_another_state_is_replaced_by_the_one_before() -> None:
    """Some tests put a new one there."""
    app = Starlette()
    state = app.state
    with restored(app):
        app.state = type(state)({"new": True})
    assert app.state is state


def test_overrides_are_as_before() -> None:
    """Those of a dict that was changed, and of one that was replaced."""
    app = FastAPI()
    app.dependency_overrides[dependency] = dependency
    overrides = app.dependency_overrides
    with restored(app):
        app.dependency_overrides.clear()
        app.dependency_overrides = {}
    assert app.dependency_overrides is overrides == {dependency: dependency}


def mounted(inner: Any) -> Any:
    """Starlette's ways to have an app inside of another one."""
    router = Router(routes=[Host("api.example.org", inner)])
    return GZipMiddleware(Starlette(routes=[Mount("/a", routes=[Mount("/b", GZipMiddleware(router))])]))


def included(inner: Any) -> Any:
    """FastAPI's way."""
    app = FastAPI()
    app.mount("/inner", inner)
    return app


@pytest.mark.parametrize("outer", [mounted, included])
def test_mounted_apps_are_put_back_too(outer: Any) -> None:
    """Behind middleware, routers and mounts, as far as these show what is in them."""
    inner = FastAPI()
    with restored(outer(inner)):
        inner.dependency_overrides[dependency] = dependency
        inner.state.count = 1
    assert inner.dependency_overrides == {}
    assert not hasattr(inner.state, "count")


def test_it_is_put_back_where_the_test_fails() -> None:
    """And the failure goes on."""
    app = FastAPI()
    with pytest.raises(ZeroDivisionError), restored(app):
        app.state.count = 1 / 0
    with pytest.raises(ValueError, match="no"), restored(app):
        app.state.count = 1
        raise ValueError("no")
    assert not hasattr(app.state, "count")


def test_an_app_that_is_a_function_has_nothing_to_put_back() -> None:
    """Nor has one that is around itself."""

    class Around:
        """Refers to itself."""

        def __init__(self) -> None:
            self.app = self

        def __call__(self) -> None:
            """It could be an app."""

    with restored(dependency), restored(Around()):
        pass
