"""An authority's own columns: what a mapping says, and what is refused with its line."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from service.kit.errors import Refused
from service.outreach import mapping
from service.outreach.mapping import Layout
from service.outreach.model import Kept, Spot
from tests.unit.test_outreach_rules import REPORT

GROUPS = ("5-12", "13-17", "18+")
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
KEPT = Kept(
    UUID(int=7), 3, b"", 2, withdrawn=False, report=REPORT, spot=Spot(UUID(int=9), "XA1", -25.0, -36.5),
    operator_id=UUID(int=1), received_at=NOW, changed_at=NOW,
)  # fmt: skip  # a row as the database has it
MAPPING = """
columns:
  id: Activity_ID
  date: Activity_Date
  place: Pcode
  longitude: X
  point_is: XY_Source
  delivery: Type
  female.5-12: Girls_5_12
  male: Male
  age.13-17: Youth
  people: Total
values:
  delivery: {direct: D, indirect: "I", training: T}
fixed:
  Country: UA
dates: "%d/%m/%Y"
"""


def load(text: str) -> Layout:
    return mapping.load(text.encode(), GROUPS, name="map.yaml")


def test_a_report_is_written_in_the_authoritys_columns_order_codes_and_dates() -> None:
    assert list(mapping.row(KEPT, load(MAPPING)).items()) == [
        ("Activity_ID", str(UUID(int=7))),
        ("Activity_Date", "30/10/2026"),
        ("Pcode", "XA1111"),
        ("X", -25.0),
        ("XY_Source", "derived"),
        ("Type", "D"),
        ("Girls_5_12", 12),
        ("Male", 11),
        ("Youth", 2),
        ("Total", 23),
        ("Country", "UA"),
    ]


def test_a_place_without_a_point_claims_none() -> None:
    row = mapping.row(replace(KEPT, spot=Spot()), load(MAPPING))
    assert (row["X"], row["XY_Source"]) == (None, None)


def test_every_field_can_be_a_column() -> None:
    every = mapping.fields(GROUPS)
    text = "columns:\n" + "".join(f'  "{field}": "column {field}"\n' for field in every)
    assert len(mapping.row(KEPT, load(text))) == len(every)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("columns:\n  id: A\n  teacher: B\n", 3, "'teacher' is no field of a report"),
        ("columns:\n  female.6-10: A\n", 2, "'female.6-10' is no field of a report"),
        ("columns:\n  id: A\n  date: A\n", 3, "named twice"),
        ("columns:\n  id: A\nfixed:\n  A: B\n", 4, "named twice"),
        ("columns:\n  id: A\n  id: B\n", 3, "stands here twice"),
        ("columns:\n  id:\n    - A\n", 3, "no text"),
        ("columns: {}\n", 1, "no list of"),
        ("values:\n  delivery: {direct: D}\n", 1, "`columns` is missing"),
        ("columns: {id: A}\nvalues:\n  delivery: {direct: D}\n", 3, "lack a code: indirect, training"),
        ("columns: {id: A}\nvalues:\n  organisation: {a: b}\n", 3, "'organisation' is no field with words"),
        ("columns: {id: A}\ndates: '%d/%m'\n", 2, "says no whole day"),
        ("columns: {id: A}\ncolours: x\n", 2, "'colours' is no part of a mapping"),
        ("columns: {id: A\n", 2, "is no YAML"),
        ("columns: {id: *a}\n", 1, "anchor or an alias"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused_with_its_line_and_how_to_mend_it(text: str, line: int, said: str) -> None:
    with pytest.raises(Refused) as caught:
        load(text)
    assert caught.value.where == f"map.yaml:{line}"
    assert said in caught.value.detail
    assert caught.value.remedy


def test_a_mapping_of_another_encoding_or_size_is_refused() -> None:
    for raw in (b"\xff\xfe", b"#" * 300_000):
        with pytest.raises(Refused):
            mapping.load(raw, GROUPS, name="map.yaml")
