"""The command line: `surefoot` and `python -m service` are the same program."""

import typer

from service.commands import (
    alerts,
    checking,
    coverage,
    demo,
    guidance,
    incidents,
    keys,
    lessons,
    locales,
    operators,
    packs,
    places,
    residents,
    running,
    topics,
    zones,
)

app = typer.Typer(
    help="Surefoot warns people of mines and other explosive ordnance near them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for top in (demo.app, running.app, checking.app):
    app.registered_commands += top.registered_commands
app.add_typer(zones.app, name="zones")
app.add_typer(incidents.app, name="incidents")
app.add_typer(coverage.app, name="coverage")
app.add_typer(packs.app, name="packs")
app.add_typer(keys.app, name="keys")
app.add_typer(alerts.app, name="alerts")
app.add_typer(residents.app, name="residents")
app.add_typer(places.app, name="places")
app.add_typer(topics.app, name="topics")
app.add_typer(locales.app, name="locales")
app.add_typer(guidance.app, name="guidance")
app.add_typer(lessons.app, name="lessons")
app.add_typer(operators.app, name="operators")


def main() -> None:
    """Run the command that was typed."""
    app(prog_name="surefoot")


if __name__ == "__main__":
    main()
