"""The app of the fixtures, by the name that the configuration or the command line has for it."""

from __future__ import annotations

import inspect
import pkgutil
import re
from typing import Any, Final

import pytest

_NAME: Final = re.compile(r"([\w.]+:[\w.]+)(\(\))?")

_NOBODY_SAYS = """\
{asked} needs an app, and nobody says which. Write this fixture, in conftest.py or in the file of the test:

    @pytest.fixture
    def asgi_app():
        return app

or name it in the configuration of pytest: asgi_app = module:attribute; or run pytest --asgi-app=module:attribute.
A factory is called: module:create_app()."""

_HINT = "If the module is yours, tell pytest where it is: pythonpath = . (or src) in the configuration."


def configured_app(request: pytest.FixtureRequest) -> Any:
    """What `--asgi-app` names, or `asgi_app` in the configuration; called, where the name ends with `()`.

    What is wrong with the name fails the test, without a traceback of ours; what a factory raises comes out as it is.
    """
    __tracebackhide__ = True
    config = request.config
    option, ini = config.getoption("asgi_app"), config.getini("asgi_app")
    name, written = (option, f"--asgi-app={option}") if option else (ini, f"asgi_app = {ini}")
    if not name:
        asked = "async_asgi_client" if "async_asgi_client" in request.fixturenames else "asgi_client"
        raise _failure(_NOBODY_SAYS.format(asked=asked if asked in request.fixturenames else "asgi_app"))
    match = _NAME.fullmatch(name)
    if match is None:
        raise _failure(f"{written} names no app. Write module:attribute, or module:factory().")
    app = _found(match[1], written)
    return app() if match[2] else app


def checked_app(app: Any) -> Any:
    """The app that a fixture has given, if it is none that somebody would have had to await."""
    if inspect.iscoroutine(app) or inspect.isasyncgen(app):
        if inspect.iscoroutine(app):
            app.close()  # or Python would warn that it was never awaited, which is the same mistake said worse
        raise _failure(
            "The fixture asgi_app is async, and nobody awaits it in this test. Write it without async, or use "
            "async_asgi_client in an async test, whose runner (anyio, pytest-asyncio) awaits it."
        )
    return app


def _found(name: str, written: str) -> Any:
    __tracebackhide__ = True
    module, _, attribute = name.partition(":")
    try:
        return pkgutil.resolve_name(name)
    except ModuleNotFoundError as exc:
        if exc.name is None or not f"{module}.".startswith(f"{exc.name}."):
            raise  # of something that the module imports
        raise _failure(f"{written}: there is no module {exc.name}. {_HINT}") from None
    except AttributeError as exc:
        if exc.__traceback__ is not None and _is_of_the_module(exc):
            raise
        raise _failure(f"{written}: the module {module} has no attribute {attribute}.") from None


def _is_of_the_module(exception: AttributeError) -> bool:
    """Whether it comes out of the code of a module that was imported, and is not about the attribute."""
    frames = inspect.getinnerframes(exception.__traceback__) if exception.__traceback__ else []
    return frames[-1].filename != pkgutil.__file__


def _failure(text: str) -> BaseException:
    return pytest.fail.Exception(text, pytrace=False)
