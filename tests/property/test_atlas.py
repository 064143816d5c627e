"""What memory answers is what a plain look at every zone answers, however the record has changed since."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point, box, get_coordinates, segmentize

from service.atlas.answering import Terms, answer
from service.atlas.chart import Atlas, Chart
from service.atlas.layer import Layer
from service.atlas.model import Known, Place, Wanted
from service.zones.model import PublicZone

SPHERE = Geod(a=6_371_008.8, b=6_371_008.8)
ORIGIN = (17.0, 45.0)

_steps = st.integers(0, 60).map(lambda step: step / 1_000)
_sizes = st.sampled_from([0.0002, 0.002, 0.012])


@st.composite
def zones(draw: st.DrawFn) -> PublicZone:
    west, south, size = ORIGIN[0] + draw(_steps), ORIGIN[1] + draw(_steps), draw(_sizes)
    return PublicZone(
        id=UUID(int=draw(st.integers(1, 12)) << draw(st.sampled_from([0, 64]))),
        revision=draw(st.integers(1, 3)),
        exercise=False,
        authority=draw(st.sampled_from(["Ana", "Borys"])),
        data_as_of=date(2026, draw(st.integers(1, 10)), 1),
        accuracy_m=30.0,
        stale=draw(st.booleans()),
        outline=box(west, south, west + size, south + size),
        version=draw(st.integers(1, 5)),
    )


def _brute(place: tuple[float, float], zone: PublicZone) -> float:
    """Measure to points every few metres of the edge, by another library."""
    if zone.outline.covers(Point(place)):
        return 0.0
    edge = get_coordinates(segmentize(zone.outline, 0.00005))
    return float(min(SPHERE.inv([place[0]] * len(edge), [place[1]] * len(edge), edge[:, 0], edge[:, 1])[2]))


@given(st.lists(zones(), max_size=12, unique_by=lambda zone: zone.id), _steps, _steps, st.sampled_from([0, 120, 900]))
@settings(max_examples=150)
def test_r5_every_zone_within_reach_is_named_with_the_metres_that_another_library_measures(
    record: list[PublicZone], east: float, north: float, accuracy: float
) -> None:
    place = ORIGIN[0] + east, ORIGIN[1] + north
    found = answer(Atlas(1, Chart.of(record), Chart()), Place(*place, accuracy, 2_000), Terms(date(2026, 11, 2), 180))
    named = {hit.zone.id: hit.metres for hit in found.hits if hit.zone is not None}
    for zone in record:
        truth = _brute(place, zone)
        if truth < found.radius_m - 4:
            assert named[zone.id] == pytest.approx(truth, abs=4)
        if truth > found.radius_m + 4:
            assert zone.id not in named
    away = [hit.metres for hit in found.hits if hit.metres is not None]
    assert away == sorted(away)


_record = st.lists(zones(), max_size=10, unique_by=lambda zone: zone.id)


@given(_record, _record, st.sets(st.integers(1, 12).map(lambda number: UUID(int=number)), max_size=4), _steps, _steps)
@settings(max_examples=150)
def test_a_record_that_changed_is_answered_as_one_that_was_read_anew(
    before: list[PublicZone], changed: list[PublicZone], ended: set[UUID], east: float, north: float
) -> None:
    shown = [zone for zone in changed if zone.id not in ended]
    now = {zone.id: zone for zone in (*before, *shown) if zone.id not in ended}
    fresh = Chart.of(list(now.values()))
    grown = Chart.drawn(Layer.of(before), shown=shown, ended=ended)
    settled = Chart.drawn(grown.settled())
    place = ORIGIN[0] + east, ORIGIN[1] + north
    for chart in (grown, settled):
        assert len(chart) == len(now)
        assert _same(chart.within(*place, 2_500)) == _same(fresh.within(*place, 2_500))
        assert chart.newest == fresh.newest
        assert _paged(chart) == _paged(fresh) == sorted(now.values(), key=lambda zone: zone.id)


def _same(found: list[tuple[float, Known]]) -> list[tuple[float, UUID, int]]:
    return sorted((round(metres, 6), zone.id, zone.revision) for metres, zone in found)


def _paged(chart: Chart) -> list[PublicZone]:
    """Walk through all pages of two."""
    seen: list[PublicZone] = []
    after = None
    for _ in range(20):
        page = chart.page(Wanted(), only=None, after=after, limit=2, version=1)
        assert page.matched == len(chart)
        seen += page.zones
        after = page.next
        if after is None:
            break
    return seen


@given(_record, st.integers(0, 5), st.sampled_from(["Ana", "Borys", "Nobody", None]))
def test_a_page_holds_what_was_asked_for(record: list[PublicZone], since: int, authority: str | None) -> None:
    wanted = Wanted((17.0, 45.0, 17.03, 45.03), since=since, authority=authority)
    page = Chart.of(record).page(wanted, only=None, after=None, limit=100, version=1)
    truth = {
        zone.id
        for zone in record
        if zone.version > since
        and authority in (None, zone.authority)
        and zone.outline.bounds[0] <= 17.03
        and zone.outline.bounds[1] <= 45.03
    }
    assert {zone.id for zone in page.zones} == truth
    assert page.matched == len(truth)
