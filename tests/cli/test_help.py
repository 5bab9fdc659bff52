"""What `--help` says, which options exclude each other, and completion."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from asgi_lockstep._cli.main import cli
from cli.apps import STATUSES
from cli.runs import CommandLine

GROUP = """\
Usage: asgi-lockstep [OPTIONS] COMMAND [ARGS]...

  Try an ASGI app without a server: it runs in this process, and only while a
  command waits for it.

  APP is module:attribute, or module:function() for a function that makes the
  app. Each command has a --help.

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit.

Commands:
  bench       Measure how long requests take.
  check       Say which rules of ASGI an app breaks, and where.
  completion  Print what completes commands in a shell.
  report      Turn a saved timeline into a page, a drawing, ...
  request     Send one request, and print its response.
  sse         Print server-sent events as they arrive.
  ws          Open a websocket; lines are frames.

Examples:
  asgi-lockstep request shop:app /notes
  asgi-lockstep ws shop:app /chat
  asgi-lockstep check shop:app --all-routes
"""

REPORT = """\
Usage: asgi-lockstep report [OPTIONS] FILE.jsonl

  Write a timeline that was saved as .jsonl as a page, a drawing, a HAR file, a
  text, or a trace.

  Without -o it is printed.

Output:
  -o, --output FILE  Where to; the suffix says as what: .jsonl .html .har .txt
                     .svg .trace.json. May be given more than once.  [default:
                     print it]

Other:
  -h, --help  Show this message and exit.

Examples:
  asgi-lockstep report notes.jsonl
  asgi-lockstep request shop:app /notes --timeline notes.jsonl
  asgi-lockstep report notes.jsonl -o notes.html
  asgi-lockstep report notes.jsonl -o notes.svg -o notes.har
"""


def test_the_help_of_all(command_line: CommandLine) -> None:
    """Each command with a line, and examples."""
    assert command_line("--help").out == GROUP


def test_the_help_of_a_command(command_line: CommandLine) -> None:
    """A section for each kind of option, and examples at its end."""
    assert command_line("report", "--help").out == REPORT


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_each_command_has_examples_and_says_what_each_option_does(command_line: CommandLine, name: str) -> None:
    """`-h` is the same as `--help`, and the examples are of this command."""
    ran = command_line(name, "-h")
    assert (ran.status, ran.err) == (0, "")
    before, examples = ran.out.split("\nExamples:\n")
    assert f"asgi-lockstep {name} " in examples
    assert [option for option in cli.commands[name].params if not getattr(option, "help", "")] == [
        option for option in cli.commands[name].params if option.param_type_name == "argument"
    ]
    assert max(map(len, before.splitlines())) <= 80


#: What is said of a `request` with these arguments.
WRONG = {
    "/ --json {} -d a=1": (
        "A request has one body, and this one has that of --json and of --data and --file. Leave one of them out."
    ),
    "/ --json {": (
        "What --json sends is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 "
        "(char 1). --content sends text as it is."
    ),
    "/ --json @none.json": ("--json names the file 'none.json', which cannot be read: No such file or directory."),
    "/ -F a=b.txt": ("--file a=b.txt names no file: write a=@b.txt. A field with this text is --data a=b.txt."),
    "/ GET": ("'/' is no method. Write the method before the path: GET /"),
    "GET / /": ("There is one METHOD and one PATH, and 'GET / /' has more."),
    "/ -H x": ("Invalid value for '-H' / '--header': 'x' has no ':' between two texts. Write: 'Name: value'"),
    "/ -q x": ("Invalid value for '-q' / '--param': 'x' has no '=' between two texts. Write: name=value"),
    "/ --rules all": (
        "Invalid value for '--rules': 'all' is neither servers, spec, off nor RULE=VERDICT, as in buffer=off."
    ),
    "/ --rules buffer=no": ("Invalid value for '--rules': 'buffer=no': a verdict is one of error, record, off."),
    "/ --rules bufer=off": (
        "Invalid value for '--rules': there is no rule 'bufer': docs/rules.md has all of them.\n  Did you mean buffer?"
    ),
}


@pytest.mark.parametrize("args", WRONG)
def test_what_is_wrong_is_said_with_what_to_write(command_line: CommandLine, args: str) -> None:
    """The whole text, and the exit status 2; the app is not called."""
    command_line.write(statuses=STATUSES)
    ran = command_line("request", "statuses:app", *args.split())
    usage = "Usage: asgi-lockstep request [OPTIONS] APP [METHOD] PATH\nTry 'asgi-lockstep request --help' for help.\n\n"
    assert (ran.status, ran.out, ran.err) == (2, "", f"{usage}Error: {WRONG[args]}\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script(command_line: CommandLine, shell: str) -> None:
    """Which asks the program itself."""
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("click asks bash for its version")
    ran = command_line("completion", shell)
    assert ran.status == 0
    assert f"_ASGI_LOCKSTEP_COMPLETE={shell}_complete" in ran.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="the script is for bash")
def test_the_script_is_one_that_bash_reads(command_line: CommandLine) -> None:
    """Without running it."""
    script = command_line("completion", "bash").out
    ran = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
