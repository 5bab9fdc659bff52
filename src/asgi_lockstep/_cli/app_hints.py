"""What to write instead of a name that names no app: names that are near, and the apps that a module has."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from .._client.app_kinds import as_asgi3
from ..errors import NotAnASGIApp
from .app_name import AppName

#: How the parameters of an app are called, by which one is known among other things that can be called.
_PARAMETERS = ["scope", "receive", "send"]

#: What most people call it, and so stands first.
USUAL = ("app", "application")


def near(name: str, known: Iterable[str], prefix: str = "") -> str:
    """A line with the names that are most like `name`; `""` if there are none."""
    found = get_close_matches(name, [*known])
    return f"\n  Did you mean {' or '.join(prefix + other for other in found)}?" if found else ""


def modules_in(paths: Iterable[str]) -> list[str]:
    """The names of the modules in some folders."""
    return [module.name for module in pkgutil.iter_modules([*paths])]


def apps_of(module: ModuleType) -> str:
    """A line with the apps that a module has."""
    found = sorted(_apps(module), key=lambda name: (name not in USUAL, name))
    if not found:
        return f"\n  There is no app in {module.__name__}."
    return f"\n  Apps in {module.__name__}: {', '.join(f'{module.__name__}:{name}' for name in found)}."


def in_a_module_of(package: ModuleType, names: Iterable[str]) -> str:
    """A line with the modules of a package in which one of `names` is defined; `""` if there are none.

    They are read and not imported: what is on the way to an app of somebody else may do anything.
    """
    found = [
        f"{inner}:{name}" for inner, source in _sources_in(package) for name in names if name in _defined_in(source)
    ]
    return f"\n  Did you mean {' or '.join(found)}?" if found else ""


def _sources_in(package: ModuleType) -> Iterator[tuple[str, Path]]:
    """The modules of a package, by their full names, with their files."""
    for folder in getattr(package, "__path__", ()):
        for name in sorted(modules_in([folder])):
            file = Path(folder, f"{name}.py")
            if file.is_file():
                yield f"{package.__name__}.{name}", file


def _defined_in(source: Path) -> set[str]:
    """The names that a file of Python gives to something, outside of all functions and classes."""
    try:
        tree = ast.parse(source.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return set()
    targets = [
        target
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    return functions | {target.id for target in targets if isinstance(target, ast.Name)}


def _apps(module: ModuleType) -> Iterator[str]:
    for name, value in [*vars(module).items()]:
        if not name.startswith("_") and not isinstance(value, ModuleType | type) and _takes_messages(value):
            yield name


def _takes_messages(value: Any) -> bool:
    try:
        return [*inspect.signature(value).parameters] == _PARAMETERS
    except Exception:  # whatever stands in the module of somebody: proxies raise what they like
        return False


def why_no_app(value: Any, name: AppName) -> str | None:
    """What is wrong with `value` as an app, and what to write instead; None if it is one."""
    written = f"{name.module}:{name.attribute}" + ("()" if name.is_call else "")
    if inspect.iscoroutine(value):
        value.close()  # or Python would warn that nobody has awaited it
        return (
            f"{name.module}:{name.attribute} is async, and nobody awaits what it makes.\n  Write a function without "
            "async that makes the app."
        )
    if isinstance(value, ModuleType):
        return f"{written} is a module, and no app.{apps_of(value)}"
    if not name.is_call and _makes_something(value):
        kind = "a class" if inspect.isclass(value) else "a function that can be called with nothing"
        return f"{written} is {kind}, and no app.\n  If it makes one, write: '{written}()', or {written} --factory"
    try:
        as_asgi3(value)
    except NotAnASGIApp:
        if callable(value):
            return f"{written} takes {_taken(value)}, and an ASGI app takes (scope, receive, send)."
        return f"{written} is {_shortened(repr(value))}, and no app: it cannot be called."
    return None


def _makes_something(value: Any) -> bool:
    """Whether `value` can be called with nothing, and not with what an app is called with."""
    return _takes(value, 0) and not _takes(value, len(_PARAMETERS))


def _takes(value: Any, count: int) -> bool:
    try:
        inspect.signature(value).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def _taken(value: Any) -> str:
    return f"({', '.join(inspect.signature(value).parameters)})"


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
