"""The bytes of a pack: what stands where, and that the same content gives the same bytes."""

import json
import random
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from shapely import Polygon, box

from service.i18n.model import Rendered
from service.publication import deltas, geojson
from service.publication.model import World
from service.zones.model import (
    Departed,
    Departure,
    Listing,
    PublicCoverage,
    PublicRelease,
    PublicZone,
    ReleaseKind,
)
from tests.conftest import NOW

CELL = "841e1c7ffffffff"
OUTLINE = Polygon([(17.016655, 45.1), (17.3, 45.000001), (17.2, 45.300007), (17.016655, 45.1)])


def a_zone(number: int = 1, **changes: Any) -> PublicZone:
    zone = PublicZone(UUID(int=number), 2, False, "Mine Action Centre", date(2026, 7, 31), 30.0, False, OUTLINE)
    return replace(zone, **changes)


def a_release(kind: ReleaseKind = ReleaseKind.REDUCED, **changes: Any) -> PublicRelease:
    record = PublicRelease(UUID(int=90), kind, "Mine Action Centre", date(2026, 8, 1), None, None)
    return replace(record, **changes)


def a_departed(reason: Departure, **changes: Any) -> Departed:
    return replace(Departed(UUID(int=50), False, reason, NOW, (), ()), **changes)


def labelled(**content: Any) -> geojson.Content:
    said = [Rendered(tag, "ltr", ("Keep out.", "There may be others."), draft=False) for tag in ("uk", "en")]
    return geojson.Content(said, **content)


def read(**content: Any) -> Any:
    return json.loads(geojson.pack(labelled(**content), cell=CELL, world=World.LIVE, version=3))


def test_the_same_content_gives_the_same_bytes_in_whatever_order_it_comes() -> None:
    zones = [a_zone(number) for number in range(1, 30)]
    shuffled = random.Random(1).sample(zones, len(zones))  # noqa: S311 - any other order
    first, second = (
        geojson.pack(labelled(zones=each), cell=CELL, world=World.LIVE, version=3) for each in (zones, shuffled)
    )
    assert first == second


def test_a_changed_zone_changes_one_line() -> None:
    zones = [a_zone(number) for number in range(1, 30)]
    changed = [a_zone(7, revision=3) if zone.id.int == 7 else zone for zone in zones]
    old, new = (
        geojson.pack(labelled(zones=each), cell=CELL, world=World.LIVE, version=number)
        for number, each in ((3, zones), (4, changed))
    )
    made = json.loads(deltas.as_bytes(deltas.between(old, new, cell=CELL, world=World.LIVE, versions=(3, 4))))
    assert [json.loads(line.rstrip(","))["id"] for line in made["lines"][1:]] == [str(UUID(int=7))]


def test_r7_every_digit_of_an_outline_is_written() -> None:
    (feature,) = read(zones=[a_zone()])["features"]
    assert [tuple(at) for at in feature["geometry"]["coordinates"][0]] == list(OUTLINE.exterior.coords)


def test_only_what_differs_from_the_usual_is_written() -> None:
    usual, stale = read(zones=[a_zone(1), a_zone(2, stale=True)])["features"]
    assert set(usual["properties"]) == {"authority", "data_as_of", "revision", "accuracy_m"}
    assert stale["properties"]["stale"] is True


@pytest.mark.parametrize("kind", ReleaseKind)
def test_r3_cancelled_reduced_and_cleared_are_three_different_words(kind: ReleaseKind) -> None:
    depth = 20 if kind is ReleaseKind.CLEARED else None
    part = a_release(kind, depth_cm=depth, outline=box(17.1, 45.1, 17.15, 45.15))
    (feature,) = read(zones=[a_zone(releases=(part,))])["features"]
    (said,) = feature["properties"]["releases"]
    assert (said["kind"], said["authority"], said["dated"]) == (kind.value, "Mine Action Centre", "2026-08-01")
    assert said.get("depth_cm") == depth
    assert said["geometry"]["type"] == "Polygon"


def test_r2_a_zone_that_left_stays_in_the_pack_with_its_reason() -> None:
    (released,) = read(departed=[a_departed(Departure.RELEASED, releases=(a_release(),))])["departed"]
    assert released["reason"] == "released"
    assert released["releases"][0]["kind"] == "reduced"
    others = (UUID(int=8), UUID(int=7))
    (replaced,) = read(departed=[a_departed(Departure.REPLACED, replaced_by=others)])["departed"]
    assert replaced["replaced_by"] == [str(UUID(int=7)), str(UUID(int=8))]
    (unpublished,) = read(departed=[a_departed(Departure.UNPUBLISHED)])["departed"]
    assert set(unpublished) == {"id", "reason", "at"}


def test_r5_coverage_is_no_feature_and_never_called_surveyed() -> None:
    area = PublicCoverage(
        UUID(int=5), "Mine Action Centre", False, Listing.PARTLY_LISTED, date(2026, 7, 1), box(17, 45, 18, 46)
    )
    pack = read(coverage=[area])
    assert pack["features"] == []
    assert pack["coverage"][0]["listing"] == "partly_listed"
    assert "surveyed" not in json.dumps(pack)


def test_labels_stand_once_in_every_language_with_the_caveat() -> None:
    pack = read(zones=[a_zone(1), a_zone(2)])
    assert list(pack["labels"]) == ["en", "uk"]
    assert pack["labels"]["uk"] == {"direction": "ltr", "label": "Keep out.", "caveat": "There may be others."}


@pytest.mark.parametrize(
    "content",
    [
        {"zones": [a_zone(exercise=True)]},
        {"departed": [a_departed(Departure.ANNULLED, exercise=True)]},
        {"coverage": [PublicCoverage(UUID(int=5), "A", True, Listing.LISTED, date(2026, 7, 1), OUTLINE)]},
    ],
    ids=["zone", "departed", "coverage"],
)
def test_r27_an_exercise_never_stands_in_a_live_pack(content: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="never stand in one pack"):
        geojson.pack(labelled(**content), cell=CELL, world=World.LIVE, version=1)
