"""`asgi-lockstep request`: what is sent, and what is printed of the answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asgi_lockstep._cli import request
from cli.apps import ECHO, FASTAPI, STATUSES
from cli.runs import CommandLine, Ran


def said(ran: Ran) -> Any:
    """What the echo was called with, besides its host."""
    assert (ran.status, ran.err) == (0, "")
    answer = json.loads(ran.out)
    assert answer.pop("host") == "testserver"
    return answer


@pytest.fixture
def echo(command_line: CommandLine) -> CommandLine:
    """The command line, with an app that says what it was called with."""
    command_line.write(echo=ECHO)
    return command_line


def test_the_method_is_get(echo: CommandLine) -> None:
    """Where no body is sent, and none is given."""
    assert said(echo("request", "echo:app", "/a?b=c")) == {"called": "GET /a", "query": "b=c"}


def test_the_method_is_post_with_a_body(echo: CommandLine) -> None:
    """Whatever kind of body it is."""
    expected = {"called": "POST /", "type": "application/json", "body": '{"text":"café"}'}
    assert said(echo("request", "echo:app", "/", "--json", '{"text": "café"}')) == expected


def test_a_method_before_the_path_counts(echo: CommandLine) -> None:
    """In capitals, however it is written."""
    assert said(echo("request", "echo:app", "patch", "/", "--content", "x")) == {"called": "PATCH /", "body": "x"}


@pytest.mark.parametrize(("value", "stdin"), [("@body.json", b""), ("-", b'{"a": 1}')])
def test_json_comes_from_a_file_or_from_stdin(echo: CommandLine, value: str, stdin: bytes) -> None:
    """As with curl."""
    (echo.folder / "body.json").write_text('{"a": 1}')
    assert said(echo("request", "echo:app", "/", "--json", value, stdin=stdin))["body"] == '{"a":1}'


@pytest.mark.parametrize(("value", "stdin"), [("as it is", b""), ("@body.txt", b""), ("-", b"as it is")])
def test_content_is_sent_as_it_is(echo: CommandLine, value: str, stdin: bytes) -> None:
    """From the command line, a file or stdin."""
    (echo.folder / "body.txt").write_text("as it is")
    expected = {"called": "POST /", "body": "as it is"}
    assert said(echo("request", "echo:app", "/", "--content", value, stdin=stdin)) == expected


def test_fields_make_a_form(echo: CommandLine) -> None:
    """A name may come twice, and a value may have an equals sign."""
    answer = said(echo("request", "echo:app", "/", "-d", "a=1", "-d", "b=x=y", "--data", "a=2"))
    assert answer == {"called": "POST /", "type": "application/x-www-form-urlencoded", "body": "a=1&a=2&b=x%3Dy"}


def test_files_make_a_form_of_several_parts(echo: CommandLine) -> None:
    """With the type of the suffix, or the one that is given, and fields beside them."""
    (echo.folder / "a.txt").write_text("text")
    answer = said(echo("request", "echo:app", "/", "-F", "a=@a.txt", "-F", "b=@a.txt;type=image/png", "-d", "c=1"))
    kind, boundary = answer["type"].split("; boundary=")
    assert kind == "multipart/form-data"
    assert answer["body"].replace(boundary, "B").split("\r\n") == [
        "--B",
        'Content-Disposition: form-data; name="c"',
        "",
        "1",
        "--B",
        'Content-Disposition: form-data; name="a"; filename="a.txt"',
        "Content-Type: text/plain",
        "",
        "text",
        "--B",
        'Content-Disposition: form-data; name="b"; filename="a.txt"',
        "Content-Type: image/png",
        "",
        "text",
        "--B--",
        "",
    ]


def test_headers_parameters_and_cookies_go_with_it(echo: CommandLine) -> None:
    """Each may be given more than once; parameters join those of the path."""
    args = ("-H", "X-One: 1: 2", "-q", "a=b c", "-q", "a=2", "--cookie", "k=v", "--cookie", "l=w")
    assert said(echo("request", "echo:app", "/?z=0", *args)) == {
        "called": "GET /",
        "query": "z=0&a=b+c&a=2",
        "cookie": "k=v; l=w",
        "x": "1: 2",
    }


def test_a_password_is_given_or_asked_for(echo: CommandLine) -> None:
    """What is asked for stands in no history."""
    given = echo("request", "echo:app", "/", "--auth", "me:secret")
    asked = echo("request", "echo:app", "/", "--auth", "me", stdin="secret\n")
    assert json.loads(given.out)["authorization"] == "Basic bWU6c2VjcmV0"
    assert asked.out.splitlines()[-1] == given.out


def test_an_interrupt_instead_of_a_password_ends_it(echo: CommandLine) -> None:
    """With the exit status of an interrupt; an empty stdin is one for click."""
    assert echo("request", "echo:app", "/", "--auth", "me").status == 130


def test_the_scope_is_that_of_the_options(echo: CommandLine) -> None:
    """The root path, and the host of the base URL."""
    ran = echo("request", "echo:app", "/a", "--root-path", "/api", "--base-url", "https://example.org")
    assert json.loads(ran.out) == {"called": "GET /a", "root_path": "/api", "host": "example.org"}


@pytest.mark.parametrize(("code", "status"), [(200, 0), (204, 0), (404, 4), (499, 4), (500, 5), (503, 5), (599, 5)])
def test_the_exit_status_is_the_class_of_the_response(command_line: CommandLine, code: int, status: int) -> None:
    """0 up to 399, 4 and 5 above; the body is printed as it is."""
    command_line.write(statuses=STATUSES)
    body = "" if code == 204 else str(code)
    assert command_line("request", "statuses:app", f"/{code}", "--no-lifespan", "--rules", "off") == Ran(status, body)


def test_an_exception_of_the_app_is_shown(command_line: CommandLine) -> None:
    """With its traceback, and the exit status 1."""
    command_line.write(statuses=STATUSES)
    assert command_line("request", "statuses:app", "/raises", "--no-lifespan") == Ran(
        1,
        "",
        "Traceback (most recent call last):\n"
        '  File "FOLDER/statuses.py", line 6, in app\n'
        '    raise ValueError("no")\n'
        "ValueError: no\n",
    )


def test_lines_of_frameworks_are_left_out(command_line: CommandLine) -> None:
    """Between the lines of the app's author; --all-frames shows them."""
    command_line.write(shop=FASTAPI)
    short = command_line("request", "shop:app", "/raises").err.splitlines()
    assert short[:-1] == [
        "Traceback (most recent call last):",
        '  File "FOLDER/shop.py", line 23, in raises',
        '    raise ValueError("no")',
        "ValueError: no",
    ]
    assert short[-1].endswith(" calls inside of libraries are left out: --all-frames shows them.)")
    long = command_line("request", "shop:app", "/raises", "--all-frames").err.splitlines()
    assert sum(line.startswith('  File "') for line in long) == 1 + int(short[-1].split()[0].removeprefix("("))


def test_an_error_of_the_client_is_shown_with_its_diagnosis(command_line: CommandLine) -> None:
    """An app that never answers: who waits for what. The test is the command, without its secrets."""
    command_line.write(stuck="import anyio\nasync def app(scope, receive, send):\n    await anyio.Event().wait()\n")
    assert command_line("request", "stuck:app", "GET", "/a b", "--no-lifespan", "--auth", "me:secret") == Ran(
        1,
        "",
        "asgi_lockstep.Deadlock: The test waits for the app to finish GET /a b, and nothing in the app can move any "
        "more.\n"
        "  the test waits at asgi-lockstep:1 in request: asgi-lockstep request stuck:app GET '/a b'\n"
        "  <GET /a b: no response yet; no request body; response body: 0 bytes taken, 0 chunks waiting; app running, "
        "has received nothing and sent nothing last>\n"
        "  GET /a b, stands at stuck.py:3 in app: await anyio.Event().wait()\n",
    )


def test_redirects_are_followed_unless_they_are_not_to_be(command_line: CommandLine) -> None:
    """By default they are."""
    command_line.write(statuses=STATUSES)
    args = ("request", "statuses:app", "/303", "--no-lifespan")
    assert command_line(*args) == Ran(0, "200")
    assert command_line(*args, "--no-follow-redirects") == Ran(0, "303")


def test_verbose_shows_both_heads_and_the_time(command_line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """On stderr, so that a pipe gets the body alone; of redirects, too."""
    command_line.write(statuses=STATUSES)
    monkeypatch.setattr(request, "seconds", iter([1.0, 1.0125]).__next__)
    headers = ("-H", "Accept-Encoding: gzip")
    ran = command_line("request", "statuses:app", "/303", "--no-lifespan", "-v", *headers)
    head = "HTTP/1.1\nHost: testserver\nAccept: */*\nConnection: keep-alive\n"
    agent = "user-agent: testclient\nAccept-Encoding: gzip\n\n"
    assert ran == Ran(
        0,
        "200",
        f"GET /303 {head}{agent}HTTP/1.1 303 See Other\nlocation: /200\n\n"
        f"GET /200 {head}{agent}HTTP/1.1 200 OK\n\n"
        "\n12.5 ms, 3 bytes of body\n",
    )


def test_verbose_shows_the_rules_that_were_broken(command_line: CommandLine) -> None:
    """Those that are recorded: the request goes on."""
    command_line.write(loud=STATUSES.replace('b"location"', 'b"Location"'))
    ran = command_line("request", "loud:app", "/303", "--no-lifespan", "--no-follow-redirects", "-v")
    assert (ran.status, ran.out) == (0, "303")
    assert 'the app broke the rule "upper-case-name": A header of "http.response.start" is' in ran.err
    assert "  sent at loud.py:8 in app: await send(" in ran.err


@pytest.mark.parametrize("rules", [["spec"], ["upper-case-name=error"], ["off", "upper-case-name=error"]])
def test_rules_say_what_is_an_error(command_line: CommandLine, rules: list[str]) -> None:
    """A set, single rules, or both."""
    command_line.write(loud=STATUSES.replace('b"location"', 'b"Location"'))
    args = [arg for rule in rules for arg in ("--rules", rule)]
    ran = command_line("request", "loud:app", "/303", "--no-lifespan", *args)
    assert (ran.status, ran.out) == (1, "")
    assert "asgi_lockstep.ProtocolViolation: A header of" in ran.err


STREAM = """
import anyio

async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
    for piece in (b"one", b"two"):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await anyio.sleep(3600)
    await send({"type": "http.response.body", "body": b"end"})
"""


def test_pieces_are_printed_as_they_arrive(command_line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each when the app has sent it; an hour is nothing to a virtual clock."""
    command_line.write(stream=STREAM)
    written: list[bytes] = []
    monkeypatch.setattr(request, "write", written.append)
    monkeypatch.setattr(request, "seconds", iter([1.0, 1.001]).__next__)
    ran = command_line("request", "stream:app", "/", "--no-lifespan", "--stream", "--clock", "virtual", "-v")
    assert written == [b"one", b"two", b"end"]
    assert (ran.status, ran.err.splitlines()[-1]) == (0, "1 ms, 7200 s of virtual time, 9 bytes of body")


def test_a_body_is_saved_in_a_file(command_line: CommandLine, tmp_path: Path) -> None:
    """And what was saved stands on stderr."""
    command_line.write(stream=STREAM)
    args = ("--no-lifespan", "--clock", "virtual", "--download", "found.bin")
    assert command_line("request", "stream:app", "/", *args) == Ran(0, "", "saved 9 bytes: found.bin\n")
    assert (tmp_path / "found.bin").read_bytes() == b"onetwoend"


def test_the_lifespan_is_run_around_the_request(command_line: CommandLine) -> None:
    """As on a server; --no-lifespan leaves it out, and this app needs it."""
    command_line.write(shop=FASTAPI)
    assert command_line("request", "shop:app", "/") == Ran(0, '{"greeting":"hello","numbers":[1,2]}')
    without = command_line("request", "shop:app", "/", "--no-lifespan", "--backend", "trio")
    assert (without.status, without.out) == (0, '{"greeting":"hello","numbers":[1,2]}')


def test_an_app_runs_on_trio(command_line: CommandLine) -> None:
    """With --backend."""
    command_line.write(
        where="import trio\nasync def app(*args):\n    raise ValueError(trio.lowlevel.current_task().name)\n"
    )
    ran = command_line("request", "where:app", "/", "--no-lifespan", "--backend", "trio")
    assert ran.status == 1
    assert ran.err.splitlines()[-1].startswith("ValueError: ")
