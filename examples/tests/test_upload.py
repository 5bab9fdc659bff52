"""Files on their way up and down."""

from collections.abc import Iterator

import httpx2
import pytest

from asgi_lockstep import AsyncTestClient, RequestCutOff, TestClient


def test_a_file_comes_back_as_it_was_sent(client: TestClient) -> None:
    """`files=` makes a multipart body; the app finds name and content in its `UploadFile`."""
    sent = client.put("/notes/1/file", files={"file": ("tea.bin", b"\x00\xff tea", "application/octet-stream")})
    assert sent.json() == 6
    received = client.get("/notes/1/file")
    assert received.content == b"\x00\xff tea"
    assert received.headers["content-disposition"] == 'attachment; filename="tea.bin"'


def test_a_file_too_large_for_memory(client: TestClient) -> None:
    """Above 1 MB Starlette moves an upload to disk, in a worker thread that the client waits for."""
    assert client.put("/notes/1/file", files={"file": ("big", b"x" * 3_000_000)}).json() == 3_000_000
    with client.stream("GET", "/notes/1/file") as response:
        assert sum(map(len, response.iter_bytes())) == 3_000_000


def test_a_body_that_is_made_while_it_is_sent(client: TestClient) -> None:
    """A generator as `content=` gives its pieces as the app asks for them."""

    def body() -> Iterator[bytes]:
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        yield from (b"tea ", b"and ", b"cake")
        yield b"\r\n--x--\r\n"

    headers = {"content-type": "multipart/form-data; boundary=x"}
    client.put("/notes/1/file", content=body(), headers=headers)
    assert client.get("/notes/1/file").content == b"tea and cake"


def test_a_form_without_the_file(client: TestClient) -> None:
    """What the framework refuses is an ordinary response."""
    assert client.put("/notes/1/file", data={"file": "no file"}).status_code == 422
    assert client.get("/notes/1/file").json() == {"detail": "No file is attached"}


@pytest.mark.asgi(live=False)
def test_an_upload_that_is_cut_off(client: TestClient) -> None:
    """The client goes away after 500 bytes of the body: half a file is not kept, and the one before stays."""
    client.put("/notes/1/file", files={"file": ("tea.txt", b"tea")})
    with pytest.raises(RequestCutOff, match="went away after 500 bytes of the request body"):
        client.put(
            "/notes/1/file", files={"file": ("cake", b"x" * 1000)}, extensions={"asgi": {"disconnect_after": 500}}
        )
    assert client.get("/notes/1/file").content == b"tea"


@pytest.mark.anyio
async def test_upload_async(async_client: AsyncTestClient) -> None:
    """The async client takes the same arguments."""
    await async_client.put("/notes/1/file", files={"file": ("tea.txt", b"tea")})
    assert (await async_client.get("/notes/1/file")).content == b"tea"


@pytest.mark.asgi(live=False)
@pytest.mark.anyio
async def test_an_upload_that_is_cut_off_async(async_client: AsyncTestClient) -> None:
    """To the test it is an `httpx2.WriteError`, as if the network had failed."""
    files = {"file": ("cake", b"x" * 1000)}
    with pytest.raises(httpx2.WriteError) as caught:
        await async_client.put("/notes/1/file", files=files, extensions={"asgi": {"disconnect_after": 500}})
    assert isinstance(caught.value, RequestCutOff)
    assert (await async_client.get("/notes/1/file")).status_code == 404
