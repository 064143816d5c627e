"""What the reference client and an export keep on disk, whatever happens on the way."""

import asyncio
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from service.kit.db import transaction
from service.kit.house import House
from service.operators.model import Operator
from service.publication import syncing
from service.publication.model import World
from tests.build import an_admin
from tests.conftest import FixedClock
from tests.integration.press import EXERCISE, ROOT, Press, changed, exported, payload


@pytest.fixture
async def operator(house: House) -> Operator:
    async with transaction(house.pool) as tx:
        return await an_admin(tx)


@pytest.fixture
async def press(house: House, clock: FixedClock, tmp_path: Path, operator: Operator) -> Press:
    """A phone that holds one zone."""
    press = await Press.opened(house, clock, tmp_path)
    await press.zone(operator)
    assert len((await press.renewed()).shown.listed) == 1
    return press


@pytest.mark.parametrize("at", range(1, 12))
async def test_a_power_cut_at_any_write_leaves_the_old_state_or_the_new(
    press: Press, operator: Operator, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    await changed(press, operator)
    count = 0
    real = Path.replace

    def cut(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == at:
            raise OSError("the power failed")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", cut)
    failed = False
    try:
        press.sync()
    except OSError:
        failed = True
    monkeypatch.undo()
    assert failed or count < at
    state = syncing.verify(press.folder / "phone", World.LIVE, [ROOT.public], now=press.clock.now())
    assert state.trouble is None
    assert len(state.shown.listed) in {1, 2}
    assert len(press.sync().shown.listed) == 2


async def test_a_pack_that_the_disk_spoiled_is_noticed_and_fetched_again(press: Press) -> None:
    for file in (press.folder / "phone" / "packs").iterdir():
        file.write_bytes(b"spoiled")
    state = syncing.verify(press.folder / "phone", World.LIVE, [ROOT.public], now=press.clock.now())
    assert state.trouble is not None
    assert state.old
    state = press.sync()
    assert state.trouble is None
    assert len(state.shown.listed) == 1


async def test_an_export_is_incremental_and_names_nothing_that_is_not_there(press: Press, operator: Operator) -> None:
    assert (await press.export()).written == 0
    await changed(press, operator)
    index = payload(exported(press) / "packs" / "index.json")
    for cell, entry in index["packs"].items():
        for name in [str(entry["version"])] + [
            f"{n}-{entry['version']}" for n in range(entry["deltas_from"], entry["version"])
        ]:
            for suffix in ("", ".br", ".zst", ".gz"):
                assert (exported(press) / "packs" / cell / f"{name}.json{suffix}").exists()
    press.clock.advance(timedelta(days=4))
    assert (await press.export()).dropped == 0, "the files' own age counts, not the service's clock"


async def test_the_packs_outlive_their_service_on_the_command_line(press: Press) -> None:
    command = [sys.executable, "-m", "service", "packs", "sync", str(press.folder / "other"), "--from"]
    command += [str(press.folder / "tree"), "--near", "45.005,17.005", "--root", ROOT.public.hex(), "--json"]
    environment = {"PATH": "/usr/bin", "SUREFOOT_CLOCK": "2026-11-02T09:00:00+00:00@0x0.000000001"}
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False, env=environment
    )
    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert (said["zones"], said["trouble"]) == (1, None)
    assert EXERCISE.public.hex() not in done.stdout
