"""`asgi_client` and `asgi_app`, seen from outside."""

from __future__ import annotations

import pytest

from inner_runs import all_passed, run
from plugin.suites import APP, FRESH, PLUGIN, between, lines_of

OWN_APPS = f"""
    import pytest
    from asgi_lockstep import TestClient
    from myapp import create

    apps = []

    @pytest.fixture(scope="module")
    def asgi_app():
        apps.append(create())
        return apps[-1]

    def test_the_client(asgi_client):
        assert type(asgi_client) is TestClient
        assert asgi_client.get("/").json() == {FRESH}

    def test_the_app(asgi_client, asgi_app):
        assert asgi_client.app is asgi_app is apps[0]
        assert len(apps) == 1

    class TestOfItsOwn:
        @pytest.fixture(params=["a", "b"])
        def asgi_app(self, request):
            return apps.append(create()) or apps[-1]

        def test_the_app(self, asgi_client):
            assert asgi_client.app is apps[-1]
"""

ENTERED = """
    from myapp import events

    def test_the_lifespan_has_run(asgi_client):
        assert events == ["startup"]
        assert asgi_client.app_state == {"from": "lifespan"}

    def test_it_has_ended():
        assert events == ["startup", "shutdown"]
        events.clear()
"""


def test_a_client_of_the_app_that_a_fixture_gives(pytester: pytest.Pytester) -> None:
    """Of any scope, in any place. The client is entered; the lifespan ends with the test."""
    pytester.makeini("[pytest]\nasgi_app = myapp:app")
    found = run(pytester, *PLUGIN, myapp=APP, test_entered=ENTERED, test_own_apps=OWN_APPS)
    assert found.outcomes == {
        "test_own_apps": all_passed("test_the_client", "test_the_app"),
        "test_own_apps.TestOfItsOwn": all_passed("test_the_app[a]", "test_the_app[b]"),
        "test_entered": all_passed("test_the_lifespan_has_run", "test_it_has_ended"),
    }


USES = "def test_it(asgi_client): assert asgi_client.get('/').status_code == 200"


@pytest.mark.parametrize("name", ["myapp:app", "myapp:create()", "myapp:namespace.app"])
def test_an_app_by_its_name(pytester: pytest.Pytester, name: str) -> None:
    """An attribute, one of an attribute, or what a factory returns; the option goes before the configuration."""
    pytester.makeini("[pytest]\nasgi_app = nowhere:app")
    app = APP + "\n    class namespace: app = app\n"
    assert lines_of(pytester, f"--asgi-app={name}", myapp=app, test_it=USES)[-1].startswith("1 passed")


NOBODY_SAYS = """\
asgi_client needs an app, and nobody says which. Write this fixture, in conftest.py or in the file of the test:

    @pytest.fixture
    def asgi_app():
        return app

or name it in the configuration of pytest: asgi_app = module:attribute; or run pytest --asgi-app=module:attribute.
A factory is called: module:create_app()."""

IS_ASYNC = (
    "The fixture asgi_app is async, and nobody awaits it in this test. Write it without async, or use "
    "async_asgi_client in an async test, whose runner (anyio, pytest-asyncio) awaits it."
)


def error_of(pytester: pytest.Pytester, *args: str, **files: str) -> str:
    """What is printed about the only test, which has not got its fixtures."""
    lines = lines_of(pytester, *args, apart=False, **files)
    return "\n".join(between(lines, "ERROR at setup of test_it"))


def test_no_app_is_an_error_that_says_what_to_write(pytester: pytest.Pytester) -> None:
    """Without a traceback of ours."""
    assert error_of(pytester, test_it=USES) == NOBODY_SAYS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("myapp", "--asgi-app=myapp names no app. Write module:attribute, or module:factory()."),
        ("myapp:nothing", "--asgi-app=myapp:nothing: the module myapp has no attribute nothing."),
        (
            "nowhere:app",
            "--asgi-app=nowhere:app: there is no module nowhere. If the module is yours, tell pytest where it is: "
            "pythonpath = . (or src) in the configuration.",
        ),
    ],
)
def test_a_name_without_an_app_is_an_error_that_says_why(pytester: pytest.Pytester, name: str, text: str) -> None:
    """With the name as it was written."""
    assert error_of(pytester, f"--asgi-app={name}", myapp=APP, test_it=USES) == text


@pytest.mark.parametrize("broken", ["import nothing_of_that_name", "open.nothing"])
def test_what_the_module_raises_comes_out_as_it_is(pytester: pytest.Pytester, broken: str) -> None:
    """It is no mistake in the name."""
    said = error_of(pytester, "--asgi-app=broken_app:app", broken_app=broken, test_it=USES)
    assert f">   {broken}" in said


def test_the_configuration_is_named_where_the_name_stands_there(pytester: pytest.Pytester) -> None:
    """As it was written."""
    pytester.makeini("[pytest]\nasgi_app = myapp:nothing")
    assert (
        error_of(pytester, myapp=APP, test_it=USES)
        == "asgi_app = myapp:nothing: the module myapp has no attribute nothing."
    )


def test_an_async_app_is_refused_in_a_sync_test() -> None:
    """Where pytest hands out what nobody awaits, the text says who would."""
    from asgi_lockstep._pytest.apps import checked_app

    async def asgi_app() -> object:
        return object()

    with pytest.raises(pytest.fail.Exception) as caught:
        checked_app(asgi_app())
    assert str(caught.value) == IS_ASYNC
