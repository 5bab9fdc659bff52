"""What a test may change of an app that runs on for the next one: put back as it was when the test has ended.

Of Starlette, FastAPI and whatever is built like them: `dependency_overrides` and `state`, of the app and of the apps
that are mounted in it. Only their attributes are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

#: How many apps may be inside each other, each middleware being one.
_DEEPEST: Final = 30


@contextmanager
def restored(app: Any) -> Iterator[None]:
    """Within the block `app` can be changed; behind it, it is as before."""
    put_back = kept(app, "dependency_overrides", "state")
    try:
        yield
    finally:
        put_back()


def kept(app: Any, *names: str) -> Callable[[], None]:
    """What makes `app` again what it is now, as far as those names go."""
    steps = [step for part in _parts(app) for name in names for step in _OF_NAMES[name](part)]

    def put_back() -> None:
        for step in steps:
            step()

    return put_back


def _parts(app: Any) -> list[Any]:
    """The app, what it is around, and what is mounted in it, as far as that can be seen; each once."""
    found: dict[int, Any] = {}
    front = [app]
    for _ in range(_DEEPEST):
        found |= (new := {id(part): part for part in front if id(part) not in found})
        front = [inner for part in new.values() for inner in _inside(part)]
    return [*found.values()]


def _inside(part: Any) -> Iterator[Any]:
    inner = getattr(part, "app", None)
    if callable(inner):
        yield inner
    routes = getattr(part, "routes", None)
    if isinstance(routes, (list, tuple)):
        yield from (route for route in routes if hasattr(route, "app") or hasattr(route, "routes"))


def _overrides(part: Any) -> Iterator[Callable[[], None]]:
    overrides = getattr(part, "dependency_overrides", None)
    if isinstance(overrides, dict):
        yield from (_same(part, "dependency_overrides", overrides), _same_content(overrides))


def _state(part: Any) -> Iterator[Callable[[], None]]:
    state = getattr(part, "state", None)
    if state is not None and _is_state(state):
        yield _same(part, "state", state)
        yield from map(_same_content, [vars(state), *(value for value in vars(state).values() if type(value) is dict)])


def _is_state(value: Any) -> bool:
    """Whether it is an object for what its users like to put there: its class is called so in each framework."""
    return any(cls.__name__ == "State" for cls in type(value).__mro__) and hasattr(value, "__dict__")


def _same(part: Any, name: str, value: Any) -> Callable[[], None]:
    def undo() -> None:
        if getattr(part, name, None) is not value:
            setattr(part, name, value)

    return undo


def _same_content(content: dict[Any, Any]) -> Callable[[], None]:
    before = dict(content)

    def undo() -> None:
        content.clear()
        content.update(before)

    return undo


_OF_NAMES: Final = {"dependency_overrides": _overrides, "state": _state}
