"""The line of the shell as a line of code: what a client takes for the test that calls it.

Diagnoses and timelines name the line that has sent a request. Where a command sends it, the innermost line that is not
ours would be one of click's, which tells nobody anything.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from types import FunctionType

#: What stands there as the name of the file.
FILE = "asgi-lockstep"


def run_as_line(line: str, name: str, function: Callable[[], None]) -> None:
    """Call a function from a line of code that reads `line`.

    Args:
        line: what was typed into the shell; nothing of it is code.
        name: of the command, which stands there as the name of a function.
        function: what to call.
    """
    linecache.cache[FILE] = (
        len(line),
        None,
        [f"{line}\n"],
        FILE,
    )  # without a time of change: nobody looks for the file
    code = (lambda: function()).__code__.replace(co_filename=FILE, co_firstlineno=1, co_name=name, co_qualname=name)
    FunctionType(code, {}, closure=(lambda: function).__closure__)()
