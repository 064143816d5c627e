"""How much of the machine a file may take: the same code as with the service's figures, made small."""

import io
import zipfile
from asyncio.subprocess import Process
from pathlib import Path

import pytest

from service.intake.model import LIMITS, MIB, Limits
from service.kit.errors import Kind, Refused
from tests.build import a_feature
from tests.files import a_collection, a_kml, a_placemark, a_zip, an_xlsx, rows_here, rows_of


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_the_limits_are_those_of_the_specification() -> None:
    assert LIMITS.memory_bytes == 1024 * MIB
    assert LIMITS.seconds == 300
    assert LIMITS.file_bytes == 200 * MIB
    assert LIMITS.depth == 32


WORDY = "x" * 50_000
COUNTED = " ".join(map(str, range(250_000)))
SMALL: dict[str, tuple[dict[str, int], bytes | str, str]] = {
    "unpacked, as told": ({"file_bytes": 40_000}, a_zip({"doc.kml": a_kml(a_placemark(WORDY))}), "file-too-large"),
    "unpacked ratio": ({"ratio": 2}, a_zip({"doc.kml": a_kml(a_placemark(COUNTED))}), "zip-hostile"),
    "members": ({"members": 1}, a_zip({"doc.kml": a_kml(a_placemark()), "icon.png": b""}), "zip-hostile"),
    "rows": ({"rows": 2}, a_collection(*[a_feature("Z")] * 3), "file-too-large"),
    "a row of JSON": ({"row_bytes": 20_000}, a_collection(a_feature(WORDY)), "row-too-large"),
    "a row of KML": ({"row_bytes": 20_000}, a_kml(a_placemark(WORDY)), "row-too-large"),
    "a cell of CSV": ({"row_bytes": 20_000}, f"{WORDY},lat,lon\n1,1,2\n", "file-broken"),
    "depth of XML": ({"depth": 6}, a_kml(a_placemark()), "xml-too-deep"),
    "columns": ({"columns": 2}, "id,lat,lon\n1,1,2\n", "file-broken"),
    "columns of XLSX": ({"columns": 2}, an_xlsx([["id", "lat", "lon"], [1, 1, 2]]), "file-broken"),
}


@pytest.mark.parametrize("case", SMALL)
def test_what_is_beyond_a_limit_is_refused_by_name(case: str) -> None:
    limits, content, name = SMALL[case]
    assert rows_here(content).records  # within the service's own limits it is read
    with pytest.raises(Refused) as refused:
        rows_here(content, limits=Limits(**limits))
    assert refused.value.name == name
    assert refused.value.remedy


async def test_a_file_that_is_too_large_as_sent_starts_no_process(tmp_path: Path, started: list[Process]) -> None:
    path = written(tmp_path / "zones", a_kml(a_placemark(WORDY)))
    with pytest.raises(Refused) as refused:
        await rows_of(path, limits=Limits(file_bytes=40_000))
    assert refused.value.name == "file-too-large"
    assert not started


async def test_a_file_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "zones", a_collection(a_feature("Z", note=[[]] * 3_000_000)))
    with pytest.raises(Refused) as refused:
        await rows_of(path, limits=Limits(memory_bytes=60 * MIB, vertices=10_000_000))
    assert (refused.value.name, refused.value.kind) == ("reading-needs-memory", Kind.TOO_LARGE)


async def test_a_spreadsheet_as_wide_as_the_world_is_refused(tmp_path: Path) -> None:
    """Two cells at the far corners of a sheet make a table of seventeen thousand million."""
    book = an_xlsx([["id", "lat", "lon"], [1, 2, 3]])
    wide = a_zip(
        {
            name: content.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
            for name, content in _members(book).items()
        }
    )
    path = written(tmp_path / "zones", wide)
    with pytest.raises(Refused) as refused:
        await rows_of(path, limits=Limits(memory_bytes=200 * MIB))
    assert refused.value.name in {"reading-needs-memory", "reading-crashed", "file-broken"}


def _members(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
