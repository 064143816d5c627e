"""The command line's door to what was taught: exact reports in the authority's own columns, and what classes learnt."""

import csv
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any

import typer
from rich.console import Console

from service.commands.acting import AsJson, Data, acted
from service.commands.listing import listed
from service.commands.session import guarded
from service.config import Settings
from service.guidance.yaml import MOST_BYTES
from service.imports.inert import inert
from service.kit.db import Tx
from service.operators.model import Operator, Role
from service.outreach import actions, mapping, totals
from service.outreach.mapping import Layout
from service.outreach.model import Kept, Wanted
from service.outreach.showing import GainsOut

app = typer.Typer()

_PAGE = 500


@app.command()
@guarded
def report(  # noqa: PLR0913 - each is an option of the command line
    map_file: Annotated[
        Path, typer.Option("--map", exists=True, dir_okay=False, help="YAML: our fields, your columns, your codes.")
    ],
    out: Annotated[Path, typer.Option(dir_okay=False, help="The CSV file that is written.")],
    data: Data = None,
    *,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Held then or later.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Held then or earlier.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write exact reports in the authority's own columns, one a row; needs the role information-officer.

    Withdrawn reports are left out. A mapping that is wrong in any line is refused, and nothing is written.
    """
    with map_file.open("rb") as opened:
        raw = opened.read(MOST_BYTES + 1)
    layout = mapping.load(raw, Settings().outreach_age_groups, name=map_file.name)
    wanted = Wanted(first and first.date(), last and last.date(), limit=_PAGE)

    async def act(tx: Tx, operator: Operator, now: datetime) -> list[dict[str, Any]]:
        rows = [mapping.row(one, layout) for one in await _standing(tx, wanted)]
        await actions.note_export(tx, operator, len(rows), now=now)
        return rows

    rows = acted(data, (Role.INFORMATION_OFFICER,), act)
    _write(out, layout, rows)
    typer.echo(json.dumps({"file": str(out), "rows": len(rows)}) if as_json else f"{len(rows)} reports: {out}")


async def _standing(tx: Tx, wanted: Wanted) -> list[Kept]:
    found: list[Kept] = []
    while page := await actions.page(tx, wanted):
        found += [one for one in page if not one.withdrawn]
        wanted = replace(wanted, after=page[-1].number)
    return found


def _write(out: Path, layout: Layout, rows: Iterable[dict[str, Any]]) -> None:
    """Write the whole file or none; only its owner may read it. No cell is taken for a formula."""
    headings = [*layout.columns.values(), *layout.fixed]
    with NamedTemporaryFile(
        "w", encoding="utf-8-sig", newline="", dir=out.parent, prefix=f".{out.name}.", delete=False
    ) as file:
        made = Path(file.name)
        try:
            writer = csv.writer(file)
            writer.writerow([inert(heading) for heading in headings])
            writer.writerows([inert(row[heading]) for heading in headings] for row in rows)
            file.flush()
            os.fsync(file.fileno())
            made.replace(out)
        except BaseException:
            with suppress(FileNotFoundError):
                made.unlink()
            raise


@app.command()
@guarded
def gains(data: Data = None, *, as_json: AsJson = False) -> None:
    """Show what classes learnt, by lesson and revision, where at least three of them answered."""

    async def act(tx: Tx, _: Operator, __: datetime) -> GainsOut:
        return GainsOut.of(await totals.learnt(tx))

    found = acted(data, (Role.EDITOR, Role.ADMIN), act)
    if as_json:
        typer.echo(found.model_dump_json())
        return
    table = listed("lesson", "revision", "form", "classes", "right before", "right after")
    for one in found.gains:
        shares = (f"{one.percent_before} %", f"{one.percent_after} %")
        table.add_row(one.lesson, one.revision, one.form.value, str(one.classes), *shares)
    Console().print(table)
