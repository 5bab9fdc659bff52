"""Several users of one running app."""

import pytest

from asgi_lockstep import AsyncTestClient, TestClient

BOB = {"authorization": "Bearer bob"}


def test_each_user_has_headers_and_an_address(client: TestClient) -> None:
    """`derive()` makes a client with its own headers, cookies and address, for the same running app."""
    bob = client.derive(headers=BOB, client=("10.0.0.7", 5000))
    assert client.get("/me").json() == {"name": "ada", "address": "testclient"}
    assert bob.get("/me").json() == {"name": "bob", "address": "10.0.0.7"}


def test_nobody_deletes_the_note_of_another(client: TestClient) -> None:
    """The users share the lifespan of the first client, and so the database."""
    bob = client.derive(headers=BOB)
    note = bob.post("/notes", json={"text": "mine"}).json()
    assert client.delete(f"/notes/{note['id']}").status_code == 403
    assert bob.delete(f"/notes/{note['id']}").status_code == 204
    assert client.get("/notes").json() == []


def test_a_derived_user_starts_without_the_login_of_the_first(client: TestClient) -> None:
    """Nothing of who the first user is goes over to the second."""
    assert client.derive().get("/me").status_code == 401


def test_one_user_reads_what_the_other_writes(client: TestClient) -> None:
    """Streams and requests of different users take turns in one test."""
    bob = client.derive(headers=BOB)
    with client.sse("/news?limit=1") as of_ada, bob.sse("/news?limit=1") as of_bob:
        bob.post("/notes", json={"text": "tea?"})
        (heard,) = of_ada
        assert heard.json() == {"id": 1, "author": "bob", "text": "tea?"}
        assert list(of_bob) == [heard]


@pytest.mark.anyio
async def test_users_async(async_client: AsyncTestClient) -> None:
    """The async client derives users, too."""
    bob = async_client.derive(headers=BOB, client=("10.0.0.7", 5000))
    assert (await bob.get("/me")).json() == {"name": "bob", "address": "10.0.0.7"}
    assert (await async_client.get("/me")).json() == {"name": "ada", "address": "testclient"}
