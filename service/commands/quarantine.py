"""The command line's door to the quarantine: what waits for a second person, and what is decided of it."""

import json
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape

from service.commands.acting import AsJson, Data, acted, said
from service.commands.listing import listed
from service.commands.session import guarded
from service.imports import deciding, looking
from service.imports.reasons import Reason
from service.imports.records import Decision, Verdict, Waiting
from service.imports.schemas import WaitingOut
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.operators.model import STAFF, Operator
from service.zones.model import ReleaseKind
from service.zones.proposals import DECIDERS

app = typer.Typer(help="What waits for a second person: rows that could not be taken, and what would remove danger.")


@app.command("list")
@guarded
def list_all(  # noqa: PLR0913 - each is an option of the command line
    reason: Annotated[Reason | None, typer.Option(help="Only what waits because of this.")] = None,
    import_id: Annotated[UUID | None, typer.Option("--import", help="Only what waits because of this import.")] = None,
    after: Annotated[int, typer.Option(help="The last id of the page before.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 100,
    data: Data = None,
    *,
    decided: Annotated[bool, typer.Option("--decided", help="What was decided too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what waits, the oldest first."""
    wanted = {"reason": reason, "import_id": import_id, "after": after, "limit": limit, "decided": decided}

    async def act(tx: Tx, _: Operator, __: datetime) -> list[Waiting]:
        return await looking.waiting(tx, wanted)

    _tell(acted(data, STAFF, act), as_json=as_json)


@app.command()
@guarded
def show(entries: Annotated[list[int], typer.Argument(help="One entry or several.")], data: Data = None) -> None:
    """Print entries as JSON, with the rows as they came."""

    async def act(tx: Tx, _: Operator, __: datetime) -> list[Waiting]:
        return await looking.entries(tx, entries)

    _tell(acted(data, STAFF, act), as_json=True)


@app.command()
@guarded
def decide(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    entries: Annotated[list[int], typer.Argument(help="One entry or several: all of them or none.")],
    reason: Annotated[str, typer.Option(callback=said, help="Kept with the decision for ever.")],
    release_as: Annotated[ReleaseKind | None, typer.Option(help="Release the ground that the rows leave out.")] = None,
    dated: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of the record.")] = None,
    depth_cm: Annotated[int | None, typer.Option(min=1, help="How deep the ground was cleared.")] = None,
    data: Data = None,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="The zone stays as it is.")] = False,
    reclassify: Annotated[bool, typer.Option("--reclassify", help="Confirmed areas become suspected ones.")] = False,
    annul: Annotated[bool, typer.Option("--annul", help="The zones were recorded in error.")] = False,
    dismiss: Annotated[bool, typer.Option("--dismiss", help="Rows that could not be taken stay out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Decide as the second person; never about what came with an import of one's own."""
    chosen = [
        decision
        for decision, wanted in (
            (Decision.KEPT, keep),
            (Decision.RELEASED, release_as is not None),
            (Decision.RECLASSIFIED, reclassify),
            (Decision.ANNULLED, annul),
            (Decision.DISMISSED, dismiss),
        )
        if wanted
    ]
    if len(chosen) != 1:
        detail = "Decide one thing: --keep, --release-as, --reclassify, --annul or --dismiss."
        raise Refused(Kind.INVALID, "decision-unclear", detail, remedy="Decide about other entries by themselves.")
    verdict = Verdict(chosen[0], reason, release_as, None if dated is None else dated.date(), depth_cm)

    async def act(tx: Tx, operator: Operator, now: datetime) -> list[Waiting]:
        return await deciding.decide(tx, operator, entries, verdict, now=now)

    _tell(acted(data, DECIDERS, act), as_json=as_json)


def _tell(found: list[Waiting], *, as_json: bool) -> None:
    if as_json:
        told = [WaitingOut.of(one).model_dump(mode="json") for one in found]
        typer.echo(json.dumps({"quarantine": told}, ensure_ascii=False))
        return
    table = listed("entry", "authority", "source's id", "row", "waits because", "what to do", "decided")
    for one in found:
        world = " EXERCISE" if one.exercise else ""
        decided = "" if one.decision is None else f"{one.decision.value}: {one.decided_why}"
        cells = (f"{one.authority}{world}", one.external_id or "", str(one.row or ""), one.detail, one.remedy, decided)
        table.add_row(str(one.id), *map(escape, cells))
    Console().print(table)
