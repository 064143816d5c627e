"""One simulated phone: what the app on it knows, and how it decides. It dials nothing: the fleet does that for it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

import shapely
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.demo.population import Owner, Platform
from service.demo.refining import is_in, is_within

_NOT_SIGNED = ("batch", "signature")
_FALLBACK = "en"
_KINDS = frozenset({"warning", "update", "correction", "end"})
_OVERTAKEN = frozenset({"withdrawn", "ended"})
_LONGEST_SPREAD = 3600.0


class Verdict(StrEnum):
    """What the app makes of something that it heard."""

    SHOW = "show"
    REPEAT = "known already"
    NOT_HERE = "about somewhere else"
    NO_OUTLINE = "its zone is not on the phone"
    FORGED = "not signed by the service"
    NEVER_SHOWN = "what became of a warning that it never showed"


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning as it reached a phone, pushed (`batch` says in which) or pulled. `cells` hold its whole area.

    `index` is the version that a push names, `within_s` over how many seconds it asks phones to spread their fetching.
    """

    alert: str
    revision: int
    zone: str | None
    reach_m: float
    language: str
    batch: int | None = None
    cells: tuple[str, ...] = ()
    pushed: bool = False
    index: int = 0
    within_s: float = 0.0
    message: str = "warning"


@dataclass(frozen=True, slots=True)
class Shown:
    """When (seconds on the fleet's own clock), how and in which language the app showed a warning."""

    at: float
    pushed: bool
    language: str


@dataclass(frozen=True, slots=True)
class Account:
    """What the service gave this phone when it registered."""

    registration: str
    secret: str
    receipt_key: bytes


@dataclass(slots=True)
class Phone:
    """The app's memory. `service_key` is the Ed25519 key that the app was built with."""

    owner: Owner
    address: str
    service_key: Ed25519PublicKey
    account: Account | None = None
    enrolled: bool = False
    topics: list[str] = field(default_factory=list)
    pack: dict[str, shapely.Geometry] = field(default_factory=dict)
    index: int = 0
    shown: dict[tuple[str, int], Shown] = field(default_factory=dict)
    standing: dict[str, str] = field(default_factory=dict)
    unknown: int = 0
    repeats_dropped: int = 0
    drawn_by_system: int = 0
    forged: int = 0
    lost: int = 0
    brought: int = 0

    def hear(self, data: Mapping[str, str]) -> Warned | None:
        """Read a push; None, and the app syncs, when it is not signed by the service or is of an unknown kind (R20)."""
        try:
            signature = base64.urlsafe_b64decode(data.get("signature", "") + "==")
            self.service_key.verify(signature, _signed(data))
        except (InvalidSignature, ValueError):
            self.forged += 1
            return None
        if data.get("message", "warning") not in _KINDS:
            self.unknown += 1
            return None
        return Warned(
            data["alert"],
            int(data["revision"]),
            data.get("zone"),
            float(data.get("reach_m", 0)),
            data["language"],
            int(data["batch"]) if "batch" in data else None,
            tuple(data.get("cells", "").split()),
            pushed=True,
            index=int(data.get("pack", 0)),
            within_s=spread_of(data),
            message=data.get("message", "warning"),
        )

    def read(self, live: Mapping[str, Any]) -> Warned | None:
        """Read one entry of the live alerts; None unless it says something in words that can be shown.

        What it says of a warning's standing replaces what was known: an entry of a known revision that was withdrawn,
        or renewed, is drawn anew in silence. What is out of date stays on the screen and says so; it is no news (R20).
        """
        message = live.get("message", "warning")
        if message not in _KINDS:
            self.unknown += 1
            return None
        self.standing[live["alert_id"]] = live["state"]
        if live["state"] == "out_of_date" or not live["texts"]:
            return None
        language = choose(self.owner.languages, list(live["texts"]))
        reach_m, cells = float(live["reach_m"] or 0), tuple(live.get("cells", ()))
        return Warned(
            live["alert_id"], live["revision"], live["zone_id"], reach_m, language, cells=cells, message=message
        )

    def decide(self, warned: Warned, *, online: bool = True) -> Verdict:
        """Say whether to show a warning: once each, and only if a true place of the owner lies within its reach.

        Who was shown an earlier message of it is shown the later one wherever its area is now, and never an older one
        that comes late. What was wrong with a warning, or how it ended, is no news to who never saw it.
        Without the outline the app fetches it; where there is no network either, or no zone, it goes by the cells,
        which hold more than the area. It does not ask again whether its owner takes part in exercises: that the service
        keeps to it is what is tried.
        """
        known = max((revision for alert, revision in self.shown if alert == warned.alert), default=0)
        if known:
            return Verdict.SHOW if warned.revision > known else Verdict.REPEAT
        if not warned.pushed and self.standing.get(warned.alert) in _OVERTAKEN:
            return Verdict.NEVER_SHOWN
        outline = None if warned.zone is None else self.pack.get(warned.zone)
        if outline is None and warned.zone is not None and online:
            return Verdict.NO_OUTLINE
        if outline is None:
            near = not warned.cells or any(is_in(warned.cells, place) for place in self.owner.places)
        else:
            near = any(is_within(outline, place, warned.reach_m) for place in self.owner.places)
        return Verdict.SHOW if near else Verdict.NOT_HERE

    def show(self, warned: Warned, *, at: float) -> None:
        self.shown[warned.alert, warned.revision] = Shown(at, warned.pushed, warned.language)

    def is_drawn_by_system(self, message: Mapping[str, Any]) -> bool:
        """Say whether iOS draws a push itself: it carries an alert, and the app's extension was killed."""
        aps = message.get("apns", {}).get("payload", {}).get("aps", {})
        return self.owner.platform is Platform.IOS and self.owner.broken_extension and "alert" in aps

    def receipt(self, warned: Warned) -> dict[str, Any]:
        """Return the receipt for a warning that was shown, with the proof that this phone made it."""
        if self.account is None:
            raise ValueError("only a registered phone sends receipts")
        parts = (
            UUID(warned.alert).bytes,
            warned.revision.to_bytes(4, "big"),
            (warned.batch or 0).to_bytes(8, "big"),
        )
        whole = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        proof = hmac.new(self.account.receipt_key, whole, hashlib.sha256).digest()
        return {
            "registration": self.account.registration,
            "alert": warned.alert,
            "revision": warned.revision,
            "batch": warned.batch,
            "mac": base64.urlsafe_b64encode(proof).rstrip(b"=").decode(),
        }


def spread_of(data: Mapping[str, str]) -> float:
    """Return over how many seconds a push asks phones to spread their fetching; a stranger's wish ends at an hour."""
    told = data.get("sync_within_s", "0")
    return min(float(told), _LONGEST_SPREAD) if told.isascii() and told.isdigit() else 0.0


def choose(wanted: Sequence[str], spoken: Sequence[str]) -> str:
    """Return the first wanted language that is spoken, its country left aside; else English, else what there is."""
    for tag in wanted:
        for candidate in (tag, tag.split("-")[0]):
            if candidate in spoken:
                return candidate
    return _FALLBACK if _FALLBACK in spoken else spoken[0]


def _signed(data: Mapping[str, str]) -> bytes:
    kept = {key: value for key, value in data.items() if key not in _NOT_SIGNED}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
