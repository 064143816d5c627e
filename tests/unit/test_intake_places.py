"""Places as people write them: read right in every usual spelling, or not at all; a wrong place is worse than none."""

import pytest

from service.intake import degrees, grids, wkt
from service.intake.model import NotAnArea, Unread


@pytest.mark.parametrize(
    "text",
    [
        "48.1375", "+48.1375", "48,1375", "N48.1375", "48.1375 N", "48.1375° N", "48°08'15\"N", "48° 8' 15\" N",
        "48 08 15 N", "N 48 08 15", "48:08:15", "48d08m15s N", "48°08′15″ N", "48º08’15” N", "48°08'15'' N",
        "48° 8.25' N", "48 8.25 N", "48°8,25′", "48°08'15,0\"", "48°08'15\" с.ш.", "48°08'15\" пн.ш.",
        "48°08'15\" north",
        "48 deg 08 min 15 sec N", "48\u00a008\u00a015",
    ],
)  # fmt: skip  # one a line would hide the list
def test_a_latitude_is_read_in_every_usual_spelling(text: str) -> None:
    assert degrees.one(text, "lat") == pytest.approx(48.1375, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("17°30'W", -17.5), ("-17.5", -17.5), ("−17.5", -17.5), ("17°30' з.д.", -17.5), ("17°30' зх.д.", -17.5),
        ("17°30' сх.д.", 17.5), ("17°30' в.д.", 17.5), ("E 017 30 00", 17.5), ("179.999999", 179.999999),
    ],
)  # fmt: skip  # as above
def test_a_longitude_has_its_side(text: str, value: float) -> None:
    assert degrees.one(text, "lon") == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("", "lat"), ("here", "lat"), ("91", "lat"), ("181", "lon"), ("48°61'", "lat"), ("48°08'60\"", "lat"),
        ("48.5°08'", "lat"), ("48°08.5'15\"", "lat"), ("48 E", "lat"), ("17 N", "lon"), ("N 48 S", "lat"),
        ("-48 S", "lat"), ("5340000", "lat"), ("17°30' O", "lon"), ("nan", "lat"), ("inf", "lat"), ("1e1", "lat"),
        ("48 08 15 30", "lat"), ("48;17", "lat"),
    ],
)  # fmt: skip  # as above
def test_what_could_be_two_places_is_none(text: str, axis: str) -> None:
    with pytest.raises(NotAnArea) as refused:
        degrees.one(text, axis)
    assert refused.value.reason is Unread.GEOMETRY_BROKEN
    assert refused.value.why


@pytest.mark.parametrize(
    "text", ["48 08 15 S", "48°08'15\"S", "48d08m15S", "48 08 15s", "48:08:15 s", "48.1375 s", "S48 08 15"]
)
def test_the_letter_s_after_seconds_is_the_south(text: str) -> None:
    assert degrees.one(text, "lat") == pytest.approx(-48.1375, abs=1e-9)


def test_digits_of_other_scripts_are_digits() -> None:
    assert degrees.one("٤٨.١٣٧٥", "lat") == 48.1375


def test_a_lone_o_is_named_as_the_trouble_it_is() -> None:
    with pytest.raises(NotAnArea) as refused:
        degrees.one("17°30' O", "lon")
    assert "write E or W" in refused.value.why


@pytest.mark.parametrize(
    "text",
    [
        "48.1375, 17.5", "48.1375 17.5", "48.1375;17.5", "48,1375; 17,5", "48°08'15\"N 17°30'00\"E",
        "48°08'15\"N, 17°30'E", "N48.1375 E17.5", "17.5E, 48.1375N", "17°30'E 48°08'15\"N", "48.1375N17.5E",
    ],
)  # fmt: skip  # as above
def test_a_pair_in_one_text_is_read(text: str) -> None:
    assert degrees.pair(text) == pytest.approx((17.5, 48.1375), abs=1e-9)


@pytest.mark.parametrize("text", ["48", "48,1375,17,5", "48 17 30", "48N 17N", "a, b"])
def test_a_pair_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(NotAnArea):
        degrees.pair(text)


@pytest.mark.parametrize(
    "text",
    [
        "33T 699593 4902680", "33 N 699593 4902680", "33N 699593mE 4902680mN", "UTM 33T E699593 N4902680",
        "zone 33 north, 699593, 4902680", "33t 699593.0 4902680.0",
    ],
)  # fmt: skip  # as above
def test_utm_is_read_in_its_usual_spellings(text: str) -> None:
    place = grids.utm(text)
    assert (place.longitude, place.latitude) == pytest.approx((17.5, 44.25), abs=2e-5)


def test_the_letter_s_is_the_south_or_a_band_in_the_north_and_is_asked_for() -> None:
    """38S is Baghdad's zone and band; 21S is written of the Falklands, and its northing fits both."""
    with pytest.raises(NotAnArea):
        grids.utm("38S 450000 3680000")
    assert grids.utm("38S 450000 3680000", s_is_south=False).latitude == pytest.approx(33.258, abs=0.001)
    assert grids.utm("21S 450000 4270000", s_is_south=True).latitude == pytest.approx(-51.69, abs=0.05)
    # Where only the south fits, as in Angola, it is the south.
    assert grids.utm("33S 500000 8500000").latitude == pytest.approx(-13.57, abs=0.05)
    with pytest.raises(NotAnArea):
        grids.utm("33S 500000 8500000", s_is_south=False)
    assert grids.utm("38 south 450000 3680000").latitude < 0


@pytest.mark.parametrize(
    "text",
    [
        "33 699593 4902680",
        "33T 4902680 699593",
        "61T 699593 4902680",
        "33I 699593 4902680",
        "33T 699593",
        "33U 699593 4902680",
        "",
    ],
)
def test_utm_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(NotAnArea):
        grids.utm(text)


@pytest.mark.parametrize("text", ["33TXK9959302679", "33T XK 99593 02679", "33t xk 99593 02679", "33T-XK-99593-02679"])
def test_mgrs_is_read_in_its_usual_spellings(text: str) -> None:
    place = grids.grid(text)
    assert (place.longitude, place.latitude) == pytest.approx((17.5, 44.25), abs=2e-5)
    assert place.accuracy_m == pytest.approx(0.71, abs=0.01)


def test_a_square_of_the_grid_stands_for_its_middle() -> None:
    near, far = grids.grid("33TXK9902"), grids.grid("33TXK9950002500")
    assert (near.longitude, near.latitude) == pytest.approx((far.longitude, far.latitude), abs=1e-9)
    assert grids.grid("33TXK").accuracy_m == pytest.approx(70_710.7, abs=0.1)


@pytest.mark.parametrize(
    "text", ["", "33TXK123", "33TXK123456789012", "33IXK12", "99TXK12", "33TZZ12", "XK1234", "33T XK 1 2 3"]
)
def test_mgrs_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(NotAnArea):
        grids.grid(text)


@pytest.mark.parametrize(
    ("text", "kind", "coordinates"),
    [
        ("POINT(1 2)", "Point", [1, 2]),
        ("point z (1 2 3)", "Point", [1, 2, 3]),
        ("POINT M (1 2 3)", "Point", [1, 2]),
        ("POINT ZM(1 2 3 4)", "Point", [1, 2, 3]),
        ("POLYGON ((1 2, 3 4, 5 6, 1 2), (+1 .5, 2. 3, 4 5e0, 1 .5))", "Polygon",
         [[[1, 2], [3, 4], [5, 6], [1, 2]], [[1, 0.5], [2, 3], [4, 5], [1, 0.5]]]),
        ("MULTIPOLYGON(((1 2,3 4,5 6,1 2)),((1 2,3 4,5 6,1 2)))", "MultiPolygon",
         [[[[1, 2], [3, 4], [5, 6], [1, 2]]], [[[1, 2], [3, 4], [5, 6], [1, 2]]]]),
        ("MULTIPOINT(1 2,3 4)", "MultiPoint", [[1, 2], [3, 4]]),
        ("MULTIPOINT((1 2),(3 4))", "MultiPoint", [[1, 2], [3, 4]]),
        ("POLYGON EMPTY", "Polygon", []),
        ("SRID=4326;LINESTRING(1 2,3 4)", "LineString", [[1, 2], [3, 4]]),
    ],
)  # fmt: skip  # a table reads better in lines
def test_wkt_becomes_geojson(text: str, kind: str, coordinates: object) -> None:
    assert wkt.looks_like(text)
    assert wkt.parse(text) == {"type": kind, "coordinates": coordinates}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "POLYGON",
        "POLYGON((1 2,3 x))",
        "POLYGON((1 2",
        "POINT(1 2) x",
        "CIRCLE(1 2)",
        "GEOMETRYCOLLECTION(" * 50,
        "POINT(1 2;3)",
    ],
)
def test_what_is_no_wkt_is_refused(text: str) -> None:
    with pytest.raises(NotAnArea):
        wkt.parse(text)
