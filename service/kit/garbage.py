"""Holds back Python's search for garbage where hundreds of thousands of objects are made and kept."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Made before the next search, by generation. Memory that nothing refers to is freed at once in any case: only rings of
# objects wait for the search, and what is made here has none.
_SELDOM = (500_000, 50, 1_000)
_before: list[tuple[int, int, int]] = []


@contextmanager
def seldom_sought() -> Iterator[None]:
    """Let the search run seldom while the block runs; blocks may overlap, the last to end brings the habit back."""
    _before.append(gc.get_threshold())
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        habit = _before.pop()
        if not _before:
            gc.set_threshold(*habit)
