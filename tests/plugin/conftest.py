"""Runs of pytest within these tests find the plugin that is tested, wherever it was imported from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import _asgi_lockstep_plugin

SOURCE = str(Path(_asgi_lockstep_plugin.__file__).parent)


@pytest.fixture(autouse=True, scope="package")
def source_on_the_path() -> None:
    """In processes of their own, too, whatever is installed there."""
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join([SOURCE, *(path for path in others if path and path != SOURCE)])
