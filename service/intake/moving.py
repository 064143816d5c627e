"""Moves rows of JSON to WGS 84 from whatever system the mapping, the row or the document states."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from service.intake import features
from service.intake.model import NotAnArea, Noticed, Record, Remark, Unread
from service.kit.errors import Refused

if TYPE_CHECKING:
    from service.intake.projecting import Projection

_MOST_SHOWN = 5


@dataclass
class Moving:
    """What is known about one document's systems; what the mapping states beats what the file says."""

    stated: str | None = None
    ways: dict[str, "Projection | None"] = field(default_factory=dict)
    _whole: str = features.WGS84
    _unasked: set[str] = field(default_factory=set)

    def opened(self, system: str | None) -> None:
        self._whole = self._believed(system) if self.stated is None else self.stated
        self.ways[self._whole] = _way(self._whole)

    def placed(self, record: Record) -> Record:
        if record.unread is not None:
            return record
        try:
            return self._moved(record, self._system_of(record))
        except NotAnArea as error:
            return Record(record.row, {**record.feature, "why": error.why}, error.reason)

    def noticed(self) -> Iterator[Remark]:
        moved = sorted(name for name in self._unasked if self.ways.get(name))
        if moved:
            named = ", ".join(repr(name[:60]) for name in moved[:_MOST_SHOWN])
            detail = f"The file states a coordinate system of its own: {named}; it was believed and brought to WGS 84."
            yield Remark(Noticed.CRS_STATED, detail)
        yield from [*dict.fromkeys(each for way in self.ways.values() if way for each in way.noticed)][
            : 2 * _MOST_SHOWN
        ]

    def _system_of(self, record: Record) -> str:
        named = features.systems_of(record.feature) if self.stated is None else frozenset[str]()
        if not named:
            return self._whole
        if len(named) > 1:
            raise NotAnArea(Unread.WRONG_CRS, f"{len(named)} coordinate systems in one row")
        (system,) = named
        try:
            self.ways[system] = _way(self._believed(system))
        except Refused as refused:
            raise NotAnArea(Unread.WRONG_CRS, refused.detail) from None
        return system

    def _believed(self, system: str | None) -> str:
        if system is None or system == features.WGS84:
            return features.WGS84
        if not system:
            raise features.unnamed_system()
        self._unasked.add(system)
        return system

    def _moved(self, record: Record, system: str) -> Record:
        way, geometry = self.ways[system], record.feature.get("geometry")
        if way is None or not isinstance(geometry, dict):
            return record
        from service.intake import placing  # noqa: PLC0415 - most documents are in WGS 84 and need no projection

        feature = {key: value for key, value in record.feature.items() if key not in placing.UNTRUE}
        moved = placing.moved(geometry, way)
        return Record(record.row, {**feature, "geometry": moved}, None, record.radius_m, record.accuracy_m)


@lru_cache(maxsize=64)
def _way(system: str) -> "Projection | None":
    """Return the way to WGS 84, None where there is none to go. Raises Refused."""
    if system == features.WGS84:
        return None
    from service.intake import projecting  # noqa: PLC0415 - as above

    found = projecting.of(system)
    return None if found.transformer is None else found
