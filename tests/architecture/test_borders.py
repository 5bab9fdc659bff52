"""What a file may touch of objects that others have made: no private names of libraries, no attributes from above."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from architecture.package import OURS, TREES

#: The private names of libraries that are used, and where: each module begins with saying why, and its tests fail when
#: a release changes one.
PRIVATE = {
    "_drivers/calls/python_end.py": {
        "_handle",
        "_is_stopped",
        "_os_thread_handle",
        "_register_atexit",
        "_set_done",
        "_shutdown_locks",
        "_shutdown_locks_lock",
        "_thread_shutdown",
        "_tstate_lock",
    },
    "_drivers/on_asyncio/loop_internals.py": {
        "_asyncgens",
        "_exception",
        "_log_traceback",
        "_ready",
        "_scheduled",
        "_selector",
        "_ssock",
    },
    "_drivers/on_asyncio/ready_pass.py": {
        "_asyncgen_finalizer_hook",
        "_asyncgen_firstiter_hook",
        "_cancelled",
        "_debug",
        "_ready",
        "_run",
        "_scheduled",
        "_set_running_loop",
        "_stopping",
        "_thread_id",
    },
    "_drivers/on_trio/place.py": {"_core", "_run"},
}

#: Other objects than `self` whose private names are used: each is of the same class, and the method is about the two.
SAME_CLASS = {
    "_client/async_client.py": {"self._derived_from or self", "self._derived_from", "twin"},
    "_client/client_base.py": {"origin"},
    "_client/entrances.py": {"owner"},
    "_client/http/response.py": {"response"},  # made and filled in the file of its class
    "_client/own_transport.py": {"self._client"},  # a client that it has made for itself
    "_client/sync_client.py": {"twin"},
}

#: Public in spite of its first letter: each has its place in the reference of the standard library.
DOCUMENTED = {("sys", "_current_frames"), ("sys", "_getframe"), ("", "_thread"), ("", "_asgi_lockstep_plugin")}

#: Every attribute that is set on another object than `self`, and why that is no reach into a room below.
WRITES = {
    "__init__.py": {"globals()[_name].__module__": "the classes of the package, shown as what they are imported from"},
    "_client/client_base.py": {
        "self._options.raise_server_exceptions": "the one option that can be set later, as on Starlette's client",
    },
    "_client/endings/background.py": {"failure.__cause__": "an exception that is collected, not raised"},
    "_client/entrances.py": {"setattr(cls, name)": "a class of ours that is made here; the functions that it has"},
    "_client/old_names.py": {"self._options.habits": "of the options that the class itself has just made"},
    "_client/own_transport.py": {"self._client._options.lifespan": "of the client that it has just made for itself"},
    "_client/failures.py": {"error.__cause__": "an exception that is returned, not raised"},
    "_client/http/whole_response.py": {
        "setattr(cls, name)": "a class of ours that is made here; the names are those of its base",
        "setattr(self, name)": "itself, when it has become usual",
    },
    "_client/http/response.py": {
        "response._body": "a response that is made here",
        "setattr(response, name)": "a response that is made here; the names are those of Starlette's client",
    },
    "_client/time_passing/wall_clock.py": {"setattr(time, name)": "the clock on the wall, which it is about"},
    "_client/portal.py": {
        "future.answered_by": "the one who makes a future says what resolves it, as long as it runs",
        "self._future.answered_by": "the same, when it ends",
        "job.task": "of a class of the same file",
    },
    "_client/pipeline/answer.py": {"first.elapsed": "the response that httpx has just made, and does not know all of"},
    "_client/pipeline/call.py": {"request.extensions": "of httpx, and made for what one layer tells another"},
    "_client/pipeline/requests.py": {"exc.request": "what httpx does with what its transport raises"},
    "_client/pipeline/transport.py": {
        "request.extensions": "of httpx, and made for what one layer tells another",
        "self.options.raise_server_exceptions": "the one option that can be set later, as on Starlette's client",
    },
    "_protocol/header_pairs.py": {
        "pairs.lengths": "of a class of the same file",
        "pairs.plain": "of a class of the same file",
    },
    "_drivers/calls/python_end.py": {
        "private._thread_shutdown": "there is no public way to keep Python from waiting",
        "thread._is_stopped": "the same, of a release before that",
        "thread._tstate_lock": "the same",
    },
    "_drivers/inspection/tracebacks.py": {
        "exception.__traceback__": "what Python has made for it, and what it is about",
        "link.tb_next": "what Python has made for it, and what it is about",
    },
    "_drivers/on_asyncio/app_tasks.py": {
        "setattr(task, _NOTE)": "a note on a task of asyncio, under a name of our own",
        "setattr(theirs, _NOTE)": "a note on a task of asyncio, under a name of our own",
        "task.call": "of a class of the same file",
        "task.when_cancelled": "of a class of the same file",
    },
    "_drivers/on_asyncio/ready_pass.py": {
        "loop._stopping": "what asyncio does in a pass of its own",
        "loop._thread_id": "what asyncio does in a pass of its own",
    },
    "_drivers/on_asyncio/rest_counter.py": {
        "setattr(loop, 'call_later')": "how the rests of a loop are seen that somebody else has made",
        "setattr(loop, 'call_soon_threadsafe')": "how the rests of a loop are seen that somebody else has made",
        "setattr(loop, 'call_soon')": "how the rests of a loop are seen that somebody else has made",
        "setattr(loop, name)": "how the rests of a loop are seen that somebody else has made",
    },
    "_drivers/on_asyncio/settle.py": {
        "counter.users": "of a class of the same file",
        "delattr(self._loop, 'call_soon')": "given back when nobody settles any more",
        "setattr(loop, 'call_soon')": "how a pass is seen in which nobody else scheduled anything",
        "setattr(self._loop, 'call_soon')": "given back when nobody settles any more",
    },
    "_drivers/on_trio/settle.py": {"counter.users": "of a class of the same file"},
    "_drivers/on_asyncio/watch.py": {
        "loop.on_rest": "of a class of the same room",
        "setattr(loop, _WATCH)": "the watch of a loop of asyncio, under a name of our own",
    },
    "_drivers/on_asyncio/ways_out.py": {
        "setattr(loop, 'call_exception_handler')": "what callbacks of a loop of ours raise, before it is logged",
        "delattr(self._loop, 'call_exception_handler')": "given back when the loop is closed",
    },
    "_drivers/on_trio/watch.py": {
        "self._clock.on_rest": "of a class of the same room",
        "self._pause.deadline": "trio's own way to move a deadline",
    },
    "_drivers/rest/proofs.py": {
        "Question.cost": "of a class of the same file: all questions of a process cost about the same",
        "Question.next_at": "the same: and they share what they may cost",
        "idle.why_not_dead": "what the last question about a call has found is part of how it waits",
    },
    "_drivers/turning/turn_lock.py": {"waiter.ready": "of a class of the same file"},
    "_drivers/turning/worker_thread.py": {"job.called_off": "of a class of the same file"},
    "_live/clients/client_base.py": {"self._network.raises": "the one option that can be set later, as on TestClient"},
    "_live/clients/outermost.py": {"setattr(cls, name)": "a class of ours that is made here; names of its base"},
    "_live/serving/in_thread.py": {"error.__cause__": "an exception that is returned, not raised"},
    "_live/serving/on_uvicorn.py": {
        "self._server.force_exit": "uvicorn's own way to stop a server at once",
        "self._server.should_exit": "uvicorn's own way to stop a server",
        "self._server.when_up": "of a class of the same file",
    },
    "timeline.py": {"globals()[_name].__module__": "the classes of the module, shown as what they are imported from"},
    "_pytest/app_state.py": {"setattr(part, name)": "what was there before the test, which is what it is for"},
    "_pytest/options_of_runs.py": {"config.option.asgi_report": "an option of ours, as workers of pytest-xdist get it"},
    "_pytest/reports.py": {"setattr(report, _ROW)": "a note on a report of pytest, under a name of our own"},
    "_pytest/serving.py": {
        "client.timeout": "of httpx: the client of a test that has ended, which goes on for as long as somebody looks",
        "node.session.shouldfail": "pytest's own way to stop a run, as its -x does",
    },
    "live.py": {"globals()[_name].__module__": "the classes of the module, shown as what they are imported from"},
    "starlette.py": {
        "setattr(module, name)": "Starlette's module takes our names: what it is for",
    },
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def is_private(name: str) -> bool:
    """Whether `name` begins with one underscore."""
    return name.startswith("_") and not name.startswith("__") and name != "_"


def own_names(tree: ast.Module) -> set[str]:
    """What a file defines: its functions and classes, its variables, and the attributes that its classes set."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_self(node.value):
            names.add(node.attr)
    return names


def is_self(node: ast.expr) -> bool:
    """Whether `node` is the object that a method belongs to, or its class."""
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def private_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The private names that a file uses, each after the expression for whose it is; a module has none."""
    for node in ast.walk(tree):
        found: list[tuple[str, object]] = []
        if isinstance(node, ast.Attribute):
            found = [(ast.unparse(node.value), node.attr)]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found = [("", part) for alias in node.names for part in f"{node.module}.{alias.name}".split(".")]
        elif isinstance(node, ast.Import):
            found = [("", part) for alias in node.names for part in alias.name.split(".")]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "hasattr", "setattr", "delattr"):
            name = node.args[1]
            found = [(ast.unparse(node.args[0]), name.value)] if isinstance(name, ast.Constant) else []
        yield from ((owner, name) for owner, name in found if isinstance(name, str) and is_private(name))


def test_private_names_of_libraries_are_used_where_it_is_said() -> None:
    """What belongs to `self` is ours if the file defines it, or one of ours that it imports; nothing else is."""
    found: dict[str, set[str]] = {}
    for name, tree in TREES.items():
        ours = own_names(tree).union(*(own_names(TREES[imported]) for imported in OURS[name]))
        objects = {"self", "cls", "super()"} | SAME_CLASS.get(name, set())
        for owner, used in private_names(tree):
            if not (owner in objects and used in ours) and (owner, used) not in DOCUMENTED:
                found.setdefault(name, set()).add(used)
    assert found == PRIVATE


def test_objects_of_the_same_class_are_listed_where_their_private_names_are_used() -> None:
    """None of the list has become superfluous."""
    unused = {name: owners - {owner for owner, _ in private_names(TREES[name])} for name, owners in SAME_CLASS.items()}
    assert unused == {name: set() for name in SAME_CLASS}


def test_no_private_name_of_our_own_is_imported() -> None:
    """What another file needs has a public name; the packages of the floors are private to users alone."""
    wrong = [
        f"{name} imports {alias.name}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
        if is_private(alias.name)
    ]
    assert wrong == []


def writes(tree: ast.Module) -> Iterator[str]:
    """The attributes that a file sets or deletes on another object than `self`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and not is_self(node.value):
            yield ast.unparse(node)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("setattr", "delattr"):
            yield f"{ast.unparse(node.func)}({ast.unparse(node.args[0])}, {ast.unparse(node.args[1])})"


def test_attributes_of_other_objects_are_set_where_it_is_said() -> None:
    """Who owns an attribute sets it; from another room there is a method for that."""
    found = {name: set(writes(tree)) for name, tree in TREES.items() if set(writes(tree))}
    assert found == {name: set(reasons) for name, reasons in WRITES.items()}
