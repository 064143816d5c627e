"""Many cases in one test: all are tried, and each that fails is named with what was found."""

from collections.abc import Callable, Iterable
from typing import TypeVarTuple

Case = TypeVarTuple("Case")


def try_each(check: Callable[[*Case], None], cases: Iterable[tuple[*Case]]) -> None:
    """Try a check on every case. A test of its own for each of ten thousand takes minutes, most of them for nothing."""
    failed: list[str] = []
    tried = 0
    for case in cases:
        tried += 1
        try:
            check(*case)
        except AssertionError as wrong:
            failed.append(f"{case!r}: {wrong}")
        except Exception as wrong:
            wrong.add_note(f"with {case!r}")
            raise
    assert tried, "there is nothing to try"
    assert not failed, f"{len(failed)} of {tried} fail:\n" + "\n".join(failed)
