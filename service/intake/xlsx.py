"""Reads XLSX (ECMA-376) through calamine: values as they were last computed, no formula is run."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine as calamine

from service.intake import refusals, tables
from service.intake.model import Noticed, Record, Remark
from service.intake.opening import Source

_TITLE_ROWS = 20


def rows(source: Source) -> Iterator[Record | Remark]:
    """Yield a row for each row of one sheet after its header. Raises Refused."""
    source.stream.seek(0)
    path = source.kept("source.xlsx")
    try:
        book = calamine.CalamineWorkbook.from_path(path)
        chosen, left = _chosen(book, source.layout.layer)
        cells = book.get_sheet_by_name(chosen).iter_rows()
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise refusals.broken("spreadsheet", " ".join(str(error).split())[:100]) from None
    if left:
        shown = ", ".join(repr(each[:60]) for each in left[:10])
        yield Remark(Noticed.LAYERS_LEFT, f"Read was the sheet {chosen[:60]!r}; the file also holds {shown}.")
    numbered = ((row, [_plain(cell) for cell in line]) for row, line in enumerate(cells, start=1))
    filled = ((row, line) for row, line in numbered if any(cell is not None for cell in line))
    for row, header in filled:
        if sum(cell is not None for cell in header) > 1:
            yield from tables.rows(header, filled, source.layout, source.limits)
            return
        if row > _TITLE_ROWS:
            break
    raise refusals.empty("The sheet holds no table.")


def _chosen(book: calamine.CalamineWorkbook, wanted: str | None) -> tuple[str, list[str]]:
    names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    if not names:
        raise refusals.empty("The spreadsheet holds no sheet.")
    if wanted is not None and wanted not in names:
        raise refusals.no_layer(wanted, names)
    chosen = wanted or names[0]
    return chosen, [name for name in names if name != chosen]


def _plain(cell: Any) -> Any:
    """Return a cell as JSON knows it: spreadsheets keep whole numbers as fractions, and dates as days."""
    match cell:
        case str():
            return cell if cell.strip() else None
        case float() if cell.is_integer():
            return int(cell)
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return cell
