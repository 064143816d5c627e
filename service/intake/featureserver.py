"""Reads a layer of an ArcGIS FeatureServer page by page, so that it can go on where it was interrupted."""

import os
import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from service.intake import esri, reading, refusals
from service.intake.model import LIMITS, Format, Layout, Limits, Noticed, Record, Remark
from service.intake.outside import Outside
from service.kit.errors import Kind, Refused

_LAYER = re.compile(r"(https?://[^?#\s]+/(?:FeatureServer|MapServer)/\d{1,6})/?(?:query/?)?", re.IGNORECASE)
_MIX = 2**61 - 1
# What is wrong with a file is here what is wrong with an answer.
_UNFIT = {"json-broken", "json-keys-twice", "format-unsupported", "encoding-unknown"}


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a layer was read; a caller keeps it with the rows and hands it back to go on.

    `sum` stands for the ids that were read, in any order; `edited` is when the layer was last changed, if it says so.
    """

    rows: int = 0
    after: int = -1
    sum: int = 0
    edited: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in the order of their ids, where to go on after them, and how many there are in all.

    `remarks` are those that no page before made; they concern what was read since the cursor that was handed in.
    """

    records: tuple[Record, ...]
    cursor: Cursor
    total: int
    remarks: tuple[Remark, ...] = ()


async def read(
    url: str,
    hosts: Collection[str],
    *,
    cursor: Cursor | None = None,
    loopback: bool = False,
    limits: Limits = LIMITS,
) -> AsyncIterator[Page]:
    """Yield the layer's rows in WGS 84, page by page, from the cursor on.

    Raises Refused for an address that may not be asked, an answer that is none, and a layer that changed while it was
    read: act on no row before the last page came.
    """
    found = _LAYER.fullmatch(url.strip())
    if found is None:
        detail = "The address is no layer of a FeatureServer."
        remedy = "Give the address of one layer, as in https://host/…/FeatureServer/0."
        raise Refused(Kind.INVALID, "url-unfit", detail, where=url[:200], remedy=remedy)
    outside = await Outside.to(
        found[1], hosts, loopback=loopback, most_bytes=min(limits.file_bytes, 2 * limits.row_bytes)
    )
    try:
        told = await outside.ask("", {"f": "json"})
        reading = _Reading(outside, esri.Layer.of(told, url), limits, _edited(told))
        async for page in reading.pages(cursor or Cursor(edited=reading.edited)):
            yield page
    finally:
        await outside.close()


@dataclass
class _Reading:
    """One walk through a layer."""

    outside: Outside
    layer: esri.Layer
    limits: Limits
    edited: int | None
    total: int = 0
    noticed: set[Noticed] = field(default_factory=set)

    async def pages(self, cursor: Cursor) -> AsyncIterator[Page]:
        if cursor.edited != self.edited:
            raise self._changed()
        ids = await self._ids()
        self.total = len(ids)
        if self.total > self.limits.rows:
            raise refusals.too_many(self.limits)
        if not ids:
            raise refusals.empty("The layer holds no feature.")
        size = self.layer.page
        while cursor.rows < self.total:
            page = self._taken(await self._page(cursor, ids, size), cursor)
            yield page
            cursor = page.cursor
        # What was there before the first page and after the last must be what came, each once.
        if await self._ids() != ids or cursor.sum != _sum(ids):
            raise self._changed()

    async def _ids(self) -> list[int]:
        answer = await self.outside.ask("/query", {"where": "1=1", "returnIdsOnly": "true", "f": "json"})
        ids = answer.get("objectIds")
        if ids is None and "objectIds" in answer:
            return []
        if not isinstance(ids, list) or not all(map(esri.is_id, ids)):
            raise self._broken("no list of ids")
        return sorted(ids)

    async def _page(self, cursor: Cursor, ids: Sequence[int], size: int) -> list[Record | Remark]:
        """Ask for the rows after the cursor: by their place where the layer counts places, else by their ids."""
        query = {"outFields": "*", "outSR": "4326", "returnGeometry": "true"}
        query["f"] = "geojson" if self.layer.geojson else "json"
        if self.layer.ordered:
            query["orderByFields"] = f"{self.layer.id_field} ASC"
        if self.layer.pages:
            query |= {"where": "1=1", "resultOffset": str(cursor.rows), "resultRecordCount": str(size)}
        else:
            first, last = ids[cursor.rows], ids[min(cursor.rows + size, len(ids)) - 1]
            query["where"] = f"{self.layer.id_field} >= {first} AND {self.layer.id_field} <= {last}"
        # A file without a name: it is gone with this process, however that ends.
        with os.fdopen(os.memfd_create("page"), "w+b", buffering=0) as kept:
            await self.outside.fetch("/query", query, kept)
            return await self._rows(Path(f"/proc/self/fd/{kept.fileno()}"))

    async def _rows(self, content: Path) -> list[Record | Remark]:
        """Have an answer read by the process that has no rights: nothing of it is parsed here."""
        layout = Layout(format=Format.GEOJSON if self.layer.geojson else Format.ESRIJSON)
        try:
            async with aclosing(reading.read(content, layout, limits=self.limits)) as items:  # type: ignore[type-var]  # an async generator
                return [item async for item in items]
        except Refused as refused:
            if refused.name == refusals.EMPTY:
                raise self._changed() from None
            if refused.name in _UNFIT:
                raise self._broken(f"what is no page of features ({refused.detail})") from None
            refused.where = refused.where or self.outside.url
            raise

    def _taken(self, items: Sequence[Record | Remark], cursor: Cursor) -> Page:
        """Put a page's rows in the order of their ids, numbered on from the cursor."""
        found = [(esri.id_of(item, self.layer), item) for item in items if isinstance(item, Record)]
        if any(number is None for number, _ in found):
            raise self._broken("features without an id")
        found.sort(key=lambda pair: pair[0] or 0)
        numbers = [number for number, _ in found if number is not None]
        if any(before >= after for before, after in zip([cursor.after, *numbers], numbers, strict=False)):
            raise self._changed()
        rows = {record.row: row for row, (_, record) in enumerate(found, start=cursor.rows + 1)}
        records = tuple(replace(esri.dated(record, self.layer), row=rows[record.row]) for _, record in found)
        summed = (cursor.sum + _sum(numbers)) % _MIX
        ahead = replace(cursor, rows=cursor.rows + len(records), after=numbers[-1], sum=summed)
        return Page(records, ahead, self.total, self._new([one for one in items if isinstance(one, Remark)], rows))

    def _new(self, remarks: Sequence[Remark], rows: Mapping[int, int]) -> tuple[Remark, ...]:
        new = [one for one in remarks if one.code not in self.noticed]
        self.noticed |= {one.code for one in new}
        return tuple(replace(one, row=rows.get(one.row or 0)) for one in new)

    def _changed(self) -> Refused:
        detail = "The layer changed while it was read; rows may be missing or twice."
        remedy = "Read it again from the beginning."
        return Refused(Kind.CONFLICT, "source-changed", detail, where=self.outside.url, remedy=remedy)

    def _broken(self, what: str) -> Refused:
        detail = f"The server answered with {what}."
        remedy = "Look at the address in a browser: it must be a layer of features."
        return Refused(Kind.INVALID, "answer-broken", detail, where=self.outside.url, remedy=remedy)


def _sum(ids: Sequence[int]) -> int:
    """Return a number for a set of ids, whatever their order; two sets that differ hardly share one."""
    return sum(pow(one + 3, 3, _MIX) for one in ids) % _MIX


def _edited(told: dict[str, Any]) -> int | None:
    info = told.get("editingInfo")
    value = info.get("lastEditDate") if isinstance(info, dict) else None
    return value if isinstance(value, int) else None
