"""What the rules look at: the files of the package, and what each of them imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import asgi_lockstep

PACKAGE = Path(asgi_lockstep.__file__).parent

#: Each file of the package by its path inside of it: its text, parsed.
TREES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}


def in_folder(name: str, folder: str) -> bool:
    """Whether the file `name` is in `folder`, or is it."""
    return name == folder or name.startswith(f"{folder}/")


def file_of(*parts: str) -> str | None:
    """The file of the package that is the module of these names, if there is one."""
    path = "/".join(parts)
    return next((name for name in (f"{path}.py", f"{path}/__init__.py") if name in TREES), None)


def imports(name: str) -> Iterator[str]:
    """What the file `name` imports: paths of our own files, and dotted names of the modules of others."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0:
                assert node.module is not None
                yield node.module
                continue
            parts = name.split("/")[: -node.level] + (node.module.split(".") if node.module else [])
            for alias in node.names:
                imported = file_of(*parts, alias.name) or file_of(*parts)
                assert imported is not None, ast.unparse(node)
                yield imported


#: Each file of the package, with our own files that it imports.
OURS = {name: {imported for imported in imports(name) if imported in TREES} for name in TREES}

#: Each file of the package, with the modules of others that it imports.
OTHERS = {name: {imported for imported in imports(name) if imported not in TREES} for name in TREES}
