"""Names of apps: what is found, and what is said where there is no app."""

from __future__ import annotations

import pytest

from cli.apps import ECHO, FASTAPI
from cli.runs import CommandLine, Ran

FACTORY = """
def create_app(name="nobody", *, loud=False):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": (name.upper() if loud else name).encode()})
    return app

class Shop:
    def __init__(self):
        self.app = create_app("shop")

shop = Shop()
"""


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("made:create_app()", "nobody"),
        ("made:create_app('me')", "me"),
        ("made:create_app('me', loud=True)", "ME"),
        ("made:shop.app", "shop"),
    ],
)
def test_an_app_is_an_attribute_or_what_a_call_makes(command_line: CommandLine, name: str, body: str) -> None:
    """The arguments are literals."""
    command_line.write(made=FACTORY)
    assert command_line("request", name, "/", "--no-lifespan") == Ran(0, body)


def test_factory_calls_what_has_no_parentheses(command_line: CommandLine) -> None:
    """As with uvicorn."""
    command_line.write(made=FACTORY)
    assert command_line("request", "made:create_app", "/", "--no-lifespan", "--factory") == Ran(0, "nobody")


def test_a_module_is_looked_for_in_the_folder_of_the_app(command_line: CommandLine) -> None:
    """Which is the working directory, unless --app-dir says otherwise; packages have dots."""
    package = command_line.folder / "src" / "shop"
    package.mkdir(parents=True)
    (package / "main.py").write_text(FACTORY)
    ran = command_line("request", "shop.main:create_app()", "/", "--no-lifespan", "--app-dir", "src")
    assert ran == Ran(0, "nobody")


ODD = """
import json

number = 42
make = lambda: 42

async def create(): ...
def wsgi(environ, start_response): ...

class Proxy:
    def __call__(self): ...
    @property
    def __signature__(self):
        raise RuntimeError("there is nothing behind it")

proxy = Proxy()
"""

#: A package whose app is in one of its modules, which are not imported when one is looked for.
STORE = {
    "__init__": "",
    "broken": "app = (",
    "main": "raise SystemExit\napp: object = 42\n",
    "other": "async def app(scope, receive, send): ...\n",
    "settings": "def make():\n    app = 42\n    db.app = app\n",
}

#: What each of these names is answered with.
NO_APPS = {
    "1shop:app": (
        "'1shop:app' names no app: write module:attribute, or module:function() for what makes one, for "
        "example shop.main:app."
    ),
    "shop:a b": (
        "'shop:a b' names no app: 'a b' is neither an attribute nor a call. Write module:attribute, or "
        "module:function() for what makes one."
    ),
    "shop:apps[0]": (
        "'shop:apps[0]' names no app: 'apps[0]' is neither an attribute nor a call. Write module:attribute, "
        "or module:function() for what makes one."
    ),
    "shop:make(app)": (
        "'shop:make(app)' calls make with what is no literal: texts, numbers, True, False, None, and lists "
        "and dicts of these can stand there, for example make('test', debug=True)."
    ),
    "shop.py:app": ("'shop.py' is a file, and an app is named by its module.\n  Write: shop:app"),
    "src/shop.py": ("'src/shop.py' is a file, and an app is named by its module.\n  Write: shop:app --app-dir src"),
    "src/pack/inner/main.py:api": (
        "'src/pack/inner/main.py' is a file, and an app is named by its module.\n"
        "  Write: pack.inner.main:api --app-dir src"
    ),
    "src/pack/__init__.py:app": (
        "'src/pack/__init__.py' is a file, and an app is named by its module.\n  Write: pack:app --app-dir src"
    ),
    "odd": ("'odd' names a module, and no app in it: write module:attribute.\n  There is no app in odd."),
    "shop": ("'shop' names a module, and no app in it: write module:attribute.\n  Apps in shop: shop:app."),
    "shopp:app": ("There is no module 'shopp', neither in FOLDER nor among what is installed.\n  Did you mean shop?"),
    "nothing_like_it:app": (
        "There is no module 'nothing_like_it', neither in FOLDER nor among what is installed.\n"
        "  --app-dir says where else to look."
    ),
    "pack.manx:app": ("There is no module 'pack.manx' in pack (pack/__init__.py).\n  Did you mean pack.main?"),
    "shop.main:app": ("There is no module 'shop.main': shop (shop.py) is no package.\n  Apps in shop: shop:app."),
    "shop:ap": ("There is no 'ap' in shop (shop.py).\n  Did you mean shop:app?\n  Apps in shop: shop:app."),
    "shop:app.rooter": (
        "There is no 'rooter' in shop:app.\n"
        "  Did you mean shop:app.router or shop:app.routes?\n"
        "  Apps in shop: shop:app."
    ),
    "store:app": ("There is no 'app' in store (store/__init__.py).\n  Did you mean store.main:app or store.other:app?"),
    "store": (
        "'store' names a module, and no app in it: write module:attribute.\n"
        "  Did you mean store.main:app or store.other:app?"
    ),
    "store:app.router": (
        "There is no 'app' in store (store/__init__.py).\n  Did you mean store.main:app or store.other:app?"
    ),
    "store:db": ("There is no 'db' in store (store/__init__.py).\n  There is no app in store."),
    "shop:FastAPI": (
        "shop:FastAPI is a class, and no app.\n  If it makes one, write: 'shop:FastAPI()', or shop:FastAPI --factory"
    ),
    "made:create_app": (
        "made:create_app is a function that can be called with nothing, and no app.\n"
        "  If it makes one, write: 'made:create_app()', or made:create_app --factory"
    ),
    "odd:create()": (
        "odd:create is async, and nobody awaits what it makes.\n  Write a function without async that makes the app."
    ),
    "odd:json": ("odd:json is a module, and no app.\n  There is no app in json."),
    "odd:number": ("odd:number is 42, and no app: it cannot be called."),
    "odd:number()": ("odd:number is no function that makes an app: it cannot be called. Write: odd:number"),
    "odd:make()": ("odd:make() is 42, and no app: it cannot be called."),
    "odd:wsgi": ("odd:wsgi takes (environ, start_response), and an ASGI app takes (scope, receive, send)."),
}


@pytest.mark.parametrize("name", NO_APPS)
def test_what_names_no_app_is_answered_with_what_does(command_line: CommandLine, name: str) -> None:
    """The whole text, and the exit status of a command that is wrong."""
    command_line.write(
        shop=FASTAPI,
        made=FACTORY,
        odd=ODD,
    )
    for folder in ("src/pack/inner", "pack"):
        (command_line.folder / folder).mkdir(parents=True)
        (command_line.folder / folder / "__init__.py").touch()
        (command_line.folder / folder / "main.py").touch()
    (command_line.folder / "src/pack/__init__.py").touch()
    (command_line.folder / "store").mkdir()
    for module, text in STORE.items():
        (command_line.folder / "store" / f"{module}.py").write_text(text, encoding="utf-8")
    assert command_line("request", name, "/") == Ran(2, "", f"Error: {NO_APPS[name]}\n")


def test_an_import_that_fails_shows_the_lines_of_the_module(command_line: CommandLine) -> None:
    """Nothing of Python's import, and nothing of ours."""
    command_line.write(shop="import inner\n", inner="raise ValueError('no')\n")
    assert command_line("request", "shop:app", "/") == Ran(
        1,
        "",
        "Traceback (most recent call last):\n"
        '  File "FOLDER/shop.py", line 1, in <module>\n'
        "    import inner\n"
        '  File "FOLDER/inner.py", line 1, in <module>\n'
        "    raise ValueError('no')\n"
        "ValueError: no\n"
        "Error: shop could not be imported: it has raised what stands above.\n",
    )


def test_a_module_that_it_lacks_is_no_module_of_the_command_line(command_line: CommandLine) -> None:
    """It is the line of the import that is shown, and not a name that is near."""
    command_line.write(shop="import shpo\n")
    assert command_line("request", "shop:app", "/") == Ran(
        1,
        "",
        "Traceback (most recent call last):\n"
        '  File "FOLDER/shop.py", line 1, in <module>\n'
        "    import shpo\n"
        "ModuleNotFoundError: No module named 'shpo'\n"
        "Error: shop could not be imported: it has raised what stands above.\n",
    )


def test_a_module_with_wrong_syntax_is_shown(command_line: CommandLine) -> None:
    """The line of it."""
    command_line.write(shop="app = (\n")
    ran = command_line("request", "shop:app", "/")
    assert (ran.status, ran.err.splitlines()) == (
        1,
        [
            '  File "FOLDER/shop.py", line 1',
            "    app = (",
            "          ^",
            "SyntaxError: '(' was never closed",
            "Error: shop could not be imported: it has raised what stands above.",
        ],
    )


def test_a_factory_that_fails_shows_its_lines(command_line: CommandLine) -> None:
    """As a module does."""
    command_line.write(shop="def create_app():\n    raise ValueError('no')\n")
    assert command_line("request", "shop:create_app()", "/") == Ran(
        1,
        "",
        "Traceback (most recent call last):\n"
        '  File "FOLDER/shop.py", line 2, in create_app\n'
        "    raise ValueError('no')\n"
        "ValueError: no\n"
        "Error: shop:create_app() made no app: it has raised what stands above.\n",
    )


def test_an_app_of_asgi_2_and_one_with_any_arguments_are_apps(command_line: CommandLine) -> None:
    """They are not taken for what makes one."""
    command_line.write(
        echo=ECHO,
        kinds="import echo\n\ndef old(scope):\n    async def run(receive, send):\n"
        "        await echo.app(scope, receive, send)\n    return run\n\nasync def wrapped(*args, **kwargs):\n"
        "    await echo.app(*args, **kwargs)\n",
    )
    answers = [command_line("request", f"kinds:{name}", "/") for name in ("old", "wrapped")]
    assert answers == [Ran(0, '{"called": "GET /", "host": "testserver"}')] * 2


@pytest.mark.parametrize("name", ["call", "function"])
def test_what_turns_out_to_be_no_app_is_said_once(
    command_line: CommandLine, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """And not for the lifespan as well."""
    command_line.write(
        kinds="class Database:\n    def __call__(self, sql): ...\n\ncall = Database()\n\ndef function(sql): ...\n"
    )
    what = {"call": "Database", "function": "function"}[name]
    assert command_line("request", f"kinds:{name}", "/") == Ran(
        2,
        "",
        f"Error: {what} returned None for a scope, which does not take receive and send. If calling it makes the "
        f"application, call it first: TestClient({what}()).\n",
    )
    assert caplog.messages == []
