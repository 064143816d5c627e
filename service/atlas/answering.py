"""What can be said about a place or a walk (R5): never nothing, never that there is no danger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from service.atlas.chart import Atlas, Chart
from service.atlas.covered import Ground
from service.atlas.model import (
    AROUND_M,
    MOST_HITS,
    NEAR_M,
    Answer,
    Coverage,
    Hit,
    Known,
    Place,
    Relation,
    SourceAge,
    Walk,
)
from service.kit import geo
from service.kit.geo import Coordinates
from service.zones.model import Listing


@dataclass(frozen=True, slots=True)
class Terms:
    """On which day an answer is given, and when data is old.

    `unread`: the record could not be looked at for a while.
    """

    today: date
    old_after_days: int
    unread: bool = False

    def old(self, dated: date) -> bool:
        return days_since(dated, self.today) > self.old_after_days


def answer(atlas: Atlas, asked: Place | Walk, terms: Terms) -> Answer:
    """Answer after R5 from what is public; the nearest zone comes first, at most MOST_HITS of them.

    A circle smaller than 500 m plus the position's accuracy is raised to that. A position that may be off by so many
    metres counts as so many metres nearer.
    """
    chart = atlas.chart(exercise=asked.exercise)
    radius = NEAR_M + asked.accuracy_m
    if isinstance(asked, Walk):
        steps = geo.steps_of(np.array(asked.positions))
        found, boxes, wanted = chart.met(steps, radius), geo.boxes_around(steps, asked.accuracy_m), radius
    else:
        wanted, radius = asked.radius_m, max(asked.radius_m, radius)
        found, boxes = chart.within(asked.longitude, asked.latitude, radius), _box(asked)
    near = found[:MOST_HITS]
    hits = tuple(Hit(relation(metres, asked.accuracy_m), zone, metres) for metres, zone in near)
    return Answer(
        hits=hits or (Hit(Relation.UNKNOWN, None, None),),
        coverage=_coverage(chart, boxes, [zone for _, zone in near], terms),
        sources=_sources(chart, today=terms.today),
        today=terms.today,
        exercise=asked.exercise,
        radius_m=radius,
        raised=radius > wanted,
        walk=isinstance(asked, Walk),
        more=len(found) > MOST_HITS,
    )


def relation(metres: float, accuracy_m: float) -> Relation:
    """Name how far away a zone is, on the side of caution: what may be nearer is called nearer."""
    if metres == 0:
        return Relation.INSIDE
    nearest = metres - accuracy_m
    if nearest <= NEAR_M:
        return Relation.WITHIN_500M
    return Relation.WITHIN_2KM if nearest <= AROUND_M else Relation.UNKNOWN


def days_since(dated: date, today: date) -> int:
    return max(0, (today - dated).days)


def _box(place: Place) -> Coordinates:
    """Return west, south, east, north of where the place may really be."""
    wide, high = geo.reach_of(place.latitude, place.accuracy_m)
    x, y = place.longitude, place.latitude
    return np.array([[x - wide, y - high, x + wide, y + high]])


def _coverage(chart: Chart, boxes: Coordinates, zones: Sequence[Known], terms: Terms) -> Coverage:
    """Say how much is on record here: the least that is true of any of this ground.

    While no authority has said where it keeps the record, nothing counts as fully listed.
    """
    if terms.unread:
        return Coverage.STALE
    old = bool(zones) and all(zone.stale or terms.old(zone.data_as_of) for zone in zones)
    if not chart.covered.areas:
        found = Coverage.PARTLY_LISTED if zones else Coverage.NO_DATA
        return Coverage.STALE if old else found
    return _under(chart.covered.under(boxes), terms, zones=bool(zones), old=old)


def _under(ground: Ground, terms: Terms, *, zones: bool, old: bool) -> Coverage:
    if ground.listing is None or ground.oldest is None:
        return Coverage.OUT_OF_COVERAGE
    if ground.listing is Listing.NO_DATA and not zones:
        return Coverage.NO_DATA
    if old or terms.old(ground.oldest):
        return Coverage.STALE
    return Coverage.LISTED if ground.listing is Listing.LISTED else Coverage.PARTLY_LISTED


def _sources(chart: Chart, *, today: date) -> tuple[SourceAge, ...]:
    """Name every authority with the date of its newest data: an answer without a hit rests on all of them."""
    ages = [SourceAge(name, dated, days_since(dated, today)) for name, dated in chart.newest.items()]
    return tuple(ages) or (SourceAge(None, None, None),)
