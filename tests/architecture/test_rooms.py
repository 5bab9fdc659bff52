"""Who may import whom: the floors and their rooms, the libraries, and the two backends."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from architecture.package import OTHERS, OURS, PACKAGE, TREES, in_folder

#: The rooms of the package, from the bottom to the top. A file imports only from rows below, or from its own room; the
#: rooms of one row do not know each other.
ROOMS = (
    ("diagnosis.py", "_types.py", "_exception_parts.py", "_httpx.py"),
    ("violations.py",),
    ("errors.py",),
    # ASGI without any I/O.
    (
        "_protocol/tables.py",
        "_protocol/scope.py",
        "_protocol/file_pieces.py",
        "_protocol/framing.py",
        "_protocol/servers.py",
        "_protocol/consequences.py",
        "_protocol/variation_kinds.py",
    ),
    ("_protocol/rules.py", "_protocol/varied_scopes.py", "_protocol/varied_messages.py"),
    ("_protocol/order_rules.py", "_protocol/kind_rules.py", "_protocol/header_rules.py", "_protocol/ending_rules.py"),
    ("_protocol/header_pairs.py", "_protocol/response_rules.py", "_protocol/websocket_rules.py"),
    ("_protocol/shapes.py", "_protocol/content_rules.py", "_protocol/rule_book.py", "_protocol/variation.py"),
    ("_protocol/catalogue.py", "_protocol/checks.py"),
    ("_protocol/findings.py", "_protocol/standing.py"),
    ("_protocol/exchange.py", "_protocol/layer.py"),
    ("_protocol/http_request.py", "_protocol/lifespan_exchange.py"),
    ("_protocol/http_exchange.py",),
    ("_protocol/websocket_exchange.py",),  # a refused one gets a response of HTTP
    ("_protocol/steps.py", "_protocol/advice.py", "_protocol/varied_exchanges.py"),
    # Who turns the event loop.
    ("_drivers/clock",),
    ("_drivers/inspection",),
    ("_drivers/happenings",),
    ("_drivers/calls",),
    ("_drivers/rest",),
    ("_drivers/on_asyncio", "_drivers/on_trio", "_drivers/turning"),
    # What has happened.
    ("_timeline/masking.py", "_timeline/events.py", "_timeline/wording.py"),
    ("_timeline/json_lines.py",),
    ("_timeline/timeline.py",),
    ("_timeline/hints.py", "_timeline/reading.py", "_timeline/writers"),
    # The clients.
    ("_client/values.py", "_client/lifespan_record.py", "_client/wrong_colours.py"),
    ("_client/rule_options.py",),
    ("_client/options.py", "_client/app_kinds.py"),
    ("_client/more_options.py", "_client/checked.py"),
    ("_client/network_errors.py", "_client/websocket_errors.py", "_client/handed_over.py"),
    ("_client/entrances.py",),
    ("_client/failures.py", "_client/portal.py", "_client/time_passing"),
    ("_client/http", "_client/websocket", "_client/endings"),
    ("_client/pipeline", "_client/client_base.py"),
    ("_client/conversations.py",),
    ("_client/sync_client.py", "_client/async_client.py"),
    ("_client/old_names.py", "_client/own_transport.py"),
    # Servers with real sockets.
    ("_live/errors.py", "_live/deadlines.py"),
    ("_live/record.py", "_live/app_side.py"),
    ("_live/recorder.py",),
    ("_live/whereabouts.py",),
    ("_live/serving",),
    ("_live/clients",),
    ("_live/running.py",),
    ("_live/live_server.py",),
    # The names for users.
    ("_strategies", "_cli"),
    ("__main__.py", "clock.py", "live.py", "starlette.py", "strategies.py", "timeline.py", "__init__.py"),
    # What the pytest plugin does.
    ("_pytest",),
)

#: Files that only say what is in their folder.
SIGNS = {
    f"{folder}/__init__.py"
    for folder in ("_protocol", "_drivers", "_timeline", "_client", "_live", "_strategies", "_pytest")
}

#: Which rooms import a third party; nobody else may.
THIRD_PARTIES = {
    "_asgi_lockstep_plugin": {"_pytest"},  # ours, beside the package
    "anyio": {
        "_drivers/calls",
        "_drivers/turning",
        "_client/portal.py",
        "_client/websocket",
        "_client/sync_client.py",
        "_client/async_client.py",
        "_live/clients",
        "_live/live_server.py",
    },
    "click": {"_cli"},
    "daphne": {"_live/serving"},
    "granian": {"_live/serving"},
    "httpx2": {"_httpx.py"},
    "hypercorn": {"_live/serving"},
    "hypothesis": {"_strategies", "strategies.py"},
    "outcome": {"_drivers/on_trio"},
    "pytest": {"_pytest"},
    "rich": {"_cli", "_timeline/writers"},
    "time_machine": {"_client/time_passing"},
    "trio": {"_drivers/on_trio"},
    "uvicorn": {"_live/serving", "_pytest"},
    "uvloop": {"_drivers/on_asyncio"},
    "websockets": {"_live/clients"},
    "winloop": {"_drivers/on_asyncio"},
}

#: Modules that would bring I/O, threads or clocks into the protocol floor, and into the errors and types below it.
NOT_IN_PROTOCOL = {"asyncio", "threading", "_thread", "time", "socket", "selectors", "queue", "concurrent"}

#: Who imports modules by a text, and so past the other rules: the rows of the backends, the choice of the library that
#: clients stand on, the forms in which a timeline is saved, with the version of the package in one, and the edge that
#: gives our names to a module of Starlette.
BY_NAME = {
    "_cli/app_import.py",
    "_drivers/turning/backends.py",
    "_httpx.py",
    "_pytest/starlette_names.py",
    "_timeline/timeline.py",
    "_timeline/writers/har.py",
    "starlette.py",
}

#: Who knows in code that clients may stand on one of two libraries: the one place that chooses, and what is known of
#: other people's code.
NAMES_HTTP_LIBRARIES = {"_httpx.py", "_drivers/inspection/known_code.py"}

#: Who speaks the library besides the clients of `_client/`.
USE_HTTP_LIBRARIES = {
    "_live/clients/async_client.py",
    "_live/clients/async_session.py",
    "_live/clients/client.py",
    "_live/clients/client_base.py",
    "_live/clients/handshake.py",
    "_live/clients/session.py",
    "_live/clients/session_base.py",
    "_live/clients/transport.py",
    "_live/clients/wire.py",
    "_live/live_server.py",
    "_pytest/live_servers.py",
    "_pytest/starlette_names.py",
}

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
    "_cli/setup.py": {"asyncio", "trio"},
    "_client/own_transport.py": {"asyncio", "trio"},
    "_client/sync_client.py": {"asyncio", "trio"},
    "_live/app_side.py": {"asyncio"},  # on which all servers run that there are
    "_live/recorder.py": {"asyncio"},
    "_live/whereabouts.py": {"asyncio"},
    "_live/serving": {"asyncio"},
    "_pytest": {"asyncio", "trio"},  # the names of options, and of the runners of async tests
    "clock.py": {"asyncio", "trio"},
}


def room_of(name: str) -> tuple[int, str]:
    """The row and the room of a file."""
    found = [(row, room) for row, rooms in enumerate(ROOMS) for room in rooms if in_folder(name, room)]
    assert len(found) == 1, f"{name} is in {found}"
    return found[0]


def test_every_file_is_in_one_room() -> None:
    """And every room exists; the files between the rooms only say what there is."""
    assert {room_of(name)[1] for name in TREES.keys() - SIGNS} == {room for rooms in ROOMS for room in rooms}
    assert {name: OURS[name] | OTHERS[name] for name in SIGNS} == {name: set() for name in SIGNS}


def test_a_file_imports_only_from_rooms_below_or_its_own() -> None:
    """Errors and types, then the protocol, then the drivers, then the clients, then the names for users."""
    wrong = []
    for name in TREES.keys() - SIGNS:
        row, room = room_of(name)
        for imported in OURS[name]:
            other_row, other_room = room_of(imported)
            if other_row >= row and other_room != room:
                wrong.append(f"{name} imports {imported}")
    assert sorted(wrong) == []


def test_there_is_no_cycle_of_imports() -> None:
    """Read from the bottom up, each file needs only what was read before."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path, name])
        if name in done:
            return
        for imported in OURS[name]:
            visit(imported, (*path, name))
        done.add(name)

    for name in TREES:
        visit(name, ())


def test_each_third_party_is_imported_by_its_rooms_alone() -> None:
    """Trio is known by its backend, the HTTP library by its one place, and the protocol knows nobody."""
    found: dict[str, set[str]] = {}
    for name in TREES:
        for imported in {module.split(".")[0] for module in OTHERS[name]} - sys.stdlib_module_names:
            found.setdefault(imported, set()).add(room_of(name)[1])
    assert found == THIRD_PARTIES


def test_the_library_that_clients_stand_on_is_chosen_in_one_place() -> None:
    """Only clients speak it, under one name; no other file knows that there are two."""
    users = {name for name in TREES if "_httpx.py" in OURS[name]}
    assert {name for name in users if not in_folder(name, "_client")} == USE_HTTP_LIBRARIES
    named = {name for name, tree in TREES.items() for _, word in words(tree) if "httpx2" in word}
    assert named == NAMES_HTTP_LIBRARIES


def test_the_protocol_knows_neither_loops_nor_threads_nor_clocks() -> None:
    """Nor do the errors and the types below it."""
    first_driver = next(row for row, rooms in enumerate(ROOMS) if "_drivers/clock" in rooms)
    wrong = [
        f"{name} imports {imported}"
        for name in TREES.keys() - SIGNS
        for imported in OTHERS[name]
        if room_of(name)[0] < first_driver and imported.split(".")[0] in NOT_IN_PROTOCOL
    ]
    assert sorted(wrong) == []


def test_modules_are_imported_by_name_where_it_is_said() -> None:
    """A door in each floor would be no floor."""
    found = {
        name
        for name, tree in TREES.items()
        for _, word in words(tree)
        if word in ("import_module", "__import__") or word == "importlib"
    }
    assert found == BY_NAME


def test_the_backends_are_known_by_their_rows_alone() -> None:
    """A third one is a folder and a row: nobody else imports from the two that there are."""
    wrong = []
    for name in TREES:
        for imported in OURS[name]:
            folder = imported.rpartition("/")[0]
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
    for name, tree in TREES.items():
        allowed = {library for place, some in NAMES_LIBRARIES.items() if in_folder(name, place) for library in some}
        for line, word in words(tree):
            named = {library for library in LIBRARIES if library in word.lower()}
            wrong += [f"{name}:{line} names {library}: {word}" for library in sorted(named - allowed)]
    assert wrong == []


def test_the_backends_have_the_same_files() -> None:
    """Whoever knows the one finds the twin in the other; asyncio has more, as its loops do not show their rests."""
    asyncio, trio = (
        {path.name for path in (PACKAGE / "_drivers" / folder).glob("*.py")} for folder in ("on_asyncio", "on_trio")
    )
    assert trio - asyncio == {"clocks.py", "place.py"}
    assert asyncio & trio == {
        "__init__.py",
        "app_tasks.py",
        "backend.py",
        "caller_loop.py",
        "loop_runner.py",
        "reachability.py",
        "settle.py",
        "tasks.py",
        "watch.py",
        "world.py",
    }
