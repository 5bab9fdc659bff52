"""What became of the lifespan of an app, and what the log says about that when the app fails."""

from __future__ import annotations

import logging

_logger = logging.getLogger("asgi_lockstep")

#: What an app raises that looks for what its lifespan has not made: an attribute of the state, a key of it, a context
#: variable, a global. Any other exception most likely has reasons of its own, and a log that says so is none.
_LOOKS_FOR_SOMETHING = (AttributeError, LookupError, NameError)


class LifespanRecord:
    """Shared by a client and those that were derived from it, and by all their requests.

    Nothing is put on the exception of the app, whose text is tested: pytest shows the log with a test that fails.

    Args:
        runs: whether entering the client runs it.
        block: what opens the block of the client.
    """

    def __init__(self, runs: bool = True, block: str = "with TestClient(app)") -> None:
        self._block = block
        self._not_entered = runs
        self._refusal: BaseException | None = None

    def entered(self, refusal: BaseException | None = None) -> None:
        """Note that the client was entered.

        Args:
            refusal: what the app has raised on the lifespan scope, where that was taken for "there is no lifespan".
        """
        self._not_entered, self._refusal = False, refusal

    def app_failed(self, request: str, exception: BaseException) -> None:
        """Say, once, if the lifespan may be the reason.

        Args:
            request: which one, for example `"GET /items"`.
            exception: what the app has raised.
        """
        if self._refusal is not None:
            refusal, self._refusal = self._refusal, None
            _logger.warning(
                "%s failed. Before that, the app has raised %r on the lifespan scope, which counts as an app without a "
                'lifespan: lifespan="on" raises it when the client is entered.',
                request,
                refusal,
            )
        elif self._not_entered and isinstance(exception, _LOOKS_FOR_SOMETHING):
            self._not_entered = False
            _logger.warning(
                "%s failed with %s, and the client was not entered: the lifespan of the app has not run. If that makes "
                "what is missing, write: %s as client: ...",
                request,
                type(exception).__name__,
                self._block,
            )
