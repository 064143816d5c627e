"""Reading the files of sources: every format, and what is wrong with a row."""

import json
from datetime import date

import pytest
import shapely

from service.kit.errors import Refused
from service.places.model import Category, Effect, Reading, Stated
from service.places.sources import columns, katottg, opening
from tests.island import MAP, REGISTER, Record

HEADER = ";".join((*katottg.LEVELS, katottg.CATEGORY, katottg.NAME))
REGION, DISTRICT, COMMUNITY, VILLAGE = (
    "UA99000000000000001",
    "UA99020000000000002",
    "UA99020010000000003",
    "UA99020010010000004",
)
CAPITAL, BOROUGH = "UA98000000000000005", "UA98000000000000006"
ROWS = [
    f"{REGION};;;;;O;Вигадана",
    f"{REGION};{DISTRICT};;;;P;Неіснуючий",
    f"{REGION};{DISTRICT};{COMMUNITY};;;H;Небувала ",
    f"{REGION};{DISTRICT};{COMMUNITY};{VILLAGE};;C;Ніде",
    f"{CAPITAL};;;;;K;Столиця",
    f"{CAPITAL};{CAPITAL};{CAPITAL};{CAPITAL};{BOROUGH};B;Середмістя",
]
UA = Stated("UA", dated=date(2026, 1, 1))


def codifier(*more: str) -> bytes:
    return "\ufeff".encode() + "\r\n".join([HEADER, *ROWS, *more]).encode()


def read(content: bytes) -> Reading:
    return opening.read({"file": content}, "UA", None)


def test_the_codifier_is_read_with_its_levels_and_parents() -> None:
    units = {unit.codes[0][1]: unit for unit in read(codifier()).units}
    assert [unit.level for unit in units.values()] == [1, 2, 3, 4, 1, 5]
    assert units[COMMUNITY].names[0].text == "Небувала"
    assert units[COMMUNITY].codes[1:] == (("pcode", "UA9902001"),)
    assert units[VILLAGE].parent == ("katottg", COMMUNITY)
    assert units[BOROUGH].parent == ("katottg", CAPITAL)
    assert units[CAPITAL].category is Category.SPECIAL_CITY


def test_a_republic_is_told_from_a_region() -> None:
    units = read(codifier("UA97000000000000007;;;;;O;Автономна Республіка Ніде")).units
    assert units[-1].category is Category.REPUBLIC


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("UA97;;;;;O;Коротка", "17 digits"),
        (";;;;;O;Без коду", "17 digits"),
        ("UA97000000000000007;;;;;Z;Чужа", "category 'Z'"),
        ("UA97000000000000007;;;;;O;  ", "no name"),
        ("UA97000000000000007;;;;;O;Зайва;ще", "more columns"),
        (f"{REGION};;;;;O;Двічі", "stood in file, line 2 already"),
        ("UA97000000000000007;UA97020000000000008;;;;P;Сирота", "lies in UA97000000000000007"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_a_remedy(row: str, said: str) -> None:
    reading = read(codifier(row))
    assert len(reading.units) == len(ROWS)
    assert (reading.faults[0].where, said in reading.faults[0].detail) == ("file, line 8", True)
    assert reading.faults[0].remedy


def test_a_codifier_with_cyrillic_letters_for_categories_is_read() -> None:
    units = read(codifier("UA97000000000000007;;;;;\u041e;Кирилична")).units
    assert units[-1].category is Category.REGION


def test_p_codes_join_the_codifier_and_the_exclusion_zone_does_not_join_its_region() -> None:
    """UA9900000 is no community of the codifier, though it begins as region UA99 does."""
    record = Record()
    record.load(codifier(), stated=UA)
    entries = [("UA9902001", "Небувала", "31.5"), ("UA9800000", "Столиця", "30.5"), ("UA9900000", "Зона", "30.1")]
    said = [
        {"iso": code, "ua": name, "ru": "", "en": "X", "lat_centroid": "50.5", "lon_centroid": x}
        for code, name, x in entries
    ]
    plan = record.load(json.dumps(said).encode(), stated=UA)
    centred = {place.name.text for place in record.places() if place.centre is not None}
    assert centred == {"Небувала", "Столиця"}
    assert [fault.detail for fault in plan.unjoined] == ["No place on record has the code UA9900000."]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"iso": "UA9902001", "ua": "Х", "lat_centroid": "95", "lon_centroid": "30"}, "longitude 30.0, latitude 95.0"),
        ({"iso": "UA9902001", "ua": "Х", "lat_centroid": "0", "lon_centroid": "0"}, "0, 0"),
        ({"iso": "UA9902001", "ua": "Х", "lat_centroid": "nan", "lon_centroid": "30"}, "no number"),
        ({"iso": "UA99020010", "ua": "Х"}, "no P-code"),
        ({"iso": "UA9902001", "ua": ""}, "no name"),
        (["UA9902001"], "no object"),
    ],
)
def test_a_bad_entry_of_p_codes_is_named(entry: object, said: str) -> None:
    good = {"iso": "UA9902003", "ua": "Добра"}
    reading = read(json.dumps([good, entry]).encode())
    assert (len(reading.units), reading.faults[0].where) == (1, "file, entry 2")
    assert said in reading.faults[0].detail


def topology(**changes: object) -> bytes:
    """Two squares that share an edge, quantised, as TopoJSON packs them; the second runs the shared arc backwards."""
    shapes = [
        {"type": "Polygon", "arcs": [[0, 1]], "id": "804", "properties": {"name": "Left"}},
        {"type": "MultiPolygon", "arcs": [[[-1, 2]]], "id": "070", "properties": {"name": "Right"}},
    ]
    packed = {
        "type": "Topology",
        "objects": {"countries": {"type": "GeometryCollection", "geometries": shapes}},
        "arcs": [[[10, 0], [0, 10]], [[10, 10], [-10, 0], [0, -10], [10, 0]], [[10, 0], [10, 0], [0, 10], [-10, 0]]],
        "transform": {"scale": [0.1, 0.1], "translate": [20, 40]},
    }
    return json.dumps(packed | changes).encode()


@pytest.mark.parametrize(("country", "west"), [("UA", 20), ("BA", 21)])
def test_a_country_is_unpacked_from_its_arcs(country: str, west: float) -> None:
    reading = opening.read({"f": topology()}, country, None)
    unit = reading.units[0]
    assert unit.outline is not None
    assert unit.outline.equals(shapely.box(west, 40, west + 1, 41))
    assert (unit.codes[0], unit.level, reading.elsewhere) == (("iso-3166-1", country), 0, 1)


@pytest.mark.parametrize("changes", [{"arcs": []}, {"objects": {}}, {"arcs": "x"}, {"transform": {"scale": [1]}}])
def test_a_broken_topology_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Refused, match="no TopoJSON"):
        opening.read({"f": topology(**changes)}, "UA", None)


def test_a_country_that_is_not_in_the_file_is_refused() -> None:
    with pytest.raises(Refused, match="no outline of CO"):
        opening.read({"f": topology()}, "CO", None)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<kml/>",
        b"[1, 2]",
        b"[]",
        b"[",
        b"{}",
        b'{"type": "FeatureCollection", "features": []}',
        b"[" * 5000,
    ],
)
def test_what_is_none_of_the_formats_is_refused_with_a_remedy(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read(content)
    assert refused.value.remedy


def test_cp1251_is_refused_with_the_line() -> None:
    with pytest.raises(Refused, match="line 1 holds the byte"):
        read(HEADER.replace("\u2019", "'").encode("cp1251"))


def test_several_files_are_outlines_or_refused() -> None:
    with pytest.raises(Refused, match="Several files"):
        opening.read({"a": codifier(), "b": codifier()}, "UA", None)


TABLE = b"code,parent,kind,name,name_en,also,before,lon,lat,pcode\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("XA1,,край,,,,,,,", "no name"),
        (",,край,Перша,,,,,,", "no code"),
        ("XA1,,край,Перша,,,,12,,", "no number"),
        ("XA1,,край,Перша,,,,200,10,", "no place at"),
        ("XA1,,край,Перша,,,,1,2,3,4", "more fields"),
        ("XA1,,країна мрій,Перша,,,,,,", "category"),
    ],
)
def test_a_bad_row_of_a_table_is_named(row: str, said: str) -> None:
    content = TABLE + "XA0,,край,Нульова,,,,,,\n".encode() + row.encode()
    reading = opening.read({"t.csv": content}, "XA", MAP)
    assert (len(reading.units), reading.faults[0].where) == (1, "t.csv, line 3")
    assert said in reading.faults[0].detail


def test_a_table_without_a_mapped_column_is_refused() -> None:
    with pytest.raises(Refused, match="lacks the columns lat, pcode"):
        opening.read({"t.csv": REGISTER.replace(b"lat,pcode", b"breite,p")}, "XA", MAP)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"scheme = ",
        b'scheme = "x"\ncode = "c"\nsource = "s"\nlicence = "l"\nlevle = 1',
        b'scheme = "x y"\ncode = "c"\nsource = "s"\nlicence = "l"',
        b'scheme = "xx"\ncode = "c"\nsource = "s"\nlicence = "l"\n[names]\nukrainian = "n"',
        b'scheme = "xx"\ncode = "c"\nsource = "s"\nlicence = "l"\n[categories]\nx = "kingdom"',
        "код = 1".encode("cp1251"),
    ],
)
def test_an_unfit_mapping_is_refused_field_by_field(said: bytes) -> None:
    with pytest.raises(Refused) as refused:
        columns.parse(said, "map.toml")
    assert refused.value.faults


def test_a_table_with_outlines_and_radii_is_read() -> None:
    said = columns.parse(
        b'scheme = "xx"\ncode = "c"\nsource = "S"\nlicence = "L"\nlevel_column = "l"\ncategory = "district"\n'
        b'radius_m = "r"\noutline_wkt = "w"\ndelimiter = ";"\nencoding = "cp1251"\n[names]\nbs = "n"\n',
        "map.toml",
    )
    wkt = "POLYGON ((0 0, 1 0, 1 1, 0 0))"
    rows = f"c;l;r;w;n\n1;2;1500;;Прва\n2;2;;{wkt};Друга\n3;2;-5;;Нова\n4;2;;POINT (1 1);Мала\n5;9;;;Пета\n"
    content = rows.encode("cp1251")
    reading = opening.read({"t.csv": content}, "XA", said)
    assert [unit.radius_m for unit in reading.units] == [1500, None]
    assert reading.units[1].outline is not None
    assert [fault.where for fault in reading.faults] == ["t.csv, line 4", "t.csv, line 5", "t.csv, line 6"]


def test_invisible_signs_and_doubled_spaces_leave_a_name() -> None:
    content = TABLE + "XA1,,край,  Нова\u200b\u202e   Гора \x00,,,,,,\n".encode()
    record = Record()
    assert record.load(content, MAP).counts[Effect.NEW] == 1
    assert record.places()[0].name.text == "Нова Гора"
