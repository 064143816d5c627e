"""What can be said about a place or a walk (R5): never nothing, never that there is no danger."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

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
    days_since,
)
from service.kit import geo
from service.kit.geo import Coordinates
from service.zones.model import Listing


class Terms(NamedTuple):
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
        found, wanted = chart.met(_steps(asked), radius), radius
    else:
        wanted, radius = asked.radius_m, max(asked.radius_m, radius)
        found = chart.within(asked.longitude, asked.latitude, radius)
    near = found[:MOST_HITS]
    hits = tuple(Hit(relation(metres, asked.accuracy_m), zone, metres) for metres, zone in near)
    return Answer(
        hits=hits or (Hit(Relation.UNKNOWN, None, None),),
        coverage=_coverage(chart, asked, [zone for _, zone in near], terms),
        # An answer without a hit rests on the data of all of them.
        sources=chart.ages(terms.today) or (SourceAge(None, None, None),),
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


def _steps(asked: Place | Walk) -> Coordinates:
    """Return a walk's steps along great circles; a place is one step that leads nowhere."""
    if isinstance(asked, Walk):
        return geo.steps_of(np.array(asked.positions))
    return np.array([[[asked.longitude, asked.latitude]] * 2])


def _coverage(chart: Chart, asked: Place | Walk, zones: Sequence[Known], terms: Terms) -> Coverage:
    """Say how much is on record here: the least that is true of any of this ground.

    While no authority has said where it keeps the record, nothing counts as fully listed.
    """
    if terms.unread:
        return Coverage.STALE
    old = bool(zones) and all(zone.stale or terms.old(zone.data_as_of) for zone in zones)
    if not chart.covered.areas:
        found = Coverage.PARTLY_LISTED if zones else Coverage.NO_DATA
        return Coverage.STALE if old else found
    boxes = geo.boxes_around(_steps(asked), asked.accuracy_m)
    return _under(chart.covered.under(boxes), terms, zones=bool(zones), old=old)


def _under(ground: Ground, terms: Terms, *, zones: bool, old: bool) -> Coverage:
    if ground.listing is None or ground.oldest is None:
        return Coverage.OUT_OF_COVERAGE
    if ground.listing is Listing.NO_DATA and not zones:
        return Coverage.NO_DATA
    if old or terms.old(ground.oldest):
        return Coverage.STALE
    return Coverage.LISTED if ground.listing is Listing.LISTED else Coverage.PARTLY_LISTED
