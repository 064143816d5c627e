"""What the public may see of a zone: never less ground than it covers; and what may be stated of one."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import shapely

from service.kit import geo
from service.kit.geo import Area
from service.zones.model import (
    GENERALISED_RESOLUTION,
    MOST_ACCURACY_M,
    PACK_MARGIN_M,
    PACK_RESOLUTION,
    Box,
    CoverageArea,
    Listing,
    Publication,
    PublicCoverage,
    PublicZone,
    ReleaseKind,
    State,
    Zone,
)
from service.zones.records import LONGEST_NAME, Covered, Newcomer, Part, Reason, Releasing
from service.zones.refusals import refusal

_OLDEST = date(1900, 1, 1)
# A record may be of today where the day has begun already.
_AHEAD = timedelta(hours=14)
# What every revision changes, or what only follows from the rest: nobody needs to be told.
_FOLLOWS = {
    "revision", "public_revision", "version", "changed_at", "content_hash", "departed_at", "west", "south", "east",
    "north", "whole",
}  # fmt: skip  # one field a line would hide that these are all


def public_outline(official: Area, accuracy_m: float, publication: Publication) -> Area | None:
    """Return what may be shown of an area (R8); never less than the area. Raises NotOutward, TooFarNorth."""
    match publication:
        case Publication.OUTLINE:
            return geo.outward(official, accuracy_m)
        case Publication.GENERALISED:
            blurred = geo.coarse_outline(geo.outward(official, accuracy_m), GENERALISED_RESOLUTION)
            return geo.outward(blurred, 0)
        case Publication.WITHHELD:
            return None


def public_outlines(
    officials: Sequence[Area], accuracies_m: Sequence[float], publication: Publication
) -> list[Area | None]:
    """Return for each area what may be shown of it, as `public_outline` would; None also where that raises."""
    if publication is Publication.OUTLINE:
        return geo.outward_each(officials, accuracies_m)
    return [_outline_or_none(one, metres, publication) for one, metres in zip(officials, accuracies_m, strict=True)]


def _outline_or_none(official: Area, accuracy_m: float, publication: Publication) -> Area | None:
    try:
        return public_outline(official, accuracy_m, publication)
    except (geo.NotOutward, geo.TooFarNorth):
        return None


def shown(zone: Zone | None) -> PublicZone | None:
    """Return what the public may know; a withheld zone is nothing to it, and so is one that has ended."""
    if zone is None or zone.public is None or zone.state is not State.ACTIVE:
        return None
    return PublicZone(
        id=zone.id,
        revision=zone.public_revision,
        exercise=zone.exercise,
        authority=zone.authority,
        data_as_of=zone.data_as_of,
        accuracy_m=zone.accuracy_m,
        stale=zone.stale,
        outline=zone.public,
    )


def pack_cells(public: Area | None) -> Collection[int]:
    """Return the cells whose packs hold this outline: all that lie within PACK_MARGIN_M of it."""
    return () if public is None else pack_cells_each([public])[0]


def pack_cells_each(shown: Sequence[Area]) -> list[frozenset[int]]:
    """Return for each outline the cells whose packs hold it."""
    return geo.cells_near(shown, PACK_MARGIN_M, PACK_RESOLUTION)


def shown_coverage(area: CoverageArea, *, withholds: bool) -> PublicCoverage:
    """Return what the public may know of a coverage area (R5): at most partly listed where any zone is withheld."""
    at_most = Listing.PARTLY_LISTED if withholds else Listing.LISTED
    listing = at_most if area.surveyed else Listing.NO_DATA
    outline = area.public or area.outline
    return PublicCoverage(area.id, area.authority, area.exercise, listing, area.data_as_of, outline)


def claimed(area: CoverageArea) -> CoverageArea:
    """Return the area with its public outline: rounded inward, as it is a claim of knowledge (R5)."""
    return replace(area, public=geo.inward(area.outline))


def check_covered(wanted: Covered, *, now: datetime) -> Covered:
    """Return what is said of a coverage area with its names trimmed. Raises Refused, naming the field."""
    check_date(wanted.data_as_of, now=now, where="data_as_of")
    return replace(
        wanted,
        authority=clean_name(wanted.authority, Reason.AUTHORITY_UNFIT, where="authority"),
        external_id=clean_name(wanted.external_id, Reason.ID_UNFIT, where="external_id"),
    )


def covered(wanted: Covered, known: CoverageArea | None, new_id: UUID, *, now: datetime) -> CoverageArea:
    """Return the area as it is from now on; one that had ended is in force again."""
    return CoverageArea(
        id=new_id if known is None else known.id,
        authority=wanted.authority,
        external_id=wanted.external_id,
        key=key_of(wanted.external_id),
        exercise=wanted.exercise,
        name=wanted.name,
        surveyed=wanted.surveyed,
        data_as_of=wanted.data_as_of,
        outline=wanted.outline,
        revision=1 if known is None else known.revision + 1,
        ended_at=None,
        changed_at=now,
    )


def key_of(external_id: str) -> str:
    """Return what two spellings of one source's id have in common: width, letter case and outer spaces aside."""
    return " ".join(unicodedata.normalize("NFKC", external_id).casefold().split())


def clean_name(name: str, reason: Reason, *, where: str) -> str:
    """Return an authority or id with single spaces. Raises Refused for what nobody could read."""
    found = " ".join(name.split())
    if not found or len(found) > LONGEST_NAME or not found.isprintable():
        raise refusal(reason, where=where)
    return found


def check_date(dated: date, *, now: datetime, where: str) -> None:
    """Refuse a day that has not come, and one that no record is of."""
    if dated > (now + _AHEAD).date():
        raise refusal(Reason.DATE_IN_FUTURE, str(dated), where=where)
    if dated < _OLDEST:
        raise refusal(Reason.DATE_TOO_OLD, str(dated), where=where)


def check_accuracy(accuracy_m: float) -> None:
    if not 0 <= accuracy_m <= MOST_ACCURACY_M:
        raise refusal(Reason.ACCURACY_UNFIT, f"{MOST_ACCURACY_M:,.0f}", where="accuracy_m")


def check_record(record: Releasing, *, now: datetime) -> Releasing:
    """Return a release record with its names trimmed. Raises Refused, naming the field (R2, R3)."""
    check_date(record.dated, now=now, where="dated")
    if record.kind is ReleaseKind.CLEARED and record.depth_cm is None:
        raise refusal(Reason.DEPTH_MISSING, where="depth_cm")
    if record.kind is not ReleaseKind.CLEARED and record.depth_cm is not None:
        raise refusal(Reason.DEPTH_ODD, record.kind.value, where="depth_cm")
    authority = clean_name(record.authority, Reason.AUTHORITY_UNFIT, where="authority")
    external_id = record.external_id and clean_name(record.external_id, Reason.ID_UNFIT, where="external_id")
    return replace(record, authority=authority, external_id=external_id)


def check_newcomer(wanted: Newcomer, *, now: datetime) -> Newcomer:
    """Return a zone to be added with its names trimmed. Raises Refused, naming the field."""
    check_date(wanted.data_as_of, now=now, where="data_as_of")
    check_accuracy(wanted.accuracy_m)
    return replace(
        wanted,
        authority=clean_name(wanted.authority, Reason.AUTHORITY_UNFIT, where="authority"),
        external_id=clean_name(wanted.external_id, Reason.ID_UNFIT, where="external_id"),
    )


def named_parts(zone: Zone, parts: Sequence[Part]) -> list[Part]:
    """Return a split's parts, those without an id of their own named after the zone, as in `old/1`."""
    numbered = [part.external_id or f"{zone.external_id}/{number}" for number, part in enumerate(parts, 1)]
    cleaned = [clean_name(each, Reason.ID_UNFIT, where="parts") for each in numbered]
    return [replace(part, external_id=each) for part, each in zip(parts, cleaned, strict=True)]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Name what a revision changed of a zone, told of its rows before and after."""
    return sorted(name for name in after.keys() - _FOLLOWS if name in before and before[name] != after[name])


def surely_met(ground: Area, boxes: Sequence[tuple[UUID, Box]]) -> tuple[bool, list[UUID]]:
    """Say whether any zone surely meets a ground, as all its box lies there, and which may, as only a part of it does.

    A box beyond 180 degrees is never sure.
    """
    if not boxes:
        return False, []
    corners = np.array([box for _, box in boxes])
    shapely.prepare(ground)
    whole = shapely.covers(ground, shapely.box(*corners.T))
    beyond = corners[:, 2] > geo.HALF_TURN
    met = shapely.intersects(ground, shapely.box(*corners.T)) | beyond
    unsure = [boxes[at][0] for at in np.flatnonzero(met & ~(whole & ~beyond)).tolist()]
    return bool(np.any(whole & ~beyond)), unsure
