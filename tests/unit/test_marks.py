"""Small numbers that were seen already."""

from hypothesis import given
from hypothesis import strategies as st

from service.kit.marks import Marks

NUMBERS = st.lists(st.integers(0, 300))


@given(NUMBERS, NUMBERS)
def test_marks_are_a_set_of_numbers(first: list[int], second: list[int]) -> None:
    marks = Marks()
    assert not marks
    marks.add(first)
    assert marks.take(second) == list(dict.fromkeys(number for number in second if number not in first))
    assert [number in marks for number in range(400)] == [number in {*first, *second} for number in range(400)]
    yes, no = marks.part(range(400))
    assert set(yes) == {*first, *second}
    assert yes + no == sorted(yes) + sorted(no)
    assert bool(marks) == bool(first or second)
