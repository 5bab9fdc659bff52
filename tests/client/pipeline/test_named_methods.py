"""`get()`, `post()` and the others hand to `request()` what they were given, as httpx's do, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from asgi_lockstep import AsyncTestClient, TestClient
from asgi_lockstep._httpx import httpx
from helpers import hello

METHODS = ("get", "options", "head", "post", "put", "patch", "delete", "query")
NAMES = [name for name in METHODS if hasattr(httpx.Client, name)]


def given(client: Any, name: str, *args: Any, **said: Any) -> object:
    """What `request()` gets, without what says nothing."""
    seen: list[object] = []

    def request(*args: Any, **options: Any) -> None:
        options = {**dict(zip(("method", "url"), args, strict=False)), **options}
        silent = (None, httpx.USE_CLIENT_DEFAULT)
        seen.append({key: value for key, value in options.items() if value not in silent})

    async def awaited(*args: Any, **options: Any) -> None:
        request(*args, **options)

    is_async = isinstance(client, httpx.AsyncClient)
    vars(client)["request"] = awaited if is_async else request
    try:
        result = getattr(client, name)(*args, **said)
        if is_async:
            asyncio.run(result)
    except TypeError as exc:
        return str(exc).rpartition(".")[2]
    return seen


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("/",), {}),
        ((), {"url": "/"}),
        (("/",), {"params": {"a": "b"}, "headers": {"c": "d"}, "timeout": None, "follow_redirects": False}),
        (("/",), {"json": {}}),
        (("/",), {"content": b"", "auth": ("a", "b")}),
        (("/", "more"), {}),
        (("/",), {"nonsense": 1}),
        ((), {}),
    ],
)
def test_a_method_hands_over_what_it_was_given(name: str, args: tuple[Any, ...], said: dict[str, Any]) -> None:
    """And refuses what httpx's refuses, in its words."""
    for ours, theirs in ((TestClient(hello), httpx.Client()), (AsyncTestClient(hello), httpx.AsyncClient())):
        assert given(ours, name, *args, **said) == given(theirs, name, *args, **said)
