"""What a phone decides about what it is given: the algorithm of docs/packs.md, pure, for app developers to read."""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from service.kit import geo
from service.kit.errors import Kind, Refused
from service.publication import booklets
from service.publication.model import ELSEWHERE, Index, KeySet, PackEntry, World

_HIDDEN_AMONG = 2
_ASKED_AROUND = 3
_CLOCKS_DIFFER = timedelta(days=1)
_MESSAGES = frozenset({"warning", "update", "correction", "end"})
_STATES = frozenset({"live", "withdrawn", "ended"})


class Why(StrEnum):
    """Why a zone is still shown although no pack lists it: never deleted, always marked."""

    UNPUBLISHED = "unpublished"
    REPLACEMENT_NOT_HELD = "replacement-not-held"
    NO_RELEASE_RECORD = "no-release-record"
    NO_REASON = "no-reason"


@dataclass(frozen=True, slots=True)
class Floor:
    """The newest index that a key has signed for this phone: nothing older is taken from it."""

    version: int
    made: datetime
    packs: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that is what the index says: zones by id, why others left, and the latest message of each alert."""

    cell: str
    version: int
    zones: Mapping[str, Mapping[str, Any]]
    departed: Mapping[str, Mapping[str, Any]]
    alerts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptZone:
    """A zone that no pack lists any more and that nothing valid has ended."""

    why: Why
    feature: Mapping[str, Any]


class Standing(StrEnum):
    """How an alert is drawn. None of them says that there is no danger."""

    LIVE = "live"
    OUT_OF_DATE = "out_of_date"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    NOT_LISTED = "not_listed"


@dataclass(frozen=True, slots=True)
class HeldAlert:
    """The latest message of an alert that this phone knows; `listed` is false once no pack names it any more."""

    entry: Mapping[str, Any]
    listed: bool = True

    def standing(self, *, now: datetime) -> Standing:
        """Say how to draw it: time makes it out of date, never over, and so does a list that forgot it (R6, R20)."""
        if self.entry["state"] != Standing.LIVE:
            return Standing(self.entry["state"])
        if datetime.fromisoformat(self.entry["expires_at"]) <= now:
            return Standing.OUT_OF_DATE
        return Standing.LIVE if self.listed else Standing.NOT_LISTED


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a phone shows: zones in its packs, those that it keeps, marked, and every alert that it ever held."""

    listed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    kept: Mapping[str, KeptZone] = field(default_factory=dict)
    alerts: Mapping[str, HeldAlert] = field(default_factory=dict)


def demand_newer(index: Index, floors: Mapping[str, Floor], keys: KeySet) -> None:
    """Refuse an index that is older than one known already, or another one under the same version.

    Refused `index-older`, `index-forked`. What a key that was revoked since had signed does not count: whoever stole
    it may have signed a version that nothing honest will ever reach.
    """
    for kid, floor in floors.items():
        key = keys.get(kid)
        if key is None or key.revoked is not None:
            continue
        if (index.version, index.made) < (floor.version, floor.made):
            raise _refused("index-older", f"The index has version {index.version}; {floor.version} is known already.")
        if index.version == floor.version and fingerprint(index) != floor.packs:
            raise _refused("index-forked", f"There are two indexes of version {index.version}.")


def floor_of(index: Index) -> Floor:
    return Floor(index.version, index.made, fingerprint(index))


def fingerprint(index: Index) -> str:
    """Return a hash of all that an index names: one version has one."""
    said = [[entry.cell, entry.version, entry.sha256] for entry in sorted(index.packs, key=lambda one: one.cell)]
    said += [["topics", index.topics.size, index.topics.sha256]] if index.topics else []
    if index.guidance or index.recalls or index.lessons:
        said += [["guidance", booklets.fingerprint(index.guidance, index.recalls, index.lessons)]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def demand_pack(content: bytes, entry: PackEntry, world: World) -> Pack:
    """Return a pack that is exactly what the index names. Refused `pack-wrong`, `world-wrong`, `document-malformed`."""
    if len(content) != entry.size or hashlib.sha256(content).hexdigest() != entry.sha256:
        detail = f"The pack {entry.cell} has {len(content)} bytes that are not those which the index names."
        raise _refused("pack-wrong", detail)
    try:
        found = json.loads(content)
        pack = Pack(
            cell=found["cell"],
            version=found["version"],
            zones={zone["id"]: zone for zone in found["features"]},
            departed={one["id"]: one for one in found["departed"]},
            alerts={one["alert_id"]: one for one in found["alerts"] if _is_known(one)},
        )
        of = World(found["world"])
        for zone in pack.zones.values():
            _revision(zone)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refused("document-malformed", f"The pack {entry.cell} does not hold what a pack must.") from error
    if of is not world:
        raise _refused("world-wrong", f"The pack {entry.cell} is of the world {of}; this app is for {world}.")
    if (pack.cell, pack.version) != (entry.cell, entry.version):
        raise _refused("pack-wrong", f"The pack {entry.cell} says that it is {pack.cell}, version {pack.version}.")
    return pack


def demand_no_older_pack(entry: PackEntry, held_version: int) -> None:
    """Refuse an index that names an older version of a pack than this phone holds. Refused `pack-older`."""
    if entry.version < held_version:
        detail = f"The index names version {entry.version} of pack {entry.cell}; {held_version} is held already."
        raise _refused("pack-older", detail)


def judge(before: Shown, packs: Sequence[Pack]) -> Shown:
    """Decide what is shown after a sync: a zone leaves only for a reason that the phone can check (R2, R6)."""
    listed: dict[str, Mapping[str, Any]] = {}
    for zone_id, zone in (pair for pack in packs for pair in pack.zones.items()):
        if zone_id not in listed or _revision(zone) > _revision(listed[zone_id]):
            listed[zone_id] = zone
    departed = {zone_id: one for pack in packs for zone_id, one in pack.departed.items()}
    kept = {}
    for zone_id, feature in {**{one: zone.feature for one, zone in before.kept.items()}, **before.listed}.items():
        why = None if zone_id in listed else _why_kept(zone_id, listed, departed)
        if why is not None:
            kept[zone_id] = KeptZone(why, feature)
    return Shown(listed, kept, judge_alerts(before.alerts, packs))


def judge_alerts(before: Mapping[str, HeldAlert], packs: Sequence[Pack]) -> Mapping[str, HeldAlert]:
    """Return what is known of each alert: the latest message of its lineage; one that no pack lists is kept (R6)."""
    entries = [entry for pack in packs for entry in pack.alerts.values()]
    latest = {entry["alert_id"]: entry for entry in sorted(entries, key=_age)}
    heard = {one: replace(held, listed=one in latest) for one, held in before.items()}
    for one, entry in latest.items():
        if one not in heard or _age(entry) >= _age(heard[one].entry):
            heard[one] = HeldAlert(entry)
    return heard


def _age(entry: Mapping[str, Any]) -> tuple[int, bool, str]:
    """Order messages of one alert: by revision; of one revision a withdrawal is later, and so is a renewal."""
    return entry["revision"], entry["state"] != Standing.LIVE, entry["expires_at"]


def _is_known(entry: Mapping[str, Any]) -> bool:
    """Say whether this app knows what such a message does; one of an unknown kind changes nothing (R20)."""
    moment = datetime.fromisoformat(entry["expires_at"])
    return (
        moment.tzinfo is not None
        and int(entry["revision"]) > 0
        and entry.get("message", "warning") in _MESSAGES
        and entry["state"] in _STATES
    )


def _why_kept(
    zone_id: str, listed: Collection[str], departed: Mapping[str, Mapping[str, Any]], path: tuple[str, ...] = ()
) -> Why | None:
    """Return why a zone that no pack lists stays; None if it left for a reason that stands up."""
    said = departed.get(zone_id, {})
    match said.get("reason"):
        case "annulled":
            return None
        case "released":
            return None if all(map(_is_record, said.get("releases", ()) or ({},))) else Why.NO_RELEASE_RECORD
        case "unpublished":
            return Why.UNPUBLISHED
        case "replaced":
            others = said.get("replaced_by", ())
            held = bool(others) and all(_accounted(one, listed, departed, (*path, zone_id)) for one in others)
            return None if held else Why.REPLACEMENT_NOT_HELD
        case _:
            return Why.NO_REASON


def _accounted(
    zone_id: str, listed: Collection[str], departed: Mapping[str, Mapping[str, Any]], path: tuple[str, ...]
) -> bool:
    """Say whether a zone that took another's place is shown, or has itself left for a reason that stands up."""
    if zone_id in listed:
        return True
    return zone_id not in path and zone_id in departed and _why_kept(zone_id, listed, departed, path) is None


def _is_record(release: Mapping[str, Any]) -> bool:
    """Say whether it names its kind, its authority and its day, and if it is a clearance the depth (R2, R3)."""
    known = release.get("kind") in {"cancelled", "reduced", "cleared"}
    return (
        known
        and all(map(release.get, ("authority", "dated")))
        and (release["kind"] != "cleared" or "depth_cm" in release)
    )


def _revision(zone: Mapping[str, Any]) -> int:
    return int(zone["properties"]["revision"])


def asked_for(cells: Iterable[int], held: Collection[str], secret: bytes) -> list[str]:
    """Return the cells to ask for from now on: always in one order, never fewer than before, nobody's in the middle.

    Around a place everything within three steps of some cell is asked for that lies at most two steps away and is
    drawn by this phone's own secret, always the same for the same place: whoever sees the requests knows one of 19
    cells, no more, and the place's own neighbours are always among them. A place whose neighbours are held already
    adds nothing.
    """
    wanted = set(held)
    for cell in sorted(cells):
        if wanted.issuperset(map(geo.cell_text, geo.disk(cell, 1))):
            continue
        near = geo.disk(cell, _HIDDEN_AMONG)
        drawn = int.from_bytes(hmac.digest(secret, cell.to_bytes(8, "big"), "sha256")) % len(near)
        wanted |= set(map(geo.cell_text, geo.disk(near[drawn], _ASKED_AROUND)))
    return sorted(wanted)


def entries_for(cells: Collection[str], index: Index) -> list[PackEntry]:
    """Return what to hold of an index: the pack of each cell, and the one that stands for all cells without."""
    there = {entry.cell: entry for entry in index.packs}
    named = sorted({cell if cell in there else ELSEWHERE for cell in cells} | {ELSEWHERE})
    missing = [cell for cell in named if cell not in there]
    if missing:
        raise _refused("document-malformed", f"The index does not name the pack {missing[0]}.")
    return [there[cell] for cell in named]


def is_old(index: Index, *, now: datetime) -> bool:
    """Say whether what is held must be shown as old; it is shown all the same (R1).

    An index that was made tomorrow tells that this phone's clock is wrong, and then nobody knows how old it is.
    """
    return not index.made - _CLOCKS_DIFFER <= now <= index.stale_after


def _refused(name: str, detail: str) -> Refused:
    remedy = "Keep what you have, show it with its age, and fetch again later or from another place."
    return Refused(Kind.INVALID, name, detail, remedy=remedy)
