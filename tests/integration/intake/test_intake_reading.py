"""The reading process from the side of who asked for it: its limits, its end however it ends, what it says."""

import asyncio
import json
import signal
from asyncio.subprocess import Process
from contextlib import aclosing
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from service.intake import frames, reading, stranger
from service.intake.model import Columns, Format, Layout, Limits, Notation, Record
from service.kit.errors import Refused
from tests.build import a_feature
from tests.files import a_collection, a_kml, a_placemark, rows_of

SECOND = 1.0


def a_file_of(path: Path, rows: int) -> Path:
    line = json.dumps(a_feature("Z"))
    path.write_text(f"{line}\n" * rows)
    return path


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


async def test_a_file_that_takes_too_long_is_refused_and_its_process_gone(
    tmp_path: Path, started: list[Process]
) -> None:
    path = a_file_of(tmp_path / "zones", 60_000)
    with pytest.raises(Refused) as refused:
        await rows_of(path, limits=Limits(seconds=0.3))
    assert refused.value.name == "reading-too-long"
    assert started[0].returncode == -signal.SIGKILL


# --- however it ends


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (signal.SIGKILL, "reading-killed"),
        (signal.SIGSEGV, "reading-crashed"),
        (signal.SIGABRT, "reading-crashed"),
        (signal.SIGXCPU, "reading-too-long"),
    ],
)
async def test_a_process_that_dies_is_told_by_what_happened(
    tmp_path: Path, started: list[Process], number: signal.Signals, name: str
) -> None:
    path = a_file_of(tmp_path / "zones", 20_000)
    async with aclosing(reading.read(path)) as items:  # type: ignore[type-var]  # an async generator
        await anext(items)
        started[0].send_signal(number)
        with pytest.raises(Refused) as refused:
            _ = [item async for item in items]
    assert refused.value.name == name
    assert refused.value.remedy


async def test_who_stops_listening_leaves_no_process_and_no_folder(tmp_path: Path, started: list[Process]) -> None:
    path = a_file_of(tmp_path / "zones", 20_000)
    async with aclosing(reading.read(path)) as items:  # type: ignore[type-var]  # an async generator
        async for _ in items:
            break
    assert started[0].returncode == -signal.SIGKILL


async def test_a_cancelled_import_leaves_no_process_and_no_folder(tmp_path: Path, started: list[Process]) -> None:
    task = asyncio.create_task(rows_of(a_file_of(tmp_path / "zones", 100_000)))
    await asyncio.sleep(0.15)
    assert started
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert started[0].returncode == -signal.SIGKILL


async def test_a_reader_that_rests_holds_the_process_up(tmp_path: Path) -> None:
    path = a_file_of(tmp_path / "zones", 60_000)
    size = path.stat().st_size
    told: list[int] = []
    async with aclosing(reading.read(path, progress=lambda done, _: told.append(done))) as items:  # type: ignore[type-var]  # as above
        rows = 0
        async for _ in items:
            rows += 1
            if rows == 1:
                await asyncio.sleep(SECOND / 2)
            if rows == 3_000:
                break
    # Had it gone on, it would have read to the end meanwhile.
    assert told[-1] < size / 2


# --- what it says


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        b"[" * 100_000,
        b'[["row", 1]]',
        b'[["row", [1, [], null, null, null]]]',
        b'[["row", [1, {}, "no-such-reason", null, null]]]',
        b'[["remark", ["no-such-code", "x", null]]]',
        b'[["shell", "true"]]',
        b'{"row": 1}',
        b"\xff",
    ],
)
def test_what_a_broken_process_says_is_not_believed(body: bytes) -> None:
    with pytest.raises(frames.Malformed):
        frames.heard(body)


def test_a_frame_beyond_measure_is_not_waited_for() -> None:
    with pytest.raises(frames.Malformed):
        frames.length(b"\xff\xff\xff\xff")


def test_rows_come_over_as_they_are() -> None:
    said: list[bytes] = []
    writer = frames.Writer(said.append)
    odd = {"type": "Feature", "properties": {"\ud800": "\x00", "n": 10**400, "f": 1e-300}, "geometry": None}
    row = Record(7, odd, radius_m=1.5, accuracy_m=0.1)
    writer.add(row)
    writer.end(1)
    found = [pair for body in said for pair in frames.heard(body[frames.LENGTH_BYTES :])]
    assert [value for word, value in found if word == "row"] == [row]


async def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    path = a_file_of(tmp_path / "zones", 5_000)
    size = path.stat().st_size
    told: list[tuple[int, int]] = []
    async with aclosing(reading.read(path, progress=lambda *pair: told.append(pair))) as items:  # type: ignore[type-var]  # as above
        assert len([item async for item in items]) == 5_000
    assert told == sorted(told)
    assert told[-1] == (size, size)


async def test_a_stated_format_beats_what_content_looks_like(tmp_path: Path) -> None:
    path = written(tmp_path / "zones", a_kml(a_placemark()))
    with pytest.raises(Refused):
        await rows_of(path, Layout(format=Format.CSV))


async def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "zones", "id,lat,lon\n1,1,2\n")
    for name in ("klingon", "rot13", "../../etc/passwd"):
        with pytest.raises(Refused) as refused:
            await rows_of(path, Layout(encoding=name))
        assert refused.value.where == "encoding"


async def test_names_are_changed_as_stated(tmp_path: Path) -> None:
    path = written(tmp_path / "zones", a_collection(a_feature("Z", classifica="SHA")))
    found = await rows_of(path, Layout(names={"classifica": "classification"}))
    assert found.properties[0]["classification"] == "SHA"
    assert "classifica" not in found.properties[0]


def test_a_layout_survives_the_way_to_the_process() -> None:
    layout = Layout(format=Format.CSV, crs="EPSG:1", columns=Columns(first="a", notation=Notation.UTM, s_is_south=True))
    assert stranger._layout(json.loads(json.dumps(asdict(layout)))) == layout
    assert stranger._layout(json.loads(json.dumps(asdict(replace(layout, format=None))))).format is None
