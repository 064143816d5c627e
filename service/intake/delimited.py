"""Reads CSV and its kin (RFC 4180 and what programs make of it), whatever parts the cells and encodes the letters."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence

from service.intake import letters, refusals, tables
from service.intake.model import Noticed, Record, Remark, Unread
from service.intake.opening import Source
from service.kit.errors import Kind, Refused

_DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1 << 20
_SAMPLE = 200_000
_TRIED_ROWS = 50
_SHOWN = 1_000
_SEPARATOR_LINE = re.compile(r'^\ufeff?"?sep=(.)"?\r?\n', re.IGNORECASE)  # as Excel writes it
_TITLE_ROWS = 20


def rows(source: Source) -> Iterator[Record | Remark]:
    """Yield a row for each line after the header; formulas are text like any other. Raises Refused."""
    encoding, remarks = _encoding(source)
    yield from remarks
    sample = _sample(source, encoding)
    stated = _SEPARATOR_LINE.match(sample)
    delimiter = source.layout.delimiter or (stated[1] if stated else None)
    if delimiter is None:
        delimiter = _likeliest(sample)
        yield Remark(Noticed.DELIMITER_GUESSED, f"Cells are parted by {delimiter!r}.")
    if len(delimiter) != 1 or delimiter in '"\r\n':
        remedy = "Name one sign, such as a comma or a semicolon."
        raise Refused(Kind.INVALID, "delimiter-unfit", f"{delimiter[:10]!r} parts no cells.", remedy=remedy)
    source.stream.seek(0)
    strict = "strict" if source.encoding else "replace"
    with io.TextIOWrapper(source.stream, encoding, strict, newline="") as text:
        if stated:
            text.readline()
        try:
            yield from _rows(text, delimiter, source)
        except UnicodeDecodeError as error:
            detail = f"The file is not {encoding}: it holds the byte {error.object[error.start]:#x}."
            remedy = "State its encoding, as in `encoding: cp1251`."
            raise Refused(Kind.INVALID, "encoding-unknown", detail, remedy=remedy) from None


def _rows(text: io.TextIOWrapper, delimiter: str, source: Source) -> Iterator[Record | Remark]:
    csv.field_size_limit(source.limits.row_bytes)
    lines = _Lines(csv.reader(text, delimiter=delimiter, strict=True))
    header = lines.header()
    yield from tables.rows(header, lines.fitting(len(header)), source.layout, source.limits)
    if lines.lost:
        yield Remark(Noticed.LETTERS_LOST, f"{lines.lost} rows hold bytes that are no letters in {text.encoding}.")


class _Lines:
    """A reader that goes on after a row it cannot read, and counts rows as a spreadsheet shows them."""

    def __init__(self, reader: "csv._reader") -> None:  # type: ignore[name-defined]  # the stub's name of what csv.reader gives
        self._reader = reader
        self._row = 0
        self.lost = 0

    def header(self) -> list[str]:
        """Return the first row of two cells or more, titles above it passed over; else the first of one."""
        first: list[str] | None = None
        for row, cells in self.rows():
            if isinstance(cells, Record):
                raise refusals.broken("table", str(cells.feature["why"]), where=f"row {row}")
            first = first or cells
            if sum(bool(cell.strip()) for cell in cells) > 1:
                return cells
            if row > _TITLE_ROWS:
                break
        raise self._headless(first)

    def _headless(self, first: list[str] | None) -> Refused:
        if first is None:
            return refusals.empty()
        return refusals.unsupported("text, but no table")

    def fitting(self, width: int) -> Iterator[tuple[int, Sequence[str]] | Record]:
        """Yield the rows that have as many cells as the header; any other was torn, and waits."""
        for row, cells in self.rows():
            if isinstance(cells, Record):
                yield cells
                continue
            self.lost += any("\ufffd" in cell for cell in cells)
            if len(cells) == width:
                yield row, cells
            else:
                why = f"it has {len(cells)} cells, the header has {width}"
                yield Record(row, {"text": " | ".join(cells)[:_SHOWN], "why": why}, Unread.UNREADABLE)

    def rows(self) -> Iterator[tuple[int, list[str] | Record]]:
        while True:
            before = self._reader.line_num
            self._row += 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                why = f"{error} (lines {before + 1} to {self._reader.line_num})"
                yield self._row, Record(self._row, {"text": "", "why": why}, Unread.UNREADABLE)
                continue
            if any(cell.strip() for cell in cells):
                yield self._row, cells


def _encoding(source: Source) -> tuple[str, list[Remark]]:
    """Choose what is stated or marked; else UTF-8 where all of the file fits it, else the likeliest by its letters."""
    if source.encoding is not None:
        return source.encoding, []
    decoder = codecs.getincrementaldecoder("utf-8")()
    fits = True
    odd = b""
    read = 0
    source.stream.seek(0)
    while chunk := source.stream.read(_CHUNK):
        read += len(chunk)
        source.advanced(read // 2)
        if fits:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                fits = False
        if len(odd) < _SAMPLE and not chunk.isascii():
            odd += b"\n".join(line for line in chunk.split(b"\n") if not line.isascii())[:_SAMPLE]
        if not fits and len(odd) >= _SAMPLE:
            break
    if fits:
        return "utf-8", []
    likely = letters.guessed(odd)
    return likely, [Remark(Noticed.ENCODING_GUESSED, f"No encoding is stated; the texts look like {likely}.")]


def _sample(source: Source, encoding: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    return decoder.decode(source.head)


def _likeliest(sample: str) -> str:
    """Return what parts the first rows into equally many cells, the more the better."""

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            parsed = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
            found = [len(cells) for _, cells in zip(range(_TRIED_ROWS), parsed, strict=False) if any(cells)]
        except csv.Error:
            return 0, 0
        usual = max(set(found), key=found.count, default=0)
        return (found.count(usual), usual) if usual > 1 else (0, 0)

    return max(_DELIMITERS, key=fit)
