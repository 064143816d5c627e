"""How zones stand in rows, and rows become zones again."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import shapely
from psycopg.types.json import Jsonb

from service.kit import geo
from service.kit.geo import Area
from service.zones.model import (
    Basis,
    CoverageArea,
    Departure,
    Evidence,
    Hazard,
    HazardClass,
    Lying,
    Marking,
    Particulars,
    Publication,
    State,
    Zone,
)

_BOX = ("west", "south", "east", "north")
_PLAIN = (
    "id", "authority", "external_id", "key", "exercise", "claim", "name", "source", "data_as_of", "accuracy_m",
    "attributes", "given", "content_hash", "revision", "stale", "created_at", "changed_at", "feed", "public_revision",
    "departed_at",
)  # fmt: skip  # one name a line would hide that these are all
_SAME = ("deactivating", "deactivates_by", "reported_on", "surveyed_on", "beneficiaries")


def area(wkb: bytes) -> Area:
    """Read an outline from its stored bytes."""
    return geo.areal(shapely.from_wkb(wkb))


def maybe_area(wkb: bytes | None) -> Area | None:
    return None if wkb is None else area(wkb)


def wkb(outline: Area | None) -> bytes | None:
    return None if outline is None else shapely.to_wkb(outline)


def zone(row: Mapping[str, Any]) -> Zone:
    """Read a whole row of the table zone."""
    return Zone(
        **{name: row[name] for name in _PLAIN},
        hazard_class=HazardClass(row["class"]),
        publication=Publication(row["publication"]),
        official=area(row["official"]),
        public=maybe_area(row["public"]),
        released=maybe_area(row["released"]),
        whole=maybe_area(row["whole"]),
        state=State(row["state"]),
        departure=None if row["departure"] is None else Departure(row["departure"]),
        particulars=_particulars(row),
    )


def _particulars(row: Mapping[str, Any]) -> Particulars:
    return Particulars(
        **{name: row[name] for name in _SAME},
        hazards=frozenset(map(Hazard, row["hazards"])),
        lying=Lying(row["lying"]),
        marking=Marking(row["marking"]),
        evidence=tuple(map(_evidence, row["evidence"])),
        benchmark=_point(row["benchmark"]),
    )


def _evidence(said: Mapping[str, Any]) -> Evidence:
    dated = None if said["dated"] is None else date.fromisoformat(said["dated"])
    return Evidence(Basis(said["basis"]), said["direct"], said["place"], dated)


def _point(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    longitude, latitude = text.strip("()").split(",")
    return float(longitude), float(latitude)


def values_each(zones: Sequence[Zone]) -> Iterator[dict[str, Any]]:
    """Yield zones that no record has touched as the values of their rows, outlines written all at once."""
    officials = shapely.to_wkb(geo.array_of(zone.official for zone in zones))
    public = geo.array_of(zone.public for zone in zones)
    wide = zip(shapely.to_wkb(public).tolist(), shapely.bounds(public).tolist(), strict=True)
    for zone, official, (shown, box) in zip(zones, officials.tolist(), wide, strict=True):
        yield {**_said(zone, box), "official": official, "public": shown}


def values(kept: Zone) -> dict[str, Any]:
    """Return a zone as the values of its row."""
    return {
        **_said(kept, () if kept.public is None else kept.public.bounds),
        "official": wkb(kept.official),
        "public": wkb(kept.public),
        "released": wkb(kept.released),
        "whole": wkb(kept.whole),
    }


def _said(kept: Zone, box: Sequence[float]) -> dict[str, Any]:
    """Return all but the outlines; the box is that of the public one, which may lie on both sides of 180 degrees."""
    edges: Sequence[float | None] = (None,) * 4 if kept.public is None else box
    if kept.public is not None and box[2] - box[0] > geo.HALF_TURN:
        edges = geo.bounds(kept.public)
    said = kept.particulars
    return {
        **{name: getattr(kept, name) for name in _PLAIN},
        **{name: getattr(said, name) for name in _SAME},
        **dict(zip(_BOX, edges, strict=True)),
        "class": kept.hazard_class.value,
        "publication": kept.publication.value,
        "state": kept.state.value,
        "departure": None if kept.departure is None else kept.departure.value,
        "attributes": Jsonb(kept.attributes),
        "given": None if kept.given is None else Jsonb(kept.given),
        "hazards": sorted(hazard.value for hazard in said.hazards),
        "lying": said.lying.value,
        "marking": said.marking.value,
        "evidence": Jsonb([_as_json(one) for one in said.evidence]),
        "benchmark": None if said.benchmark is None else "({},{})".format(*said.benchmark),
    }


def _as_json(one: Evidence) -> dict[str, Any]:
    dated = None if one.dated is None else one.dated.isoformat()
    return {"basis": one.basis.value, "direct": one.direct, "place": one.place, "dated": dated}


def coverage(row: Mapping[str, Any]) -> CoverageArea:
    """Read a row of the table coverage_area."""
    plain = {name: row[name] for name in CoverageArea.__slots__ if name not in {"outline", "public"}}
    return CoverageArea(**plain, outline=area(row["outline"]), public=maybe_area(row["public"]))
