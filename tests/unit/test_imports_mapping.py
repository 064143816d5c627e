"""Mappings are read strictly, every refusal names its line; one is proposed that can be used."""

import pytest

from service.imports import mapping, proposing
from service.imports.columns import Field
from service.imports.model import Kind
from service.imports.reasons import Note, Reason
from service.intake.model import Format, Notation, Record
from service.kit.errors import Refused
from service.zones.model import Basis, Evidence, Hazard, HazardClass, Lying, Marking, ReleaseKind
from tests.build import a_file, a_square, declared
from tests.planned import planned, surveyed

FULL = """
file:
  format: csv
  encoding: cp1251
  crs: EPSG:31276
  delimiter: ";"
  latitude: Y
  longitude: X
  radius: R
  notation: degrees
columns:
  id: KEY
  name: [LABEL, TITLE]
  class: KIND
  status: STATE
  hazards: DEVICES
  lying: HOW
  basis: SAYS
  direct: SEEN
  marking: SIGNS
  accuracy_m: ERR
  deactivating: SELF
  deactivates_by: UNTIL
  reported_on: SINCE
  closed_as: METHOD
  closed_on: ENDED
  depth_cm: DEEP
  beneficiaries: PEOPLE
values:
  class: {"1": sha, "2": cha}
  status: {"on": open, "off": cleared}
  hazards: {tretmine: anti-personnel-mine}
  lying: {u zemlji: buried}
  basis: {zapisnik: laying-record}
  direct: {da: direct, ne: indirect}
  marking: {ograda: fenced}
  deactivating: {tak: yes}
  closed_as: {ciscenje: cleared}
dates: "%d/%m/%Y"
ignore: [JUNK]
"""
ROW = {
    "KEY": "A-1", "LABEL": "Polje", "KIND": "2", "STATE": "on", "DEVICES": "Tretmine, UXO", "HOW": "U zemlji",
    "SAYS": "Zapisnik", "SEEN": "ne", "SIGNS": "Ograda", "ERR": "30", "SELF": "tak", "UNTIL": "05/04/2027",
    "SINCE": "03/04/2024", "PEOPLE": "120", "JUNK": "x", "PCODE": "UA46",
}  # fmt: skip  # one a line would hide that it is one row


def _file(**changes: object) -> bytes:
    properties = {**ROW, **changes}
    return a_file({"type": "Feature", "properties": properties, "geometry": a_square()})


def test_a_mapping_says_what_every_column_and_word_means() -> None:
    mapped = mapping.load(FULL)
    assert (mapped.layout.format, mapped.layout.encoding, mapped.layout.delimiter) == (Format.CSV, "cp1251", ";")
    assert (mapped.layout.columns.first, mapped.layout.columns.second) == ("Y", "X")
    assert mapped.layout.columns.notation is Notation.DEGREES
    (survey,) = surveyed(_file(), declared(), FULL).surveys
    told = survey.particulars
    assert (survey.external_id, survey.name, survey.said, survey.accuracy_m) == (
        "A-1",
        "Polje",
        HazardClass.CONFIRMED,
        30,
    )
    assert told.hazards == {Hazard.ANTI_PERSONNEL_MINE, Hazard.OTHER_ORDNANCE}
    assert (told.lying, told.marking, told.deactivating, told.beneficiaries) == (
        Lying.BURIED,
        Marking.FENCED,
        True,
        120,
    )
    assert told.evidence == (Evidence(Basis.LAYING_RECORD, direct=False),)
    assert (str(told.deactivates_by), str(told.reported_on)) == ("2027-04-05", "2024-04-03")
    assert "JUNK" not in survey.attributes
    assert survey.attributes["PCODE"] == "UA46", "what no column means is kept as it is"


def test_r2_a_mapped_end_is_a_claim_with_the_terms_of_a_record() -> None:
    (survey,) = surveyed(_file(STATE="off", METHOD="Ciscenje", ENDED="01/02/2025", DEEP="20"), declared(), FULL).surveys
    assert survey.closure is not None
    assert survey.closure.proven
    assert (survey.closure.kind, survey.closure.depth_cm) == (ReleaseKind.CLEARED, 20)
    assert survey.claim == "cleared"
    (bare,) = surveyed(_file(STATE="off"), declared(), FULL).surveys
    assert bare.claim == "cleared (historic, unproven)"


def test_r1_a_claimed_self_deactivation_changes_nothing_else() -> None:
    with_claim, without = (
        surveyed(_file(SELF=word, UNTIL=None), declared(), FULL).surveys[0] for word in ("tak", None)
    )
    assert with_claim.wide == without.wide
    assert with_claim.hazard_class is without.hazard_class


def test_only_mapped_columns_count() -> None:
    row = {"type": "Feature", "properties": {"id": "A", "class": "SHA"}, "geometry": a_square()}
    plan = planned(a_file(row), declared(), mapped=FULL)
    assert plan.kinds == [Kind.IN_DOUBT]
    assert [one.reason for one in plan.quarantined] == [Reason.NO_ID]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("columns:\n  idd: KEY\n", 2, "idd"),
        ("columns:\n  id: KEY\nvalues:\n  class:\n    a: green\n", 5, "green"),
        ("columns:\n  id: KEY\n  id: OTHER\n", 3, "twice"),
        ("columns:\n  id: KEY\ncolour: red\n", 3, "colour"),
        ("columns:\n  name: N\n", 1, "id"),
        ("columns:\n  id: [A\n", 3, "YAML"),
        ("columns:\n  id: KEY\ndates: '%d'\n", 3, "%d"),
        ("columns:\n  id: KEY\nfile:\n  format: dwg\n", 4, "dwg"),
        ("columns: KEY\n", 1, "word: meaning"),
        ("columns:\n  id:\n", 2, "missing"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_used_is_refused_with_its_line(text: str, line: int, word: str) -> None:
    with pytest.raises(Refused) as refused:
        mapping.load(text, said_in="map.yaml")
    assert refused.value.where == f"map.yaml, line {line}"
    assert word in refused.value.detail
    assert refused.value.remedy


@pytest.mark.parametrize(
    "text", ["a: &a [x]\nb: *a\n", "", "columns:\n  id: !!python/object:os.system x\n  idd: 2", "x" * 70_000]
)
def test_hostile_mappings_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        mapping.load(text)


def test_a_proposed_mapping_can_be_used_once_its_questions_are_answered() -> None:
    rows = [
        {"zone_id": f"Z-{number}", "status": word, "hazards": device, "reported": "2024-07-31", "More": "kept"}
        for number, (word, device) in enumerate([("SHA", "APM"), ("CHA", "gadget"), ("Cleared", "UXO"), ("weird", "")])
    ]
    records = [Record(at, {"type": "Feature", "properties": row}) for at, row in enumerate(rows, start=1)]
    text = proposing.propose(proposing.sample(records), name="bad\nname.shp")
    assert "id: zone_id" in text
    assert "# kept as it is: More" in text
    assert "# ? weird: one of open, closed" in text
    assert "# ? gadget: one of" in text
    mapped = mapping.load(text)
    assert mapped.columns.names[Field.ID] == ("zone_id",)
    assert mapped.columns.words[Field.CLASS] == {"sha": "sha", "cha": "cha"}
    assert mapped.columns.words[Field.STATUS]["cleared"] == "cleared"
    squares = (a_square(17 + at / 10) for at in range(len(rows)))
    features = ({"type": "Feature", "properties": row, "geometry": at} for row, at in zip(rows, squares, strict=True))
    content = a_file(*features)
    assert planned(content, declared(), mapped=text).kinds == [Kind.NEW, Kind.NEW, Kind.NEW, Kind.IN_DOUBT]


@pytest.mark.parametrize(
    ("value", "note"),
    [
        ({"SINCE": "31.12.2999"}, Note.DATE_BAD),
        ({"SINCE": "tomorrow"}, Note.DATE_BAD),
        ({"HOW": "sideways"}, Note.VALUE_UNKNOWN),
        ({"LABEL": "Мінне поле".encode().decode("latin-1")}, Note.MOJIBAKE_MENDED),
        ({"LABEL": "Ìèííå ïîëå"}, Note.MOJIBAKE),
    ],
)
def test_what_is_odd_about_a_value_is_said(value: dict[str, str], note: Note) -> None:
    found = surveyed(_file(**value), declared(), FULL)
    assert [finding.note for finding in found.findings] == [note]
    if note is Note.MOJIBAKE_MENDED:
        assert found.surveys[0].name == "Мінне поле"


@pytest.mark.parametrize(
    "name", ["Мінне поле", "Camp miné", "été", "Čačak-Žitomislić", "Área peligrosa ñ", "حقل ألغام"]
)
def test_names_in_any_language_are_left_as_they_are(name: str) -> None:
    found = surveyed(_file(LABEL=name), declared(), FULL)
    assert (found.findings, found.surveys[0].name) == ([], name)


def test_one_page_of_a_layer_s_answers_is_no_format_of_a_source() -> None:
    with pytest.raises(Refused) as refused:
        mapping.load("file: {format: esrijson}\ncolumns: {id: KEY}\n")
    assert refused.value.remedy is not None
    assert "geojson" in refused.value.remedy
    assert "esrijson" not in refused.value.remedy
