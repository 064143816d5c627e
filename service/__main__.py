"""The command line: `surefoot` and `python -m service` are the same program."""

from importlib import import_module
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

from service.kit.garbage import seldom_sought

if TYPE_CHECKING:  # typer carries click in itself, and names its types nowhere else
    from typer._click import Command, Context

COMMANDS = {
    "demo": "demo", "serve": "running", "api": "running", "worker": "running", "migrate": "running",
    "check": "checking",
}  # fmt: skip
"""Which file has a command, in the order of the help."""

GROUPS = (
    "zones", "incidents", "coverage", "packs", "keys", "alerts", "residents", "places", "topics", "locales", "guidance",
    "lessons", "operators",
)  # fmt: skip
"""Groups of commands, each in the file of its name."""


class Parts(TyperGroup):
    """Reads in only what was asked for: all of it takes a second or two, and programs start often."""

    def list_commands(self, ctx: "Context") -> list[str]:
        """Name everything, for the help."""
        del ctx
        return [*COMMANDS, *GROUPS]

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        """Return a command or a group by its name; where there is none, all are read in, to name one like it."""
        if cmd_name in self.list_commands(ctx):
            self._read(cmd_name)
        else:
            self.read_all()
        return super().get_command(ctx, cmd_name)

    def read_all(self) -> None:
        """Read in all that there is."""
        for name in (*COMMANDS, *GROUPS):
            self._read(name)

    def _read(self, name: str) -> None:
        if name not in self.commands:
            self.add_command(_part(name), name)


def _part(name: str) -> "Command":
    with seldom_sought():
        found: typer.Typer = import_module(f"service.commands.{COMMANDS.get(name, name)}").app
    around = typer.Typer()
    if name in GROUPS:
        around.add_typer(found, name=name)
    else:
        around.registered_commands += found.registered_commands
    return typer.main.get_group(around).commands[name]


app = typer.Typer(
    cls=Parts,
    help="Surefoot warns people of mines and other explosive ordnance near them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def _whole() -> None:
    """Hold the parts together; typer wants something to be there."""


def main() -> None:
    """Run the command that was typed."""
    app(prog_name="surefoot")


if __name__ == "__main__":
    main()
