"""What somebody asks of the map, and a page of it."""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from service.zones.model import PublicZone

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees; east is never less than west and passes 180 over the antimeridian."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some public zones, and after which of them the next page starts; None on the last one."""

    zones: tuple[PublicZone, ...]
    next: UUID | None
