"""The command line's door to a zone's life: what one person does, as it takes no danger away."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from service.commands.acting import AsJson, Data, Day, File, Text, Why, acted, document, said, tell_zones
from service.commands.session import guarded
from service.kit.db import Tx
from service.operators.model import Operator
from service.zones import geojson, lineage, proposals, releasing
from service.zones.model import (
    DEFAULT_ACCURACY_M,
    Hazard,
    HazardClass,
    Lying,
    Marking,
    Particulars,
    Publication,
    Zone,
)
from service.zones.records import (
    Correction,
    Newcomer,
)
from service.zones.schemas import RecordOut, parts_of

app = typer.Typer()

Zones = Annotated[list[UUID], typer.Argument(help="One zone or several.")]
Outline = Annotated[Path, File]
Authority = Annotated[str, typer.Option(help="Whose record this is.")]
ExternalId = Annotated[str, typer.Option(help="The authority's own id.")]


@app.command()
@guarded
def add(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    outline: Outline,
    authority: Authority,
    external_id: ExternalId,
    hazard_class: Annotated[HazardClass, typer.Option("--class")],
    dated: Day,
    why: Why,
    accuracy: Annotated[float, typer.Option(help="Metres of survey error.")] = DEFAULT_ACCURACY_M,
    publication: Annotated[Publication, typer.Option(help="What the public may see.")] = Publication.OUTLINE,
    name: Annotated[str, Text] = "",
    hazard: Annotated[list[Hazard] | None, typer.Option(help="May be given several times.")] = None,
    lying: Lying = Lying.UNKNOWN,
    marking: Marking = Marking.UNKNOWN,
    data: Data = None,
    *,
    exercise: Annotated[bool, typer.Option("--exercise", help="A practice area.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add one zone by hand."""

    async def act(tx: Tx, operator: Operator, now: datetime) -> Zone:
        particulars = Particulars(hazards=frozenset(hazard or [Hazard.UNKNOWN]), lying=lying, marking=marking)
        drawn = geojson.drawn(geojson.geometry_of(document(outline)))
        wanted = Newcomer(
            authority=authority,
            external_id=external_id,
            exercise=exercise,
            hazard_class=hazard_class,
            outline=drawn,
            data_as_of=dated.date(),
            accuracy_m=accuracy,
            publication=publication,
            name=name,
            particulars=particulars,
        )
        return await lineage.add(tx, operator, wanted, why=why, now=now)

    _tell(acted(data, proposals.PROPOSERS, act), as_json=as_json)


@app.command()
@guarded
def extend(zone: UUID, outline: Outline, why: Why, data: Data = None, *, as_json: AsJson = False) -> None:
    """Add ground to a zone; a release record that covers any of it no longer counts for the zone."""

    async def act(tx: Tx, operator: Operator, now: datetime) -> Zone:
        drawn = geojson.drawn(geojson.geometry_of(document(outline)))
        return await lineage.extend(tx, operator, zone, drawn, why=why, now=now)

    _tell(acted(data, proposals.PROPOSERS, act), as_json=as_json)


@app.command()
@guarded
def split(zone: UUID, parts: Outline, why: Why, data: Data = None, *, as_json: AsJson = False) -> None:
    """Replace a zone by the features of a collection, which have to cover it together.

    A feature's properties `external_id` and `name` are taken; without an id a part is named after the zone.
    """

    async def act(tx: Tx, operator: Operator, now: datetime) -> list[Zone]:
        drawn = parts_of(geojson.parts_of(document(parts)))
        return await lineage.split(tx, operator, zone, drawn, why=why, now=now)

    _tell(*acted(data, proposals.PROPOSERS, act), as_json=as_json)


@app.command()
@guarded
def merge(  # noqa: PLR0913 - each is an option of the command line
    zones: Zones,
    why: Why,
    external_id: ExternalId = "",
    name: Annotated[str, Text] = "",
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Replace zones by one that covers them; without an id it is named `first+second`."""

    async def act(tx: Tx, operator: Operator, now: datetime) -> Zone:
        return await lineage.merge(tx, operator, zones, (external_id, name), why=why, now=now)

    _tell(acted(data, proposals.PROPOSERS, act), as_json=as_json)


@app.command()
@guarded
def correct(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    zone: UUID,
    why: Why,
    name: Annotated[str | None, typer.Option(callback=said)] = None,
    source: Annotated[str | None, typer.Option(callback=said)] = None,
    accuracy: Annotated[float | None, typer.Option(help="Metres of survey error; only more than before.")] = None,
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Correct a zone's name, source or accuracy; more can be corrected over the API."""

    async def act(tx: Tx, operator: Operator, now: datetime) -> Zone:
        wanted = Correction(name, source, accuracy)
        return await lineage.correct(tx, operator, zone, wanted, why=why, now=now)

    _tell(acted(data, proposals.PROPOSERS, act), as_json=as_json)


@app.command()
@guarded
def revoke(release: UUID, why: Why, data: Data = None, *, as_json: AsJson = False) -> None:
    """Revoke a release record; one person is enough, and the danger is back at once."""

    async def act(tx: Tx, operator: Operator, now: datetime) -> list[Zone]:
        return await releasing.revoke(tx, operator, release, why=why, now=now)

    _tell(*acted(data, proposals.RESCUERS, act), as_json=as_json)


@app.command()
@guarded
def reinstate(zone: UUID, why: Why, data: Data = None, *, as_json: AsJson = False) -> None:
    """Return an annulled zone to the record; one person is enough."""

    async def act(tx: Tx, operator: Operator, now: datetime) -> Zone:
        return await lineage.reinstate(tx, operator, zone, why=why, now=now)

    _tell(acted(data, proposals.RESCUERS, act), as_json=as_json)


@app.command()
@guarded
def stale(
    authority: Authority,
    why: Why,
    feed: Annotated[str | None, typer.Option(help="Only this list of the authority.")] = None,
    data: Data = None,
    *,
    exercise: Annotated[bool, typer.Option("--exercise", help="Practice areas.")] = False,
) -> None:
    """Mark an authority's zones as stale: their source fell silent. Nothing else of them changes."""

    async def act(tx: Tx, operator: Operator, now: datetime) -> int:
        return len(await lineage.mark_stale(tx, operator, authority, feed, exercise=exercise, why=why, now=now))

    typer.echo(f"Marked now: {acted(data, proposals.PROPOSERS, act)}. They are as dangerous as they were.")


def _tell(*zones: Zone, as_json: bool) -> None:
    tell_zones([RecordOut.of(zone) for zone in zones], as_json=as_json)
