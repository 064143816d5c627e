"""Incidents over a real database: whole or not at all, never a zone, and totals that give nobody away."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.incidents import actions
from service.incidents.model import Declared, Field, Incident, IncidentKind, Kind, Report, Shown, SourceMap, Totals
from service.kit.crypto import Keyring
from service.kit.db import Tx
from service.kit.errors import Refused
from service.operators import actions as operators
from service.operators.model import Done, Operator, Role
from tests.build import an_admin
from tests.conftest import SERVER_KEY

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
KEYRING = Keyring(SERVER_KEY)
CENTRE = "Mine Action Centre"


@pytest.fixture
async def anna(tx: Tx) -> Operator:
    return await an_admin(tx)


@pytest.fixture
async def borys(tx: Tx, anna: Operator) -> Operator:
    done = await operators.add(tx, anna, "Borys", frozenset({Role.ADMIN, Role.APPROVER}), now=NOW)
    assert isinstance(done, Done)
    return done.operator


def an_event(number: int = 1, district: str = "Uribe", region: str = "Meta", **more: Any) -> dict[str, Any]:
    said = {"id": f"E-{number}", "date": "2019-05-04", "district": district, "region": region, "kind": "accident"}
    return {"type": "Feature", "properties": said | more, "geometry": {"type": "Point", "coordinates": [-74.2, 3.2]}}


def events(counts: Mapping[tuple[str, str], int], **more: Any) -> list[dict[str, Any]]:
    named = [cell for cell, count in counts.items() for _ in range(count)]
    return [an_event(n, district, region, **more) for n, (region, district) in enumerate(named)]


def a_file(*features: Mapping[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


async def imported(tx: Tx, operator: Operator, *features: Mapping[str, Any], **stated: Any) -> Report:
    declared = Declared(**{"authority": CENTRE, "dated": date(2020, 1, 31), **stated})
    return await actions.run_import(tx, operator, a_file(*features), declared, now=NOW)


def counts(report: Report) -> dict[Kind, int]:
    return {kind: len(report.plan.of(kind)) for kind in Kind if report.plan.of(kind)}


async def everything(tx: Tx, *, exercise: bool = False) -> list[Incident]:
    return await actions.page(tx, exercise=exercise, authority=None, year=None, after=None, limit=10_000)


async def number(tx: Tx, query: str) -> int:
    row = await (await tx.execute(query.encode())).fetchone()
    assert row is not None
    return int(row["n"])


async def test_an_incident_comes_back_as_it_was_taken(tx: Tx, anna: Operator) -> None:
    report = await imported(tx, anna, an_event(sex="F", killed=1, injured=2, note={"a": [1, None]}))
    [change] = report.plan.of(Kind.NEW)
    assert await actions.get(tx, change.incident.id) == change.incident


@pytest.mark.parametrize(
    "content",
    [
        "fecha;municipio;tipo_evento\n2019-05-04;Uribe;accidente\n2019-06;Granada;hallazgo\n",
        """[{"fecha": "2019-05-04", "municipio": "Uribe", "tipo_evento": "accidente"},
            {"fecha": "2019-06", "municipio": "Granada", "tipo_evento": "hallazgo"}]""",
    ],
    ids=["csv", "json"],
)
async def test_a_list_by_district_comes_in_without_any_point(tx: Tx, anna: Operator, content: str) -> None:
    report = await actions.run_import(tx, anna, content.encode(), Declared(CENTRE, date(2020, 1, 31)), now=NOW)
    assert report.plan.quarantined == ()
    found = {one.place.district.name: (one.kind, one.place.point) for one in await everything(tx)}
    assert found == {"Uribe": (IncidentKind.ACCIDENT, None), "Granada": (IncidentKind.FIND, None)}


async def test_a_point_that_cannot_be_read_is_told_and_its_incident_taken(tx: Tx, anna: Operator) -> None:
    content = b"date,district,lat,lon\n2019-05-04,Uribe,far,away\n2019-05-05,Uribe,,\n"
    report = await actions.run_import(tx, anna, content, Declared(CENTRE, date(2020, 1, 31)), now=NOW)
    assert counts(report) == {Kind.NEW: 2}
    assert [one.row for one in report.plan.findings if one.note == "geometry-no-point"] == [2]


async def test_a_second_import_changes_nothing_and_a_correction_is_a_revision(tx: Tx, anna: Operator) -> None:
    await imported(tx, anna, an_event(), an_event(2))
    assert counts(await imported(tx, anna, an_event(), an_event(2))) == {Kind.UNCHANGED: 2}
    report = await imported(tx, anna, an_event(killed=1), dated=date(2020, 2, 29))
    assert counts(report) == {Kind.CHANGED: 1}
    assert {one.revision for one in await everything(tx)} == {1, 2}
    assert await number(tx, "SELECT count(*) AS n FROM incident_revision") == 3
    older = await imported(tx, anna, an_event(killed=5), dated=date(2019, 12, 31))
    assert [one.reason for one in older.plan.quarantined] == ["older-than-known"]


async def test_history_only_grows_and_nothing_is_deleted(tx: Tx, anna: Operator) -> None:
    await imported(tx, anna, an_event())
    for query in (b"DELETE FROM incident", b"UPDATE incident SET exercise = true", b"DELETE FROM incident_revision"):
        with pytest.raises(psycopg.errors.RaiseException):
            async with tx.transaction():
                await tx.execute(query)


async def test_r6_an_incident_that_vanishes_from_its_source_stays(tx: Tx, anna: Operator) -> None:
    await imported(tx, anna, an_event(), an_event(2))
    await imported(tx, anna, an_event(2), dated=date(2020, 2, 29))
    assert len(await everything(tx)) == 2


async def test_r9_an_incident_never_becomes_a_zone(tx: Tx, anna: Operator) -> None:
    version = await number(tx, "SELECT version AS n FROM zones_version")
    await imported(tx, anna, *events({("Meta", "Uribe"): 30}))
    assert await number(tx, "SELECT count(*) AS n FROM zone") == 0
    assert await number(tx, "SELECT count(*) AS n FROM zone_import") == 0
    assert await number(tx, "SELECT version AS n FROM zones_version") == version


async def test_r27_an_exercise_stays_in_its_own_world_and_in_no_total(tx: Tx, anna: Operator) -> None:
    await imported(tx, anna, an_event(fictional=True), exercise=True)
    assert await everything(tx) == []
    assert len(await everything(tx, exercise=True)) == 1
    assert counts(await imported(tx, anna, an_event())) == {Kind.NEW: 1}
    with pytest.raises(Refused, match="No incident"):
        await actions.ask_for_totals(tx, KEYRING, anna, "Exercise Centre", 2019, now=NOW)


async def test_what_waits_is_kept_once_however_often_it_comes(tx: Tx, anna: Operator) -> None:
    for _ in range(2):
        report = await imported(tx, anna, an_event(), an_event(2, date="soon"))
        assert [(one.row, one.external_id, one.reason) for one in report.plan.quarantined] == [(2, "E-2", "date-bad")]
    assert await number(tx, "SELECT count(*) AS n FROM incident_quarantine") == 1


async def test_the_map_of_a_source_is_kept_for_its_next_file(tx: Tx, anna: Operator) -> None:
    source_map = SourceMap({Field.KIND: "tipo"}, {Field.KIND: {"4": "find"}})
    await imported(tx, anna, an_event(tipo=4), source_map=source_map)
    await imported(tx, anna, an_event(2, tipo=4))
    assert {one.kind for one in await everything(tx)} == {IncidentKind.FIND}


async def test_a_dry_run_writes_nothing(tx: Tx, anna: Operator) -> None:
    declared = Declared(CENTRE, date(2020, 1, 31))
    report = await actions.plan_import(tx, a_file(an_event()), declared, now=NOW)
    assert counts(report) == {Kind.NEW: 1}
    assert await everything(tx) == []


async def published(tx: Tx, asker: Operator, approver: Operator, year: int = 2019, authority: str = CENTRE) -> Totals:
    await actions.ask_for_totals(tx, KEYRING, asker, authority, year, now=NOW)
    return await actions.approve_totals(tx, KEYRING, approver, authority, year, now=NOW)


async def seen(tx: Tx) -> list[tuple[int, str | None, str | None, Shown, int | None]]:
    found = await actions.public_totals(tx, authority=None, year=None)
    return [
        (
            one.year,
            each.region.name if each.region else None,
            each.district.name if each.district else None,
            each.shown,
            each.count,
        )
        for one, missing in found
        for each in (*one.figures, *missing)
    ]


async def test_totals_hide_small_counts_and_say_no_record_where_there_is_none(
    tx: Tx, anna: Operator, borys: Operator
) -> None:
    await imported(tx, anna, *events({("Meta", "Uribe"): 9, ("Meta", "Granada"): 7, ("Cauca", "Patía"): 6}))
    later = events({("Meta", "Uribe"): 3, ("Meta", "Vista"): 8, ("Meta", "Mesetas"): 20}, date="2018-01-01")
    await imported(
        tx, anna, *({**one, "properties": one["properties"] | {"id": f"L-{n}"}} for n, one in enumerate(later))
    )
    await published(tx, anna, borys)
    await published(tx, anna, borys, 2018)
    rows = await seen(tx)
    assert (2019, None, None, Shown.COUNTED, 22) in rows
    assert (2019, "Meta", "Uribe", Shown.COUNTED, 9) in rows
    assert (2018, "Meta", None, Shown.COUNTED, 31) in rows
    assert (2018, "Meta", "Uribe", Shown.NOT_SHOWN, None) in rows
    assert (2018, "Cauca", "Patía", Shown.NO_RECORD, None) in rows
    hidden = [row for row in rows if row[0] == 2018 and row[3] is Shown.NOT_SHOWN]
    assert len(hidden) == 2, "what could be computed from the sum is hidden too"
    assert all(count is None or count >= 5 for *_, count in rows)


async def test_r17_who_asks_for_totals_does_not_approve_them(tx: Tx, anna: Operator, borys: Operator) -> None:
    await imported(tx, anna, *events({("Meta", "Uribe"): 9}))
    await actions.ask_for_totals(tx, KEYRING, anna, CENTRE, 2019, now=NOW)
    assert await seen(tx) == []
    with pytest.raises(Refused, match="does not approve"):
        await actions.approve_totals(tx, KEYRING, anna, CENTRE, 2019, now=NOW)
    await actions.approve_totals(tx, KEYRING, borys, CENTRE, 2019, now=NOW)
    assert await seen(tx) != []


async def test_totals_that_changed_since_somebody_asked_are_not_approved(
    tx: Tx, anna: Operator, borys: Operator
) -> None:
    await imported(tx, anna, *events({("Meta", "Uribe"): 9}))
    await actions.ask_for_totals(tx, KEYRING, anna, CENTRE, 2019, now=NOW)
    await imported(tx, anna, an_event(100))
    with pytest.raises(Refused, match="Records have changed"):
        await actions.approve_totals(tx, KEYRING, borys, CENTRE, 2019, now=NOW)


async def test_public_totals_never_change_so_that_no_two_versions_give_one_event_away(
    tx: Tx, anna: Operator, borys: Operator
) -> None:
    await imported(tx, anna, *events({("Meta", "Uribe"): 9, ("Meta", "Granada"): 7}))
    await published(tx, anna, borys)
    before = await seen(tx)
    await imported(tx, anna, an_event(100), an_event(101, "Mesetas"))
    assert await seen(tx) == before
    with pytest.raises(Refused, match="stay as they are"):
        await actions.ask_for_totals(tx, KEYRING, anna, CENTRE, 2019, now=NOW)
    await actions.withdraw_totals(tx, borys, CENTRE, 2019, "the authority wants it", now=NOW)
    assert await seen(tx) == []
    await published(tx, anna, borys)
    assert await seen(tx) == before
    with pytest.raises(psycopg.errors.RaiseException):
        await tx.execute(b"UPDATE incident_totals SET figures = '[]'")


async def test_a_year_is_published_only_when_it_is_over_for_long(tx: Tx, anna: Operator) -> None:
    await imported(tx, anna, *events({("Meta", "Uribe"): 9}, date="2025-05-04"), dated=date(2026, 1, 31))
    early = datetime(2026, 3, 31, tzinfo=UTC)
    with pytest.raises(Refused, match="90 days"):
        await actions.ask_for_totals(tx, KEYRING, anna, CENTRE, 2025, now=early)
    await actions.ask_for_totals(tx, KEYRING, anna, CENTRE, 2025, now=early + timedelta(days=1))


async def test_r9_the_colombian_years_come_in_as_incidents(tx: Tx, anna: Operator, shared: Path) -> None:
    declared = Declared("Descontamina Colombia", date(2020, 6, 30))
    taken = 0
    for year in range(2015, 2020):
        content = (shared / "hazards" / "colombia" / f"{year}.json").read_bytes()
        rows = len(json.loads(content)["features"])
        report = await actions.run_import(tx, anna, content, declared, now=NOW)
        assert counts(report) == {Kind.NEW: rows}
        assert report.plan.quarantined == ()
        again = await actions.run_import(tx, anna, content, declared, now=NOW)
        assert counts(again) == {Kind.UNCHANGED: rows}
        taken += rows
    found = await everything(tx)
    assert len(found) == taken == 5661
    assert {one.place.district.level for one in found} == {"MUNICIPIO"}
    assert await number(tx, "SELECT count(*) AS n FROM zone") == 0
