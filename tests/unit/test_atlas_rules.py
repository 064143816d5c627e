"""How a box of the map is read."""

import pytest

from service.atlas import rules
from service.kit.errors import Refused


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("17,45,18,46", (17, 45, 18, 46)),
        (" 17.0, 45, 17 , 45.0 ", (17, 45, 17, 45)),
        ("179,-18,-179,-17", (179, -18, 181, -17)),
        ("-180,-90,180,90", (-180, -90, 180, 90)),
    ],
)
def test_a_box_is_read(text: str, box: tuple[float, ...]) -> None:
    assert rules.read_box(text) == box


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "17,46,18,45", "17,-91,18,0", "nan,0,1,1", "0,0,inf,1", "181,0,182,1"]
)
def test_a_box_that_cannot_be_read_is_a_clear_refusal(text: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.read_box(text)
    assert (refused.value.name, refused.value.where) == ("bbox-malformed", "bbox")
