"""The bytes of a pack: one GeoJSON FeatureCollection (RFC 7946), one line for each thing in it."""

# Only zones are `features`, so that any map draws the danger and nothing else; what a map would misread stands beside
# them. Every number is written as it is kept: outlines were rounded outward once and are never rounded again (R7).
# The same content gives the same bytes, and a change of one zone changes one line, which is what deltas stand on.

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely import Polygon

from service.alerts.model import LiveAlert, Phase
from service.i18n.model import Rendered
from service.kit.geo import Area, cell_text
from service.publication.model import World
from service.publication.trust import moment
from service.zones.model import Departed, Departure, PublicCoverage, PublicRelease, PublicZone

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Content:
    """All that a pack says. `labels` holds the label and the standing caveat in every language, the same everywhere."""

    labels: Sequence[Rendered]
    zones: Sequence[PublicZone] = ()
    departed: Sequence[Departed] = ()
    coverage: Sequence[PublicCoverage] = ()
    alerts: Sequence[LiveAlert] = ()


def pack(content: Content, *, cell: str, world: World, version: int) -> bytes:
    """Return the bytes of this version of a cell's pack. ValueError if anything in it is of the other world (R27)."""
    _demand_world(content, world)
    lists = {
        "features": map(_zone, sorted(content.zones, key=lambda zone: zone.id)),
        "departed": map(_departed, sorted(content.departed, key=lambda one: one.id)),
        "coverage": map(_coverage, sorted(content.coverage, key=lambda area: area.id)),
        "alerts": map(_alert, sorted(content.alerts, key=lambda alert: alert.bulletin.lineage)),
    }
    labels = {one.language: _label(one) for one in content.labels}
    named = [f"{_json(tag)}:{_json(label)}" for tag, label in sorted(labels.items())]
    lines = [_head(cell, world, version), *_listed("labels", "{", named)]
    for name, items in lists.items():
        lines[-1] += ","
        lines += _listed(name, "[", [_json(item) for item in items])
    return "\n".join([*lines, "}"]).encode()


def renumbered(made: bytes, *, cell: str, world: World, version: int) -> bytes:
    """Return a pack as it would be under another number: only its first line says which one it has."""
    return _head(cell, world, version).encode() + made[made.index(b"\n") :]


def _head(cell: str, world: World, version: int) -> str:
    said = {"type": "FeatureCollection", "surefoot": _FORMAT, "world": world.value, "cell": cell, "version": version}
    return _json(said)[:-1] + ","


def _listed(name: str, bracket: str, items: Sequence[str]) -> Iterator[str]:
    yield f"{_json(name)}:{bracket}"
    yield from (f"{item}," for item in items[:-1])
    yield from items[-1:]
    yield {"{": "}", "[": "]"}[bracket]


def _demand_world(content: Content, world: World) -> None:
    flags: Iterable[bool] = (
        *(zone.exercise for zone in content.zones),
        *(one.exercise for one in content.departed),
        *(area.exercise for area in content.coverage),
        *(alert.bulletin.exercise for alert in content.alerts),
    )
    if any(flag is not world.exercise for flag in flags):
        raise ValueError("an exercise and the real world never stand in one pack")


def _label(one: Rendered) -> dict[str, str]:
    label, caveat = one.texts
    return {"direction": one.direction, "label": label, "caveat": caveat}


def _zone(zone: PublicZone) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "authority": zone.authority,
        "data_as_of": zone.data_as_of.isoformat(),
        "revision": zone.revision,
        "accuracy_m": _number(zone.accuracy_m),
    }
    if zone.stale:
        properties["stale"] = True
    if zone.releases:
        properties["releases"] = [_release(record) for record in zone.releases]
    return {"type": "Feature", "id": str(zone.id), "properties": properties, "geometry": _geometry(zone.outline)}


def _release(record: PublicRelease) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": str(record.id),
        "kind": record.kind.value,
        "authority": record.authority,
        "dated": record.dated.isoformat(),
    }
    if record.depth_cm is not None:
        said["depth_cm"] = record.depth_cm
    if record.outline is not None:
        said["geometry"] = _geometry(record.outline)
    return said


def _departed(one: Departed) -> dict[str, Any]:
    said: dict[str, Any] = {"id": str(one.id), "reason": one.reason.value, "at": moment(one.at)}
    if one.reason is Departure.REPLACED:
        said["replaced_by"] = [str(zone_id) for zone_id in sorted(one.replaced_by)]
    if one.releases:
        said["releases"] = [_release(record) for record in one.releases]
    return said


def _coverage(area: PublicCoverage) -> dict[str, Any]:
    return {
        "id": str(area.id),
        "authority": area.authority,
        "listing": area.listing.value,
        "data_as_of": area.data_as_of.isoformat(),
        "geometry": _geometry(area.outline),
    }


def _alert(alert: LiveAlert) -> dict[str, Any]:
    """Write an alert as it was told. Whether it is out of date the phone finds by its own clock."""
    told = alert.bulletin
    where = {} if told.zone_id is None else {"zone_id": str(told.zone_id), "reach_m": told.reach_m}
    return {
        "alert_id": str(told.lineage),
        "revision": told.revision,
        "message": told.message.value,
        "replaces": alert.replaces,
        "state": (Phase.LIVE if alert.phase is Phase.OUT_OF_DATE else alert.phase).value,
        "severity": told.severity.name.lower(),
        **where,
        "cells": [cell_text(cell) for cell in told.cells],
        "issued_at": moment(told.issued_at),
        "expires_at": moment(told.expires_at),
        "texts": {
            text.language: {
                "direction": text.direction,
                "title": text.title,
                "body": text.body,
                "draft": text.language in alert.drafts,
            }
            for text in sorted(alert.texts, key=lambda text: text.language)
        },
    }


def _geometry(area: Area) -> dict[str, Any]:
    """Write an area as RFC 7946 does. Not by shapely's own mapping, which takes most of the time of a pack."""
    if isinstance(area, Polygon):
        return {"type": "Polygon", "coordinates": _rings(area)}
    return {"type": "MultiPolygon", "coordinates": [_rings(part) for part in area.geoms]}


def _rings(area: Polygon) -> list[Any]:
    if not shapely.get_num_interior_rings(area):
        return [shapely.get_coordinates(area).tolist()]
    return [shapely.get_coordinates(ring).tolist() for ring in (area.exterior, *area.interiors)]


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
