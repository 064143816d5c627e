"""What a running process holds; built once by api, worker and the command line, passed down."""

from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from service.kit.clock import Clock
from service.kit.crypto import Keyring
from service.kit.db import Pool

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class House:
    """The parts that every feature needs by name, the others by their type."""

    pool: Pool
    clock: Clock
    keyring: Keyring
    _parts: dict[type, Any] = field(default_factory=dict)

    def put(self, part: object) -> None:
        """Keep a part under its own type."""
        self._parts[type(part)] = part

    def as_it_is(self) -> "House":
        """Return the house with the parts that it has now: whoever keeps it sees no part change."""
        return replace(self, _parts=dict(self._parts))

    def get(self, kind: type[T]) -> T:
        """Return the part of exactly this type; KeyError names the type that nobody put in."""
        part: T = self._parts[kind]
        return part
