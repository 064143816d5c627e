"""Other people's troublesome files: rows or a clear refusal, never a crash."""

import json
from pathlib import Path

import pytest

from service.intake.model import Unread
from service.kit.errors import Refused
from tests.build import a_feature, a_file
from tests.files import Read, rows_here, rows_of

CLEAR = {"file-empty", "format-unsupported", "json-broken", "crs-unsupported", "json-keys-twice", "columns-unknown"}


def read_if_it_can_be(path: Path) -> Read | None:
    refusals: list[Refused] = []
    try:
        return rows_here(path.read_bytes())
    except Refused as refused:
        refusals.append(refused)
    assert [(each.name in CLEAR, bool(each.remedy)) for each in refusals] == [(True, True)], path.name
    return None


def test_74_troublesome_geometries_come_over_row_by_row(shared: Path, tmp_path: Path) -> None:
    files = sorted((shared / "misuse" / "geojson-invalid" / "examples").rglob("*.geojson"))
    assert len(files) > 70
    documents = [json.loads(file.read_text()) for file in files]
    # In one file: each geometry, and each feature, is a row of its own.
    rows = [
        row
        for document in documents
        for row in (
            document.get("features")
            if isinstance(document.get("features"), list)
            else [document if document.get("type") == "Feature" else {**a_feature(), "geometry": document}]
        )
    ]
    together = tmp_path / "together.geojson"
    together.write_bytes(a_file(*rows))
    read = read_if_it_can_be(together)
    assert read is not None
    assert len(read.records) == len(rows)
    assert {record.unread for record in read.records} <= {None, Unread.UNREADABLE}


@pytest.mark.parametrize("kind", ["invalid_structure", "problematic_structure"])
def test_troublesome_documents_are_rows_or_a_clear_refusal(shared: Path, kind: str) -> None:
    files = sorted((shared / "misuse" / "geojson-invalid" / "examples" / kind).glob("*collection*.geojson"))
    assert files
    for file in files:
        read_if_it_can_be(file)


async def test_naughty_strings_come_over_to_the_letter(shared: Path, tmp_path: Path) -> None:
    strings = json.loads((shared / "misuse" / "blns.json").read_text())
    features = [a_feature(str(number), note=text, **{text: number}) for number, text in enumerate(strings)]
    path = tmp_path / "naughty.geojson"
    path.write_bytes(a_file(*features))
    read = await rows_of(path)
    assert read.properties == [feature["properties"] for feature in features]


async def test_naughty_strings_in_a_table_stay_text(shared: Path, tmp_path: Path) -> None:
    strings = [text for text in json.loads((shared / "misuse" / "blns.json").read_text()) if text.strip()]
    quoted = ['1,2,"{}"'.format(text.replace('"', '""')) for text in strings]
    path = tmp_path / "naughty.csv"
    path.write_bytes("\r\n".join(["lat,lon,note", *quoted]).encode("utf-8", "surrogatepass"))
    read = await rows_of(path)
    assert [properties["note"] for properties in read.properties] == strings
