"""`asgi-lockstep completion`: what a shell reads to complete our commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .options import Command

_SHELLS = ("bash", "zsh", "fish")
_PROGRAM = "asgi-lockstep"

EXAMPLES = (
    'eval "$(asgi-lockstep completion bash)"                    in ~/.bashrc',
    'eval "$(asgi-lockstep completion zsh)"                     in ~/.zshrc',
    "asgi-lockstep completion fish > ~/.config/fish/completions/asgi-lockstep.fish",
)


@click.command(cls=Command, examples=EXAMPLES, short_help="Print what completes commands in a shell.")
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script with which a shell completes commands and options of asgi-lockstep."""
    kind = get_completion_class(shell)
    assert kind is not None  # the choices are those that click has
    click.echo(kind(context.find_root().command, {}, _PROGRAM, "_ASGI_LOCKSTEP_COMPLETE").source())
