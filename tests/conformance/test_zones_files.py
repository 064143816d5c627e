"""Other people's troublesome files: each is judged, none is a traceback, no event becomes an area."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.intake.model import Unread
from service.kit.errors import Refused
from service.zones.model import HazardClass
from tests.build import a_feature, a_file, declared
from tests.planned import Planned, planned

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def _plan(content: bytes) -> Planned:
    return planned(content, declared(hazard_class=HazardClass.SUSPECTED))


def _plan_if_read(content: bytes) -> Planned | None:
    try:
        return _plan(content)
    except Refused:
        return None


def _wrapped(document: Any) -> list[Any]:
    """Give what is no collection the row of one, so that every geometry is judged."""
    if isinstance(document, dict) and document.get("type") in {"Feature", "FeatureCollection"}:
        return []
    return [{"type": "Feature", "id": "Z", "properties": {}, "geometry": document}]


def test_74_troublesome_geometries_are_judged_row_by_row(shared: Path) -> None:
    files = sorted((shared / "misuse" / "geojson-invalid" / "examples").rglob("*.geojson"))
    assert len(files) > 70
    for file in files:
        document = json.loads(file.read_text())
        rows = _wrapped(document)
        content = a_file(*rows) if rows else file.read_bytes()
        plan = _plan_if_read(content)
        if plan is None:
            continue
        expected = len(rows) or len(document.get("features", [1]))
        assert len(plan.lines) == expected, file.name
        for zone in plan.zones:
            assert zone.public is not None
            assert zone.public.is_valid
            assert zone.public.covers(zone.official), file.name


def test_naughty_strings_are_kept_as_names_and_ids(shared: Path) -> None:
    strings = json.loads((shared / "misuse" / "blns.json").read_text())
    features = [a_feature(f"{number} {text}", name=text, note=text) for number, text in enumerate(strings)]
    plan = _plan(a_file(*features))
    assert len(plan.zones) == len(strings)
    for zone, text in zip(plan.zones, strings, strict=True):
        assert zone.attributes.get("note") == text.replace("\x00", "\ufffd")


@pytest.mark.parametrize("year", [2015, 2019])
def test_r9_events_with_points_never_become_areas(shared: Path, year: int) -> None:
    content = (shared / "hazards" / "colombia" / f"{year}.json").read_bytes()
    document = json.loads(content)
    for number, feature in enumerate(document["features"]):
        feature["properties"] |= {"id": number, "class": "SHA"}
    plan = _plan(json.dumps(document).encode())
    assert not plan.zones
    assert all(
        "`surefoot incidents import`" in waiting.remedy
        for waiting in plan.quarantined
        if waiting.reason is Unread.EVENT
    )
    assert {waiting.reason for waiting in plan.quarantined} <= {Unread.EVENT, Unread.NO_GEOMETRY}
    assert len(plan.quarantined) == len(document["features"])
