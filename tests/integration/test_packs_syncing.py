"""The reference client against a tree that somebody has tampered with: each thing is noticed, nothing is lost."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.kit.crypto import Signer
from service.kit.db import transaction
from service.kit.house import House
from service.operators.model import Operator
from service.publication import signing, trust
from service.publication.model import ELSEWHERE, Index, Revoked, World
from service.publication.syncing import State
from tests.build import an_admin
from tests.conftest import NOW, FixedClock
from tests.integration.press import BOTH, HERE, LIVE, ROOT, STRANGER, Press, a_key, changed, exported, payload


@pytest.fixture
async def operator(house: House) -> Operator:
    async with transaction(house.pool) as tx:
        return await an_admin(tx)


@pytest.fixture
async def press(house: House, clock: FixedClock, tmp_path: Path, operator: Operator) -> Press:
    """A phone that holds one zone."""
    press = await Press.opened(house, clock, tmp_path)
    await press.zone(operator)
    state = await press.renewed()
    assert state.trouble is None
    assert len(state.shown.listed) == 1
    return press


def resign(press: Press, signer: Signer = LIVE, **changes: Any) -> None:
    """Put an index in the tree that says something else, signed by whoever it is."""
    file = exported(press) / "packs" / "index.json"
    file.write_bytes(signing.sign_index(signer, replace(index_of(press), **changes)))


def index_of(press: Press) -> Index:
    document = (exported(press) / "packs" / "index.json").read_bytes()
    return trust.open_index(document, trust.open_keys(keys_of(press), [ROOT.public]), World.LIVE)[0]


def keys_of(press: Press) -> bytes:
    return (exported(press) / "keys.json").read_bytes()


def pack_file(press: Press, cell: str = HERE) -> Path:
    version = payload(exported(press) / "packs" / "index.json")["packs"][cell]["version"]
    return exported(press) / "packs" / cell / f"{version}.json"


def still_holds_its_zone(state: State, trouble: str) -> None:
    assert state.trouble is not None
    assert state.trouble.name == trouble
    assert len(state.shown.listed) == 1
    assert state.index is not None


async def test_a_change_reaches_the_phone_by_a_delta(press: Press, operator: Operator) -> None:
    await changed(press, operator)
    state = press.sync()
    assert state.trouble is None
    assert len(state.shown.listed) == 2
    assert state.by_delta == 1
    assert not state.old


async def test_a_phone_that_has_everything_fetches_keys_and_index_only(press: Press) -> None:
    assert press.sync().fetched == 2


async def test_a_phone_whose_delta_is_spoiled_takes_the_pack(press: Press, operator: Operator) -> None:
    await changed(press, operator)
    (exported(press) / "packs" / HERE / "1-2.json").write_bytes(b"{}")
    state = press.sync()
    assert state.trouble is None
    assert (len(state.shown.listed), state.by_delta) == (2, 0)


def forge(content: bytes) -> bytes:
    return content.replace(b'"features":[', b'"features":[ ')


@pytest.mark.parametrize("spoil", [forge, lambda content: content[:-7], lambda _: b""], ids=["forged", "cut", "empty"])
async def test_a_spoiled_pack_is_refused(press: Press, operator: Operator, spoil: Callable[[bytes], bytes]) -> None:
    await changed(press, operator)
    file = pack_file(press)
    (exported(press) / "packs" / HERE / "1-2.json").unlink()
    file.write_bytes(spoil(file.read_bytes()))
    still_holds_its_zone(press.sync(), "pack-wrong")


async def test_a_pack_that_cannot_be_had_leaves_everything_as_it_was(press: Press, operator: Operator) -> None:
    await changed(press, operator)
    (exported(press) / "packs" / HERE / "1-2.json").unlink()
    pack_file(press).unlink()
    state = press.sync()
    still_holds_its_zone(state, "not-fetched")
    assert state.index is not None
    assert state.index.version == 1


async def test_a_rollback_to_an_older_tree_is_refused(press: Press, operator: Operator) -> None:
    shutil.copytree(exported(press), press.folder / "old")
    await changed(press, operator)
    assert len(press.sync().shown.listed) == 2
    shutil.rmtree(exported(press))
    shutil.copytree(press.folder / "old", exported(press))
    state = press.sync()
    assert state.trouble is not None
    assert state.trouble.name == "index-older"
    assert len(state.shown.listed) == 2


async def test_r1_a_frozen_tree_shows_as_old_and_everything_stays(press: Press) -> None:
    press.clock.advance(timedelta(hours=73))
    state = press.sync()
    assert state.old
    assert len(state.shown.listed) == 1


async def test_an_index_signed_by_a_stranger_is_refused(press: Press) -> None:
    resign(press, STRANGER, version=99)
    still_holds_its_zone(press.sync(), "key-unknown")


async def test_a_mixed_set_is_refused(press: Press, operator: Operator) -> None:
    """An old pack under a new index, and a new index that names an old pack."""
    old = pack_file(press).read_bytes()
    before = payload(exported(press) / "packs" / "index.json")["packs"][HERE]
    await changed(press, operator)
    (exported(press) / "packs" / HERE / "1-2.json").unlink()
    pack_file(press).write_bytes(old)
    still_holds_its_zone(press.sync(), "pack-wrong")
    await press.export()
    shutil.rmtree(exported(press))
    await press.export()
    assert press.sync().trouble is None
    index, _ = trust.open_index(
        (exported(press) / "packs" / "index.json").read_bytes(),
        trust.open_keys(keys_of(press), [ROOT.public]),
        World.LIVE,
    )
    older = tuple(replace(one, **before) if one.cell == HERE else one for one in index.packs)
    resign(press, version=3, packs=older)
    state = press.sync()
    assert state.trouble is not None
    assert state.trouble.name == "pack-older"
    assert len(state.shown.listed) == 2


async def test_r27_an_exercise_index_and_pack_in_a_live_phones_place_are_refused(
    press: Press, operator: Operator
) -> None:
    await press.zone(operator, "E-1", exercise=True)
    await press.build(world=World.EXERCISE)
    await press.export()
    shutil.copytree(exported(press) / "packs" / "exercise", exported(press) / "packs", dirs_exist_ok=True)
    still_holds_its_zone(press.sync(), "world-wrong")
    assert len(press.sync(world=World.EXERCISE, phone="tester").shown.listed) == 1


async def test_a_revoked_key_is_noticed_and_what_it_signed_shows_as_old(press: Press) -> None:
    await press.publish(replace(a_key(LIVE), revoked=Revoked(NOW, "stolen")), a_key(STRANGER), version=2)
    await press.export()
    state = press.sync()
    assert state.trouble is not None
    assert state.trouble.name == "key-revoked"
    assert state.old
    assert len(state.shown.listed) == 1


async def test_after_a_theft_the_new_key_is_believed_whatever_the_thief_had_signed(
    press: Press, operator: Operator
) -> None:
    resign(press, LIVE, version=2**40, made=NOW + timedelta(minutes=1))
    assert press.sync().trouble is None
    await press.publish(replace(a_key(LIVE), revoked=Revoked(NOW, "stolen")), a_key(STRANGER), version=2)
    press.sign_with(STRANGER)
    await changed(press, operator)
    state = press.sync()
    assert state.trouble is None
    assert len(state.shown.listed) == 2


async def test_rotation_goes_unnoticed(press: Press, operator: Operator) -> None:
    await press.publish(*BOTH, a_key(STRANGER), version=2)
    await changed(press, operator)
    assert press.sync().trouble is None
    press.sign_with(STRANGER)
    await press.zone(operator, "Z-3", 17.04)
    press.clock.advance(timedelta(minutes=1))
    state = await press.renewed()
    assert state.trouble is None
    assert len(state.shown.listed) == 3


async def test_an_older_key_set_does_not_bring_a_revoked_key_back(press: Press) -> None:
    old = keys_of(press)
    await press.publish(replace(a_key(LIVE), revoked=Revoked(NOW, "stolen")), version=2)
    await press.export()
    press.sync()
    (exported(press) / "keys.json").write_bytes(old)
    state = press.sync()
    assert state.trouble is not None
    assert state.old
    assert len(state.shown.listed) == 1


async def test_a_key_set_of_another_root_is_refused(press: Press) -> None:
    file = exported(press) / "keys.json"
    file.write_bytes(signing.sign_keys(STRANGER, trust.open_keys(file.read_bytes(), [ROOT.public])))
    still_holds_its_zone(press.sync(), "root-unknown")


async def test_r6_zones_of_cells_that_the_index_forgot_are_kept(press: Press) -> None:
    index = payload(exported(press) / "packs" / "index.json")
    assert HERE in index["packs"]
    opened, _ = trust.open_index(
        (exported(press) / "packs" / "index.json").read_bytes(),
        trust.open_keys(keys_of(press), [ROOT.public]),
        World.LIVE,
    )
    resign(press, version=2, packs=tuple(one for one in opened.packs if one.cell == ELSEWHERE))
    state = press.sync()
    assert state.trouble is None
    assert not state.shown.listed
    assert [kept.why.value for kept in state.shown.kept.values()] == ["no-reason"]
