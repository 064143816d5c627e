"""The folder of the offline root key: root, signing keys, and the key set that grows in it."""

import os
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.kit.crypto import KEY_BYTES, Signer
from service.kit.errors import Kind, Refused
from service.publication import jws, signing, trust
from service.publication.model import KeySet, PublishedKey, Revoked, World

_ROOT = "root.key"
_SET = "keys.json"
_OVERLAP = timedelta(days=30)
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A folder that never comes near a server. Every act signs the set anew, so the folder is always whole."""

    path: Path

    def found(self) -> bytes:
        """Make the root key; return its public half. Refused `root-exists`."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (self.path / _ROOT).exists():
            detail = "This folder holds a root key already; apps are built with it."
            raise _refused("root-exists", detail, self.path, "Name another folder.")
        _write_secret(self.path / _ROOT, secrets.token_bytes(KEY_BYTES))
        return self._root().public

    def keys(self) -> KeySet:
        """Return the set as it stands; version 0 and empty before the first key."""
        root, file = self._root(), self.path / _SET
        if not file.exists():
            return KeySet(0, _BEFORE_ALL, ())
        return trust.open_keys(file.read_bytes(), [root.public])

    def create(self, world: World, *, days: int, now: datetime) -> tuple[PublishedKey, Path]:
        """Add a signing key for a world; return it and the file of its private half, which goes to the worker."""
        earlier = self.keys().keys
        secret = secrets.token_bytes(KEY_BYTES)
        public = Signer(secret).public
        key = PublishedKey(jws.kid_of(public), public, world, now, now + timedelta(days=days))
        file = self.path / f"{world}-{key.kid}.key"
        _write_secret(file, secret)
        self._sign((*earlier, key), now=now)
        return key, file

    def rotate(self, world: World, *, days: int, now: datetime) -> tuple[PublishedKey, Path]:
        """Add a new key; those before it are believed for 30 days more, until every phone has the new set."""
        earlier = tuple(
            replace(key, valid_until=min(key.valid_until, now + _OVERLAP)) if key.world is world else key
            for key in self.keys().keys
        )
        if not any(key.world is world for key in earlier):
            detail = f"There is no key of the {world} world to rotate."
            raise _refused("key-unknown", detail, self.path, "Create one: `surefoot keys create`.")
        self._sign(earlier, now=now)
        return self.create(world, days=days, now=now)

    def revoke(self, kid: str, reason: str, *, now: datetime) -> PublishedKey:
        """Give a key up for good: what it ever signed is worth nothing to a phone that has this set."""
        keys = self.keys()
        key = keys.get(kid)
        if key is None:
            detail = f"There is no key {kid} in the set."
            raise _refused("key-unknown", detail, self.path / _SET, "`surefoot keys show` lists them.")
        revoked = key if key.revoked else replace(key, revoked=Revoked(now, reason))
        self._sign(tuple(revoked if one.kid == kid else one for one in keys.keys), now=now)
        return revoked

    def sign(self, *, now: datetime) -> KeySet:
        """Sign the same keys under the next version."""
        return self._sign(self.keys().keys, now=now)

    def _sign(self, keys: tuple[PublishedKey, ...], *, now: datetime) -> KeySet:
        made = KeySet(self.keys().version + 1, now, keys)
        new = self.path / f".{_SET}.new"
        new.write_bytes(signing.sign_keys(self._root(), made))
        new.replace(self.path / _SET)
        return made

    def _root(self) -> Signer:
        file = self.path / _ROOT
        if not file.exists():
            detail = "This folder holds no root key."
            raise _refused("root-missing", detail, self.path, "Make one: `surefoot keys root`.")
        return Signer(bytes.fromhex(file.read_text().strip()))


def _write_secret(file: Path, secret: bytes) -> None:
    with open(file, "x", opener=lambda at, how: os.open(at, how, 0o600)) as out:
        out.write(secret.hex() + "\n")
        out.flush()
        os.fsync(out.fileno())


def _refused(name: str, detail: str, where: Path, remedy: str) -> Refused:
    return Refused(Kind.CONFLICT, name, detail, where=str(where), remedy=remedy)
