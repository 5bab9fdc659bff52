"""The layout of the package, as a rule that is checked."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import asgi_lockstep
from asgi_lockstep import AsyncTestClient, AsyncWebSocketTestSession, TestClient, WebSocketTestSession

PACKAGE = Path(asgi_lockstep.__file__).parent

#: The floor of each folder and file; a file imports only from floors below, or from files of its own folder.
FLOORS = {
    "diagnosis.py": 0,
    "errors.py": 0,
    "_types.py": 0,
    "_protocol": 1,
    "_drivers": 2,
    "_client": 3,
    "__init__.py": 4,
    "clock.py": 4,
    "starlette.py": 4,
}

#: Which third parties a floor may import; nobody else may.
THIRD_PARTIES = {
    0: set(),
    1: set(),
    2: {"anyio", "trio", "uvloop", "winloop"},
    3: {"anyio", "httpx2", "time_machine"},
    4: set(),
}

#: Modules that would bring I/O, threads or clocks into the protocol floor.
NOT_IN_PROTOCOL = {"asyncio", "threading", "time", "socket", "selectors", "queue", "concurrent"}


def modules() -> Iterator[tuple[str, int, set[str]]]:
    """Each file of the package: its path, its floor, and the full names of the modules it imports."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        imports: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imports |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                parts = name.removesuffix(".py").split("/")
                base = ["asgi_lockstep", *parts[: len(parts) - node.level]] if node.level else []
                imports.add(".".join([*base, *([node.module] if node.module else [])]))
        yield name, FLOORS[name.split("/")[0]], imports


def test_a_file_imports_only_from_floors_below_or_its_own_folder() -> None:
    """Errors and types, then the protocol, then the drivers, then the clients, then the edges."""
    wrong = []
    for name, floor, imports in modules():
        for imported in imports:
            if not imported.startswith("asgi_lockstep."):
                continue
            target = imported.split(".")[1]
            target_floor = FLOORS.get(target, FLOORS.get(f"{target}.py"))
            assert target_floor is not None, imported
            same_folder = name.split("/")[0] == target
            if target_floor > floor or (target_floor == floor and not same_folder and floor != 0):
                wrong.append(f"{name} imports {imported}")
    assert wrong == []


def test_there_is_no_cycle_of_imports() -> None:
    """Read from the bottom up, each file needs only what was read before."""
    graph = {
        "asgi_lockstep." + name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): imports
        for name, _, imports in modules()
    }
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path, module])
        if module in done:
            return
        for imported in graph[module]:
            if imported in graph:
                visit(imported, (*path, module))
        done.add(module)

    for module in graph:
        visit(module, ())


#: Where a backend may be imported from, besides its own folder: the edge whose two names are those of the libraries.
KNOWS_BACKENDS = {"clock.py"}

#: Names of libraries that turn loops, as they are written in code.
LIBRARIES = ("asyncio", "trio")

#: Where they may be named: the rows, the public names and options, and what is known of other people's code (in their
#: tracebacks and in the threads of the process).
NAMES_LIBRARIES = {
    "_drivers/turning/backends.py": {"asyncio", "trio"},
    "_drivers/rest/why_stuck.py": {"asyncio", "trio"},
    "_drivers/inspection": {"asyncio", "trio"},
    "_drivers/on_asyncio": {"asyncio"},
    "_drivers/on_asyncio/world.py": {"asyncio", "trio"},
    "_drivers/on_trio": {"trio"},
    "_client/sync_client.py": {"asyncio", "trio"},
    "clock.py": {"asyncio", "trio"},
}


def in_folder(name: str, folder: str) -> bool:
    """Whether the file `name` is in `folder`, or is it."""
    return name == folder or name.startswith(f"{folder}/")


def test_the_backends_are_known_by_their_rows_alone() -> None:
    """A third one is a folder and a row: nobody else imports from the two that there are."""
    wrong = []
    for name, _, imports in modules():
        for imported in imports:
            folder = "/".join(imported.split(".")[1:3])
            is_backend = folder.startswith("_drivers/on_")
            if is_backend and not in_folder(name, folder) and name not in KNOWS_BACKENDS:
                wrong.append(f"{name} imports {imported}")
    assert wrong == []


def words(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The names and the texts of a file that are not documentation, each with its line."""
    documentation = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documentation:
            yield node.lineno, node.value
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names)
            yield node.lineno, getattr(node, "module", None) or ""


def test_no_library_is_named_outside_of_its_backend() -> None:
    """No `if trio`: what differs between two libraries is a question that the contract of a backend asks."""
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        allowed = {library for place, some in NAMES_LIBRARIES.items() if in_folder(name, place) for library in some}
        for line, word in words(ast.parse(path.read_text(encoding="utf-8"))):
            named = {library for library in LIBRARIES if library in word.lower()}
            wrong += [f"{name}:{line} names {library}: {word}" for library in sorted(named - allowed)]
    assert wrong == []


def test_the_backends_have_the_same_files() -> None:
    """Whoever knows the one finds the twin in the other; asyncio has more, as its loops do not show their rests."""
    asyncio, trio = (
        {path.name for path in (PACKAGE / "_drivers" / folder).glob("*.py")} for folder in ("on_asyncio", "on_trio")
    )
    assert trio - asyncio == {"clocks.py"}
    assert asyncio & trio == {
        "__init__.py",
        "app_tasks.py",
        "backend.py",
        "caller_loop.py",
        "loop_runner.py",
        "settle.py",
        "tasks.py",
        "watch.py",
        "world.py",
    }


def test_third_parties_stay_on_their_floors() -> None:
    """Anyio and trio turn loops; httpx2 is spoken by the clients; the protocol knows none of them."""
    wrong = []
    for name, floor, imports in modules():
        for imported in {module.split(".")[0] for module in imports}:
            foreign = imported not in sys.stdlib_module_names and imported not in ("asgi_lockstep", "__future__")
            if foreign and imported not in THIRD_PARTIES[floor]:
                wrong.append(f"{name} imports {imported}")
            if floor <= 1 and imported in NOT_IN_PROTOCOL:
                wrong.append(f"{name} imports {imported}")
    assert wrong == []


def test_public_names_are_listed() -> None:
    """`__all__` is sorted, complete, and nothing else is public in the package."""
    listed = asgi_lockstep.__all__
    assert list(listed) == sorted(listed)
    public = {
        name
        for name, value in vars(asgi_lockstep).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name != "annotations"
    }
    assert public == set(listed)


def public_names(cls: type, base: type) -> dict[str, inspect.Signature | None]:
    """The public names that `cls` adds to `base` or defines anew, with their signatures."""
    names = {
        name
        for parent in cls.__mro__
        if parent.__module__.startswith("asgi_lockstep")
        for name in vars(parent)
        if not name.startswith("_") and name != "Any"
    }
    return {
        name: inspect.signature(getattr(cls, name)) if callable(getattr(cls, name, None)) else None for name in names
    }


#: What only the sync client has: its loop is its own, and can be chosen and reached.
ONLY_SYNC = {"portal", "task", "exit_stack", "run"}


def parameters(signature: inspect.Signature | None) -> list[tuple[str, object]] | None:
    """Names and defaults."""
    if signature is None:
        return None
    return [(parameter.name, parameter.default) for parameter in signature.parameters.values()]


def test_the_sync_and_the_async_client_have_the_same_surface() -> None:
    """Names, parameters and defaults."""
    sync, aio = public_names(TestClient, object), public_names(AsyncTestClient, object)
    assert set(sync) - ONLY_SYNC == set(aio)
    for name in aio:
        assert parameters(sync[name]) == parameters(aio[name]), name


def test_the_constructors_differ_only_in_the_loop() -> None:
    """The async client runs on the loop that runs already, so it has no options for one."""
    only_sync = {"backend", "backend_options", "driver"}
    sync = [item for item in parameters(inspect.signature(TestClient)) or () if item[0] not in only_sync]
    assert sync == parameters(inspect.signature(AsyncTestClient))


def test_the_sessions_have_the_same_surface() -> None:
    """Names, parameters and defaults."""
    sync, aio = public_names(WebSocketTestSession, object), public_names(AsyncWebSocketTestSession, object)
    assert set(sync) - {"portal"} == set(aio)
    for name in aio:
        assert parameters(sync[name]) == parameters(aio[name]), name


def test_the_constructor_has_the_order_of_todays_client() -> None:
    """Code passes these by position."""
    names = [name for name, _ in parameters(inspect.signature(TestClient)) or ()]
    assert names[:10] == [
        "app",
        "base_url",
        "raise_server_exceptions",
        "root_path",
        "backend",
        "backend_options",
        "cookies",
        "headers",
        "follow_redirects",
        "client",
    ]


def test_files_and_functions_have_a_readable_size() -> None:
    """A reviewer holds one in the head."""
    too_long = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 350:
            too_long.append(path.name)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = (ast.get_docstring(node, clean=False) or "").count("\n")
                assert node.end_lineno is not None
                if node.end_lineno - node.lineno - docstring > 50:
                    too_long.append(f"{path.name}: {node.name}")
    assert too_long == []
