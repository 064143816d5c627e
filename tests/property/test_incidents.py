"""Totals of incidents: whatever the counts are, nobody can compute one that is not shown."""

import hashlib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product

import hypothesis.strategies as st
from hypothesis import example, given

from service.incidents.counting import FEWEST, SLACK, Cell, Suppressed, suppress

CELLS = [(region, district) for region in "ABCD" for district in "abcde"]
COUNTS = st.dictionaries(st.sampled_from(CELLS), st.integers(1, 4) | st.integers(1, 12) | st.integers(5, 400))
MOST = 14
Seen = tuple[Suppressed, tuple[int | None, ...]]
Row = tuple[list[Fraction], Fraction]


def draw(cell: Cell) -> bytes:
    return hashlib.sha256("/".join(cell).encode()).digest()


def equations(counts: Mapping[Cell, int], kept_back: Suppressed) -> tuple[list[Cell], list[Row]]:
    """What is public about the hidden cells: each sum that is shown, less what is shown of it."""
    hidden = sorted(kept_back.cells)
    sums = [
        *(None for _ in range(not kept_back.total)),
        *sorted({region for region, _ in counts} - kept_back.regions),
    ]
    rows = []
    for region in sums:
        over = [cell for cell in counts if region in {None, cell[0]}]
        known = sum(counts[cell] for cell in over if cell not in kept_back.cells)
        left = sum(counts[cell] for cell in over) - known
        rows.append(([Fraction(cell in over) for cell in hidden], Fraction(left)))
    return hidden, rows


def reduced(rows: list[Row]) -> list[Row]:
    """Gauss and Jordan."""
    matrix = [[*left, right] for left, right in rows]
    done = 0
    for column in range(len(matrix[0]) - 1 if matrix else 0):
        pivot = next((n for n in range(done, len(matrix)) if matrix[n][column]), None)
        if pivot is None:
            continue
        matrix[done], matrix[pivot] = matrix[pivot], matrix[done]
        matrix[done] = [value / matrix[done][column] for value in matrix[done]]
        for n, row in enumerate(matrix):
            if n != done and row[column]:
                matrix[n] = [a - row[column] * b for a, b in zip(row, matrix[done], strict=True)]
        done += 1
    return [(row[:-1], row[-1]) for row in matrix if any(row)]


def bounds(width: int, rows: list[Row]) -> list[list[Fraction]]:
    """Narrow what each hidden cell can be, from 1 upward, until no equation narrows it further."""
    top = Fraction(10**9)
    found = [[Fraction(1), top] for _ in range(width)]
    moved = True
    while moved:
        moved = False
        for left, right in rows:
            for n in (n for n, factor in enumerate(left) if factor):
                others = [(factor, found[m]) for m, factor in enumerate(left) if m != n and factor]
                least = sum(min(factor * low, factor * high) for factor, (low, high) in others)
                most = sum(max(factor * low, factor * high) for factor, (low, high) in others)
                low, high = sorted(((right - most) / left[n], (right - least) / left[n]))
                tighter = [max(found[n][0], low), min(found[n][1], high)]
                moved |= tighter != found[n]
                found[n] = tighter
    return found


@given(COUNTS)
@example({("A", "a"): 1, ("A", "b"): 1})
@example({("A", "a"): 1, ("B", "a"): 400})
@example({("A", "a"): 2, ("A", "b"): 30, ("B", "a"): 1, ("B", "b"): 1, ("C", "a"): 7})
def test_no_hidden_count_can_be_computed_or_narrowed_from_all_that_is_public(counts: dict[Cell, int]) -> None:
    kept_back = suppress(counts, draw)
    assert {cell for cell, count in counts.items() if count < FEWEST} <= kept_back.cells
    hidden, rows = equations(counts, kept_back)
    solved = reduced(rows)
    assert not [left for left, _ in solved if sum(map(bool, left)) == 1], "linear algebra gives one away"
    for low, high in bounds(len(hidden), rows + solved):
        assert low == 1
        assert high >= 1 + SLACK


@given(COUNTS)
def test_totals_are_shown_where_nothing_is_small(counts: dict[Cell, int]) -> None:
    large = {cell: count + FEWEST for cell, count in counts.items()}
    assert suppress(large, draw) == Suppressed(frozenset(), frozenset(), total=False)


def outputs(cells: list[Cell]) -> Iterator[tuple[Seen, dict[Cell, int]]]:
    """Every table of these cells, by several lots, and what the public would see of it."""
    for first, *values in product(range(len(cells)), *([range(1, MOST + 1)] * len(cells))):
        counts = dict(zip(cells, values, strict=True))
        lot = dict(zip(cells[first:] + cells[:first], "abc", strict=True))
        kept_back = suppress(counts, lambda cell, lot=lot: lot[cell].encode())  # type: ignore[misc]  # bound at once
        regions = dict.fromkeys(region for region, _ in cells)
        seen = [None if cell in kept_back.cells else counts[cell] for cell in cells]
        seen += [None if one in kept_back.regions else sum(counts[c] for c in cells if c[0] == one) for one in regions]
        seen.append(None if kept_back.total else sum(values))
        yield (kept_back, tuple(seen)), counts


def test_who_knows_the_method_but_not_the_lot_cannot_compute_a_hidden_count() -> None:
    for cells in ([("A", d) for d in "abc"], [("A", "a"), ("A", "b"), ("B", "a")], [(r, "a") for r in "ABC"]):
        could_be: dict[Seen, list[dict[Cell, int]]] = {}
        for shown, counts in outputs(cells):
            could_be.setdefault(shown, []).append(counts)
        for (kept_back, _), tables in could_be.items():
            if any(sum(table[cell] for cell in kept_back.cells) > MOST for table in tables):
                continue  # larger counts, which were not tried, may look the same
            for cell in kept_back.cells:
                assert len({table[cell] for table in tables}) > 1, (kept_back, tables[:3])
