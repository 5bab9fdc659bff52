"""How an app is named on a command line: `module:attribute`, or `module:function()` for one that is made."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")

_FORMS = "module:attribute, or module:function() for what makes one"


class WrongApp(Exception):
    """There is no app of this name; the text says what was looked for, and what to write."""


class ImportFailed(Exception):
    """The module of the app raised while it was imported, or the function that makes it; chained to what it raised."""


@dataclass(frozen=True)
class AppName:
    """What a name says.

    Args:
        module: the full name of the module.
        attribute: what to look up in it, with dots where it is an attribute of an attribute.
        is_call: whether that is to be called.
        args, kwargs: with what.
    """

    module: str
    attribute: str
    is_call: bool = False
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def parsed(text: str) -> AppName:
    """What `text` names.

    Raises:
        WrongApp: it has not the form of a name, or its module is a file.

    Example:
        >>> parsed("shop.main:app")
        AppName(module='shop.main', attribute='app', is_call=False, args=(), kwargs={})
        >>> parsed("shop:create_app('test', debug=True)").kwargs
        {'debug': True}
    """
    module, colon, expression = text.partition(":")
    if "/" in module or "\\" in module or module.endswith(".py"):
        raise WrongApp(_instead_of_file(Path(module), expression))
    if not _MODULE.fullmatch(module):
        raise WrongApp(f"{text!r} names no app: write {_FORMS}, for example shop.main:app.")
    if not colon:
        return AppName(module, "")
    try:
        node = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        raise WrongApp(_no_expression(text, expression)) from None
    if isinstance(node, ast.Call):
        return AppName(module, _attribute(text, expression, node.func), True, *_arguments(text, node))
    return AppName(module, _attribute(text, expression, node))


def _attribute(text: str, expression: str, node: ast.expr) -> str:
    """`a.b.c` as it is written."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise WrongApp(_no_expression(text, expression))
    return ".".join([node.id, *reversed(parts)])


def _no_expression(text: str, expression: str) -> str:
    return f"{text!r} names no app: {expression!r} is neither an attribute nor a call. Write {_FORMS}."


def _arguments(text: str, call: ast.Call) -> tuple[tuple[Any, ...], dict[str, Any]]:
    try:
        args = tuple(ast.literal_eval(arg) for arg in call.args)
        return args, {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg}
    except ValueError:
        function = ast.unparse(call.func)
        raise WrongApp(
            f"{text!r} calls {function} with what is no literal: texts, numbers, True, False, None, and lists and "
            f"dicts of these can stand there, for example {function}('test', debug=True)."
        ) from None


def _instead_of_file(path: Path, expression: str) -> str:
    """What to write instead of the name of a file: the module as it is imported, from the folder above its package."""
    parts, folder = [path.stem], path.parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    where = "" if folder == Path() else f" --app-dir {folder}"
    name = f"{'.'.join(parts)}:{expression or 'app'}"
    return f"'{path}' is a file, and an app is named by its module.\n  Write: {name}{where}"
