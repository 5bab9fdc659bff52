"""Response bodies that the app names as files, and a server reads (extensions.rst: Path Send, Zero Copy Send)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: How much of a file is read at a time, in bytes.
PIECE = 65536


def path_pieces(path: str) -> Iterator[bytes]:
    """The content of the file at `path`; an empty one is one empty piece.

    Raises:
        OSError: it cannot be opened; raised here, and not when the first piece is asked for.
    """
    file = Path(path).open("rb")  # noqa: SIM115 - closed by the generator

    def read() -> Iterator[bytes]:
        with file:
            yield file.read(PIECE)
            while piece := file.read(PIECE):
                yield piece

    return read()


def descriptor_pieces(file: Any, offset: int | None, count: int | None) -> Iterator[bytes]:
    """What `os.sendfile` would send of an open file: from `offset` or where it stands, `count` bytes or to its end."""
    descriptor = file if isinstance(file, int) else file.fileno()
    if offset is not None:
        os.lseek(descriptor, offset, os.SEEK_SET)
    left = count
    while True:
        piece = os.read(descriptor, PIECE if left is None else min(PIECE, left))
        if left is not None:
            left -= len(piece)
        yield piece
        if not piece or left == 0:
            return
