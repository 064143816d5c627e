"""The demo: a whole exercise on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from service.commands.session import guarded
from service.demo.play import Plot
from service.demo.run import SHIPPED_ZONES, Options, run
from service.demo.target import choose, read
from service.kit.clock import Clock

app = typer.Typer()


@app.command()
@guarded
def demo(  # noqa: PLR0913 - one parameter an option
    *,
    phones: Annotated[int, typer.Option(min=1, max=20_000, help="How many phones to simulate.")] = 2000,
    zones: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="GeoJSON of zones, taken in as exercise data.")
    ] = SHIPPED_ZONES,
    zone: Annotated[str | None, typer.Option(help="Name or id of the zone to warn of; the first if left out.")] = None,
    data: Annotated[Path, typer.Option(help="Folder of the demo's servers; made anew at each start.")] = Path(
        ".surefoot-demo"
    ),
    seed: Annotated[int, typer.Option(help="The same seed makes the same people.")] = 1,
    leave: Annotated[bool, typer.Option("--exit", help="End after the verdict: 0 only if it is exact.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as one line, nothing else.")] = False,
) -> None:
    """Play an exercise: zones come in, a second person approves a warning, simulated phones get it, all is checked."""
    plot = Plot(zones, choose(read(zones), zone), phones, seed, today=Clock().now().date())
    raise typer.Exit(run(Options(data, plot, leave, as_json)))
