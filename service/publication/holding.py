"""What the reference client keeps on disk: one file says what is held, and it is replaced whole or not at all."""

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from service.guidance.model import BundleEntry, Recall
from service.kit.errors import Kind, Refused
from service.lessons.recalls import RecalledLesson
from service.publication import booklets
from service.publication.model import PackEntry, World
from service.publication.phone import Floor, HeldAlert, KeptZone, Why
from service.publication.trust import moment

_FORMAT = 1
_STATE = "held.json"
_PACKS = "packs"
_GUIDANCE = "guidance"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Held:
    """All that a phone remembers; the packs lie beside it under their hashes.

    `guidance` are bundles by their owner, of lessons too; `recalls` and `lessons` what was withdrawn.
    """

    world: World
    secret: bytes
    keys: bytes | None = None
    index: bytes | None = None
    cells: tuple[str, ...] = ()
    everything: bool = False
    packs: Mapping[str, PackEntry] = field(default_factory=dict)
    floors: Mapping[str, Floor] = field(default_factory=dict)
    kept: Mapping[str, KeptZone] = field(default_factory=dict)
    alerts: Mapping[str, HeldAlert] = field(default_factory=dict)
    guidance: Mapping[str, BundleEntry] = field(default_factory=dict)
    recalls: tuple[Recall, ...] = ()
    lessons: tuple[RecalledLesson, ...] = ()


class Holding:
    """A folder of the reference client."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one sync at a time work in the folder; it is made if it is not there. Refused `in-use`."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            detail = "Another sync works in this folder."
            raise Refused(Kind.CONFLICT, "in-use", detail, where=str(self._path), remedy="Wait for it.") from error
        finally:
            os.close(lock)

    def read(self, world: World) -> Held:
        """Return what is held; nothing yet in a new folder. Refused `world-wrong`, `holding-damaged`."""
        try:
            found = json.loads((self._path / _STATE).read_bytes())
        except FileNotFoundError:
            return Held(world, secrets.token_bytes(_SECRET_BYTES))
        except ValueError as error:
            raise self._damaged() from error
        held = self._held(found)
        if held.world is not world:
            detail = f"This folder holds the world {held.world}, not {world}."
            raise Refused(Kind.CONFLICT, "world-wrong", detail, where=str(self._path), remedy="Name another folder.")
        return held

    def _held(self, found: Mapping[str, Any]) -> Held:
        try:
            return Held(
                world=World(found["world"]),
                secret=bytes.fromhex(found["secret"]),
                keys=_bytes(found["keys"]),
                index=_bytes(found["index"]),
                cells=tuple(found["cells"]),
                everything=found["everything"],
                packs={one["cell"]: PackEntry(**one) for one in found["packs"]},
                floors={kid: _floor(one) for kid, one in found["floors"].items()},
                kept={one: KeptZone(Why(zone["why"]), zone["feature"]) for one, zone in found["kept"].items()},
                alerts={one: HeldAlert(**alert) for one, alert in found.get("alerts", {}).items()},
                guidance={one.owner: one for one in booklets.bundles_of(found)},
                recalls=booklets.recalls_of(found),
                lessons=booklets.lessons_of(found),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._damaged() from error

    def write(self, held: Held) -> None:
        """Put a new state in the place of the old one: after a power cut there is one of the two, whole."""
        packs = [{name: getattr(entry, name) for name in PackEntry.__slots__} for entry in held.packs.values()]
        floors = {
            kid: {"version": one.version, "made": moment(one.made), "packs": one.packs}
            for kid, one in held.floors.items()
        }
        said = {
            "format": _FORMAT,
            "world": held.world.value,
            "secret": held.secret.hex(),
            "keys": _text(held.keys),
            "index": _text(held.index),
            "cells": held.cells,
            "everything": held.everything,
            "packs": packs,
            "floors": floors,
            "kept": {one: {"why": zone.why.value, "feature": zone.feature} for one, zone in held.kept.items()},
            "alerts": {one: {"entry": alert.entry, "listed": alert.listed} for one, alert in held.alerts.items()},
            **booklets.as_json(list(held.guidance.values()), held.recalls, held.lessons),
        }
        replace_file(self._path / _STATE, json.dumps(said, ensure_ascii=False, indent=1).encode())

    def pack(self, entry: PackEntry) -> bytes | None:
        """Return the bytes that are kept under a pack's hash; None if there are none, or if the disk spoiled them."""
        file = self._path / _PACKS / f"{entry.sha256}.json"
        content = file.read_bytes() if file.exists() else b""
        return content if hashlib.sha256(content).hexdigest() == entry.sha256 else None

    def keep_pack(self, entry: PackEntry, content: bytes) -> None:
        """Keep a pack's bytes; nothing stands on them before the next `write`."""
        (self._path / _PACKS).mkdir(mode=0o700, exist_ok=True)
        replace_file(self._path / _PACKS / f"{entry.sha256}.json", content)

    def tidy(self, entries: Iterable[PackEntry]) -> None:
        """Drop the bytes of packs that nothing stands on any more."""
        used = {f"{entry.sha256}.json" for entry in entries}
        for file in (self._path / _PACKS).glob("*"):
            if file.name not in used:
                file.unlink()

    def guidance(self, name: str) -> bytes | None:
        """Return a bundle's or picture's bytes by its hash and suffix; None if there are none, or spoiled ones."""
        file = self._path / _GUIDANCE / name
        content = file.read_bytes() if file.exists() else None
        spoiled = content is None or hashlib.sha256(content).hexdigest() != name.partition(".")[0]
        return None if spoiled else content

    def keep_guidance(self, name: str, content: bytes) -> None:
        """Keep bytes under their hash; nothing stands on them before the next `write`."""
        (self._path / _GUIDANCE).mkdir(mode=0o700, exist_ok=True)
        replace_file(self._path / _GUIDANCE / name, content)

    def tidy_guidance(self, names: Collection[str]) -> None:
        """Drop what no bundle names any more."""
        for file in (self._path / _GUIDANCE).glob("*"):
            if file.name not in names:
                file.unlink()

    def _damaged(self) -> Refused:
        detail = "What this folder says it holds cannot be read."
        remedy = "Show what was shown last, sync into a new folder, and compare."
        return Refused(Kind.CONFLICT, "holding-damaged", detail, where=str(self._path / _STATE), remedy=remedy)


def replace_file(file: Path, content: bytes) -> None:
    """Give a file new content, whole or not at all, also when the power fails on the way."""
    new = file.with_name(f".{file.name}.new")
    with new.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _floor(found: Mapping[str, Any]) -> Floor:
    return Floor(found["version"], datetime.fromisoformat(found["made"]), found["packs"])


def _text(document: bytes | None) -> str | None:
    return None if document is None else document.decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode()
