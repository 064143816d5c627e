"""Small numbers that were seen already: a byte each, so that ten million take 10 MB."""

from collections.abc import Iterable, Sequence


class Marks:
    """A set of numbers from 0 on, quick to ask for a great many; holes cost a byte too."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def __contains__(self, number: int) -> bool:
        return number < len(self._bytes) and self._bytes[number] == 1

    def add(self, numbers: Sequence[int]) -> None:
        """Mark them all."""
        self._reach(max(numbers, default=-1))
        marked = self._bytes
        for number in numbers:
            marked[number] = 1

    def take(self, numbers: Sequence[int]) -> list[int]:
        """Mark them all and return those that were not marked before, each once."""
        self._reach(max(numbers, default=-1))
        marked, fresh = self._bytes, []
        for number in numbers:
            if not marked[number]:
                marked[number] = 1
                fresh.append(number)
        return fresh

    def part(self, numbers: Iterable[int]) -> tuple[list[int], list[int]]:
        """Return the marked and the others, in the given order."""
        yes: list[int] = []
        no: list[int] = []
        marked, known = self._bytes, len(self._bytes)
        for number in numbers:
            (yes if number < known and marked[number] else no).append(number)
        return yes, no

    def __bool__(self) -> bool:
        return bool(self._bytes)

    def _reach(self, highest: int) -> None:
        missing = highest + 1 - len(self._bytes)
        if missing > 0:
            self._bytes.extend(bytes(missing))
