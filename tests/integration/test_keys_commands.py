"""The offline folder of the root key and the commands around it."""

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from service.__main__ import app
from service.commands import checking
from service.commands.finding import Verdict
from service.config import Settings
from service.delivery.channels.web_push_vapid import Vapid
from service.kit.crypto import Signer
from service.kit.errors import Refused
from service.publication import jws, trust
from service.publication.model import World
from service.publication.offline import Ceremony
from service.residents.web_push import encoded
from tests.conftest import NOW

LATER = NOW + timedelta(days=200)


@pytest.fixture
def ceremony(tmp_path: Path) -> Ceremony:
    made = Ceremony(tmp_path / "root")
    made.found()
    return made


def the_set(ceremony: Ceremony) -> Any:
    return trust.open_keys((ceremony.path / "keys.json").read_bytes(), [root_of(ceremony)])


def root_of(ceremony: Ceremony) -> bytes:
    return Signer(bytes.fromhex((ceremony.path / "root.key").read_text().strip())).public


def test_private_keys_are_readable_by_their_owner_alone(ceremony: Ceremony) -> None:
    _, file = ceremony.create(World.LIVE, days=400, now=NOW)
    for secret in (file, ceremony.path / "root.key"):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(ceremony.path.stat().st_mode) == 0o700


def test_a_root_key_is_never_written_over(ceremony: Ceremony) -> None:
    before = root_of(ceremony)
    with pytest.raises(Refused) as refused:
        ceremony.found()
    assert refused.value.name == "root-exists"
    assert root_of(ceremony) == before


def test_a_created_key_stands_in_the_set_for_its_world_and_time(ceremony: Ceremony) -> None:
    key, file = ceremony.create(World.EXERCISE, days=10, now=NOW)
    assert the_set(ceremony).keys == (key,)
    assert key.kid == jws.kid_of(Signer(bytes.fromhex(file.read_text().strip())).public)
    assert key.fits(World.EXERCISE, NOW + timedelta(days=9))
    assert not key.fits(World.EXERCISE, NOW + timedelta(days=11))
    assert not key.fits(World.LIVE, NOW)


def test_rotation_keeps_the_old_key_until_phones_have_the_new_set(ceremony: Ceremony) -> None:
    old, _ = ceremony.create(World.LIVE, days=400, now=NOW)
    exercise, _ = ceremony.create(World.EXERCISE, days=400, now=NOW)
    new, _ = ceremony.rotate(World.LIVE, days=400, now=LATER)
    keys = the_set(ceremony)
    assert keys.get(old.kid).fits(World.LIVE, LATER + timedelta(days=29))
    assert not keys.get(old.kid).fits(World.LIVE, LATER + timedelta(days=31))
    assert keys.get(new.kid).fits(World.LIVE, LATER + timedelta(days=31))
    assert keys.get(exercise.kid) == exercise


def test_a_revoked_key_stays_in_the_set_as_revoked(ceremony: Ceremony) -> None:
    key, _ = ceremony.create(World.LIVE, days=400, now=NOW)
    ceremony.revoke(key.kid, "a laptop was stolen", now=LATER)
    revoked = the_set(ceremony).get(key.kid)
    assert revoked.revoked.reason == "a laptop was stolen"
    assert not revoked.fits(World.LIVE, NOW)
    again = ceremony.revoke(key.kid, "said twice", now=LATER + timedelta(days=1))
    assert again.revoked == revoked.revoked


def test_every_act_signs_a_later_set(ceremony: Ceremony) -> None:
    key, _ = ceremony.create(World.LIVE, days=400, now=NOW)
    versions = [the_set(ceremony).version]
    for act in (
        lambda: ceremony.sign(now=LATER),
        lambda: ceremony.rotate(World.LIVE, days=1, now=LATER),
        lambda: ceremony.revoke(key.kid, "lost", now=LATER),
    ):
        act()
        versions.append(the_set(ceremony).version)
    assert versions == sorted(set(versions))


def test_a_set_that_somebody_changed_in_the_folder_is_refused(ceremony: Ceremony) -> None:
    ceremony.create(World.LIVE, days=400, now=NOW)
    file = ceremony.path / "keys.json"
    said = json.loads(file.read_bytes())
    said["payload"] = said["payload"][:-4] + "AAAA"
    file.write_text(json.dumps(said))
    with pytest.raises(Refused):
        ceremony.rotate(World.LIVE, days=400, now=LATER)


def test_what_is_not_there_cannot_be_rotated_or_revoked(ceremony: Ceremony, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="to rotate"):
        ceremony.rotate(World.LIVE, days=400, now=NOW)
    with pytest.raises(Refused, match="no key"):
        ceremony.revoke("0" * 16, "lost", now=NOW)
    with pytest.raises(Refused, match="no root key"):
        Ceremony(tmp_path / "nothing").create(World.LIVE, days=1, now=NOW)


def ran(*words: str) -> Any:
    done = CliRunner().invoke(app, ["keys", *words])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_the_whole_ceremony_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(tmp_path / "root")
    root = ran("root", folder, "--json")["public"]
    monkeypatch.setenv("SUREFOOT_ROOT_KEY", root)
    kid = ran("create", folder, "--world", "live", "--json")["kid"]
    ran("rotate", folder, "--world", "live", "--json")
    ran("revoke", folder, kid, "--reason", "stolen", "--json")
    shown = ran("show", f"{folder}/keys.json", "--json")
    assert [key["revoked"] is None for key in shown["keys"]] == [False, True]
    monkeypatch.setenv("SUREFOOT_ROOT_KEY", "00" * 32)
    done = CliRunner().invoke(app, ["keys", "show", f"{folder}/keys.json"])
    assert done.exit_code == 2


def test_a_key_for_web_push_is_made_once_and_fits_the_workers_setting() -> None:
    told = [json.loads(CliRunner().invoke(app, ["keys", "vapid", "--json"]).output) for _ in range(2)]
    assert told[0] != told[1]
    vapid = Vapid.of(Settings(vapid_key=told[0]["private"], vapid_contact="mailto:push@example.org"))
    assert encoded(vapid.public) == told[0]["public"]
    lines = CliRunner().invoke(app, ["keys", "vapid"]).output.splitlines()
    assert lines[0].startswith("SUREFOOT_VAPID_KEY=")


@pytest.mark.parametrize(
    ("key", "contact", "verdict"),
    [
        (None, None, Verdict.NOTE),
        ("ab" * 32, None, Verdict.STOP),
        ("ab", "mailto:push@example.org", Verdict.STOP),
        ("ab" * 32, "mailto:push@example.org", Verdict.OK),
    ],
)
def test_check_tells_what_web_push_lacks(key: str | None, contact: str | None, verdict: Verdict) -> None:
    [found] = checking._web_push(Settings(vapid_key=key, vapid_contact=contact))
    assert found.verdict is verdict
    assert "abab" not in found.detail
