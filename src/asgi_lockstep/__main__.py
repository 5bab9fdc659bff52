"""`python -m asgi_lockstep`, and the command `asgi-lockstep`."""

from __future__ import annotations

import sys

from .errors import MissingExtra

#: What the command line stands on, and nothing else of this package does.
_LIBRARIES = ("click", "rich")


def main() -> None:
    """Run the command line; its exit status ends the process.

    Without click and rich it says how to install them, and ends with the status 2.
    """
    try:
        from ._cli.main import cli
    except ModuleNotFoundError as missing:
        library = (missing.name or "").partition(".")[0]
        if library not in _LIBRARIES:
            raise
        print(MissingExtra(library, "The command line", "cli"), file=sys.stderr)
        sys.exit(2)
    cli()


if __name__ == "__main__":
    main()
