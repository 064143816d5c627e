"""A personal value that no log, error or debugger prints."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class Hidden(Generic[T]):
    """Holds a value; only `reveal()` gives it back."""

    _value: T

    def reveal(self) -> T:
        return self._value

    def __repr__(self) -> str:
        return "Hidden(…)"

    __str__ = __repr__
