"""What a client of one colour answers where it is used as one of the other: what to write instead."""

from __future__ import annotations

from typing import NoReturn

from ..errors import WrongColour


class SyncOnly:
    """Of `TestClient`."""

    async def __aenter__(self) -> NoReturn:
        __tracebackhide__ = True
        raise WrongColour("TestClient", "`async with`", "Write `with`, or use AsyncTestClient in async tests.")

    async def __aexit__(self, *exc_info: object) -> None:
        """Never reached: `__aenter__` raises."""

    def aclose(self) -> NoReturn:
        """A mistake: this client has `close()`."""
        __tracebackhide__ = True
        raise WrongColour("TestClient", "`aclose()`", "Write `client.close()`, or use AsyncTestClient in async tests.")


class AsyncOnly:
    """Of `AsyncTestClient`."""

    def __enter__(self) -> NoReturn:
        __tracebackhide__ = True
        raise WrongColour("AsyncTestClient", "`with`", "Write `async with`, or use TestClient in sync tests.")

    def __exit__(self, *exc_info: object) -> None:
        """Never reached: `__enter__` raises."""

    def close(self) -> NoReturn:
        """A mistake: this client has `aclose()`."""
        __tracebackhide__ = True
        raise WrongColour("AsyncTestClient", "`close()`", "Write `await client.aclose()`.")
