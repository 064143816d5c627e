"""What changed between two packs, line by line: applied, it gives the new pack byte for byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit.errors import Refused
from service.publication import deltas
from service.publication.model import World

LINES = st.lists(st.sampled_from(["a", "b", "ж", '"', "", "{}"]), min_size=1, max_size=12)
CELL = "841e1c7ffffffff"


def text(lines: list[str]) -> bytes:
    return "\n".join(lines).encode()


def step(old: bytes, new: bytes, since: int = 1) -> deltas.Delta:
    return deltas.between(old, new, cell=CELL, world=World.LIVE, versions=(since, since + 1))


@given(LINES, LINES)
def test_a_delta_makes_the_new_pack_of_the_old_one(old: list[str], new: list[str]) -> None:
    made = deltas.as_bytes(step(text(old), text(new)))
    assert deltas.apply(text(old), made) == text(new)


@given(st.lists(LINES, min_size=4, max_size=4))
def test_deltas_that_follow_each_other_make_one(versions: list[list[str]]) -> None:
    first, *later = map(text, versions)
    joined, last = step(first, later[0]), later[0]
    for number, new in enumerate(later[1:], start=2):
        before = deltas.parse(deltas.as_bytes(joined))
        joined, last = deltas.joined(before, step(last, new, number)), new
    assert deltas.apply(first, deltas.as_bytes(joined)) == last
    assert (joined.since, joined.until) == (1, 4)


def test_what_stays_is_not_sent() -> None:
    old = [str(number) for number in range(1000)]
    new = [*old[:500], "new", *old[501:]]
    made = json.loads(deltas.as_bytes(step(text(old), text(new))))
    assert made["lines"] == ["new"]
    assert made["edits"] == [[500, 0, 1], [0, 1, 0]] or made["edits"] == [[500, 1, 1]]


@pytest.mark.parametrize(
    "spoil",
    [
        {"edits": [[0, 99, 0]]},
        {"edits": [[0, 0, 9]]},
        {"edits": [[0, -1, 0]]},
        {"edits": [[0, 1]]},
        {"edits": [[0, 1, True]]},
        {"lines": ["x", "y", "z"]},
        {"lines": [1]},
        {"old_lines": 10**12},
        {"old_lines": 4},
        {"world": "moon"},
    ],
)
def test_a_delta_that_does_not_fit_is_refused(spoil: dict[str, object]) -> None:
    old, new = text(["a", "b", "c"]), text(["a", "x", "c"])
    made = json.loads(deltas.as_bytes(step(old, new))) | spoil
    with pytest.raises(Refused, match="delta"):
        deltas.apply(old, json.dumps(made).encode())


def test_a_truncated_delta_is_refused() -> None:
    made = deltas.as_bytes(step(b"a\nb", b"a\nc"))
    with pytest.raises(Refused):
        deltas.apply(b"a\nb", made[:-5])
