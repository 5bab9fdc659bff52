"""The app as `module:attribute`, by which another process finds it, and back."""

from __future__ import annotations

import pkgutil
import re
import sys
from collections.abc import Iterator
from typing import Any

from ..._drivers.inspection.source_lines import Owner, owners
from ...errors import UsageError

_NAME = re.compile(r"[\w.]+:[\w.]+")

#: The module of a script: a child process has another one.
_SCRIPT = "__main__"


def name_of(app: Any, server: str) -> str:
    """The name by which a child process finds `app`.

    Args:
        app: an app, or its name.
        server: which server asks, for the text.

    Raises:
        UsageError: it has none; what to write instead stands in the text.
    """
    __tracebackhide__ = True
    if isinstance(app, str):
        check_name(app)
        return app
    found = [*_names(app)]
    name = next((name for name in found if not name.startswith(f"{_SCRIPT}:")), None)
    if name is not None:
        return name
    where = f"{found[0]} is of the script that runs" if found else f"{app!r} is no global of a module"
    raise UsageError(
        f"server={server!r} runs the app in a child process, which has to import it, and {where}. Put the app at the "
        f"top of a module, and give it or its name: LiveServer('module:app', server={server!r}). "
        "'uvicorn' and 'hypercorn' take any app."
    )


def app_of(name: str) -> Any:
    """The app of a name.

    Raises:
        UsageError: it is no name.
        ImportError, AttributeError: there is no such thing.
        Exception: what the module raises.
    """
    __tracebackhide__ = True
    check_name(name)
    return pkgutil.resolve_name(name)


def check_name(name: str) -> None:
    """Refuse what names no app."""
    __tracebackhide__ = True
    if not _NAME.fullmatch(name):
        raise UsageError(f"app={name!r} names no app: write 'module:attribute', for example 'shop.main:app'.")


def _names(app: Any) -> Iterator[str]:
    """The names of an app: what it says itself, then those that modules have for it, first of modules of the user's."""
    own = f"{getattr(app, '__module__', None)}:{getattr(app, '__qualname__', None)}"
    if _NAME.fullmatch(own) and _is(app, own):
        yield own
    modules = [(name, module) for name, module in [*sys.modules.items()] if hasattr(module, "__dict__")]
    for name, module in sorted(modules, key=lambda item: _is_foreign(item[1])):
        for attribute, value in [*vars(module).items()]:
            if value is app:
                yield f"{name}:{attribute}"


def _is(app: Any, name: str) -> bool:
    try:
        return pkgutil.resolve_name(name) is app
    except (ImportError, AttributeError):
        return False


def _is_foreign(module: Any) -> bool:
    file = getattr(module, "__file__", None)
    return not isinstance(file, str) or owners[file] is not Owner.USER
