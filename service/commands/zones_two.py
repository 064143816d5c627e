"""The command line's door to what two people decide about zones: release, annul, lower, publish."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from service.commands.acting import AsJson, Data, Day, File, Text, Why, acted, document, said, tell_proposal, tell_zones
from service.commands.session import guarded
from service.kit.db import Tx
from service.operators.model import Operator
from service.zones import geojson, lineage, proposals
from service.zones.model import (
    HazardClass,
    Publication,
    ReleaseKind,
    Zone,
)
from service.zones.records import (
    Annulling,
    Downgrading,
    Publishing,
    Releasing,
    Terms,
    Wanted,
)
from service.zones.schemas import ProposalOut, RecordOut

app = typer.Typer()

Zones = Annotated[list[UUID], typer.Argument(help="One zone or several.")]
Outline = Annotated[Path, File]
Authority = Annotated[str, typer.Option(help="Whose record this is.")]
ExternalId = Annotated[str, typer.Option(help="The authority's own id.")]


@app.command()
@guarded
def reclassify(
    zone: UUID,
    hazard_class: Annotated[HazardClass, typer.Option("--class")],
    why: Why,
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a suspected area a confirmed one at once; the other way waits for a second person."""
    if hazard_class is HazardClass.SUSPECTED:
        _propose(data, [zone], Downgrading(), why, as_json=as_json)
        return

    async def act(tx: Tx, operator: Operator, now: datetime) -> Zone:
        return await lineage.confirm(tx, operator, zone, why=why, now=now)

    _tell(acted(data, proposals.PROPOSERS, act), as_json=as_json)


@app.command()
@guarded
def release(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    zones: Zones,
    kind: Annotated[ReleaseKind, typer.Option(help="By non-technical survey, technical survey, or clearance.")],
    authority: Authority,
    dated: Day,
    why: Why,
    outline: Annotated[Path | None, File] = None,
    depth_cm: Annotated[int | None, typer.Option(min=1, max=2_000, help="How deep was searched.")] = None,
    devices_found: Annotated[int | None, typer.Option(min=0, max=10_000_000)] = None,
    remarks: Annotated[str, Text] = "",
    external_id: ExternalId = "",
    data: Data = None,
    *,
    whole: Annotated[bool, typer.Option("--whole", help="All that remains of the zones, without an outline.")] = False,
    as_json: AsJson = False,
) -> None:
    """Propose a release record; nothing changes until a second person approves it."""
    if (outline is None) is not whole:
        raise typer.BadParameter("give --outline FILE, or --whole, and not both")
    exact = None if outline is None else geojson.exact(geojson.geometry_of(document(outline)))
    more: dict[str, Any] = {"devices_found": devices_found, "remarks": remarks, "external_id": external_id}
    record = Releasing(kind, authority, dated.date(), exact, depth_cm, **more)
    _propose(data, zones, record, why, as_json=as_json)


@app.command()
@guarded
def annul(
    zone: UUID,
    evidence: Annotated[str, typer.Option(callback=said, help="What shows that the record was wrong.")],
    why: Why,
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Propose to annul a zone that was recorded in error."""
    _propose(data, [zone], Annulling(evidence), why, as_json=as_json)


@app.command()
@guarded
def publish(
    zones: Zones,
    publication: Annotated[Publication, typer.Option("--as")],
    why: Why,
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Propose what the public may see of zones, more or less."""
    _propose(data, zones, Publishing(publication), why, as_json=as_json)


@app.command()
@guarded
def approve(proposal: UUID, data: Data = None, *, as_json: AsJson = False) -> None:
    """Do what was proposed, as the second person."""

    async def act(tx: Tx, operator: Operator, now: datetime) -> ProposalOut:
        return ProposalOut.of(*await proposals.approve(tx, operator, proposal, now=now))

    tell_proposal(acted(data, proposals.DECIDERS, act), as_json=as_json)


@app.command()
@guarded
def refuse(proposal: UUID, why: Why, data: Data = None, *, as_json: AsJson = False) -> None:
    """Refuse what was proposed; whoever proposed it may take it back so."""

    async def act(tx: Tx, operator: Operator, now: datetime) -> ProposalOut:
        return ProposalOut.of(await proposals.refuse(tx, operator, proposal, why=why, now=now))

    tell_proposal(acted(data, proposals.RESCUERS, act), as_json=as_json)


def _propose(data: Path | None, zones: list[UUID], terms: Terms, why: str, *, as_json: bool) -> None:
    async def act(tx: Tx, operator: Operator, now: datetime) -> ProposalOut:
        return ProposalOut.of(*await proposals.propose(tx, operator, Wanted(zones, terms, why), now=now))

    tell_proposal(acted(data, proposals.PROPOSERS, act), as_json=as_json)


def _tell(*zones: Zone, as_json: bool) -> None:
    tell_zones([RecordOut.of(zone) for zone in zones], as_json=as_json)
