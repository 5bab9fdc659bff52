"""From the name of an app to the app: imports its module, looks it up in there, and calls what makes it."""

from __future__ import annotations

import importlib.util
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from .._drivers.inspection.source_lines import shown
from .app_hints import USUAL, apps_of, in_a_module_of, modules_in, near, why_no_app
from .app_name import AppName, ImportFailed, WrongApp, parsed


def load(text: str, folder: Path, factory: bool = False) -> Any:
    """The app of a name.

    Args:
        text: its name: `module:attribute`, `module:attribute.attribute`, `module:function('literals', of=1)`.
        folder: what is put in front of `sys.path`.
        factory: whether to call what is found, also where the name does not.

    Raises:
        WrongApp: there is no such app; the text says what to write.
        ImportFailed: the module, or the function that makes the app, has raised.
    """
    name = parsed(text)
    where = str(folder.resolve())
    if where not in sys.path:
        sys.path.insert(0, where)
    module = _module(name.module, folder)
    if not name.attribute:
        hint = in_a_module_of(module, USUAL) or apps_of(module)
        raise WrongApp(f"{text!r} names a module, and no app in it: write module:attribute.{hint}")
    value = _attribute(module, name)
    if factory and not name.is_call:
        name = AppName(name.module, name.attribute, is_call=True)
    if name.is_call:
        value = _made(value, name)
    wrong = why_no_app(value, name)
    if wrong:
        raise WrongApp(wrong)
    return value


def _module(name: str, folder: Path) -> ModuleType:
    """The module, with what lies above it imported first, so that it is known what is missing."""
    module: ModuleType | None = None
    for part in name.split("."):
        inner = f"{module.__name__}.{part}" if module else part
        if module and not hasattr(module, "__path__"):
            raise WrongApp(f"There is no module {inner!r}: {_with_file(module)} is no package.{apps_of(module)}")
        if inner not in sys.modules and importlib.util.find_spec(inner) is None:
            raise WrongApp(_missing(inner, part, module, folder))
        module = _imported(inner)
    assert module is not None  # a name has parts
    return module


def _imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except (Exception, SystemExit) as exception:
        raise ImportFailed(f"{name} could not be imported: it has raised what stands above.") from exception


def _missing(name: str, part: str, package: ModuleType | None, folder: Path) -> str:
    if package is None:
        hint = near(part, modules_in([str(folder)])) or "\n  --app-dir says where else to look."
        return f"There is no module {name!r}, neither in {folder.resolve()} nor among what is installed.{hint}"
    hint = near(part, modules_in(package.__path__), prefix=f"{package.__name__}.")
    return f"There is no module {name!r} in {_with_file(package)}.{hint}"


def _attribute(module: ModuleType, name: AppName) -> Any:
    owner: Any = module
    done = module.__name__
    for part in name.attribute.split("."):
        try:
            owner = getattr(owner, part)
        except AttributeError:
            hint = near(part, (known for known in dir(owner) if not known.startswith("_")), prefix=_prefix(done))
            where = _with_file(module) if owner is module else done
            inner = in_a_module_of(module, [part]) if owner is module else ""
            raise WrongApp(f"There is no {part!r} in {where}.{inner or hint + apps_of(module)}") from None
        done = _prefix(done) + part
    return owner


def _prefix(done: str) -> str:
    """What stands before an attribute: the first one follows a colon, the others a dot."""
    return f"{done}." if ":" in done else f"{done}:"


def _made(make: Any, name: AppName) -> Any:
    written = f"{name.module}:{name.attribute}"
    if not callable(make):
        raise WrongApp(f"{written} is no function that makes an app: it cannot be called. Write: {written}")
    try:
        return make(*name.args, **name.kwargs)
    except (Exception, SystemExit) as exception:
        raise ImportFailed(f"{written}() made no app: it has raised what stands above.") from exception


def _with_file(module: ModuleType) -> str:
    file = getattr(module, "__file__", None)
    return f"{module.__name__} ({shown(file)})" if file else module.__name__
