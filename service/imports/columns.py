"""Finds what the columns of a source mean: id, class, hazards, name."""

import json
import math
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from service.zones.model import MOST_ACCURACY_M, Hazard, HazardClass

_IDS = ("zone_id", "id", "external_id")
_CLASSES = ("class", "hazard_class", "classification", "status", "hazard_type", "area_type", "type")
_HAZARDS = ("hazards", "hazard", "device_categories", "devices", "contamination")
_NAMES = ("name", "zone_name", "title")
_SOURCES = ("source", "source_name", "data_source")
_ACCURACIES = ("accuracy_m", "accuracy")
_FICTIONAL = ("fictional", "is_fictional")

LONGEST_ID = 200
LONGEST_TEXT = 300
MOST_ATTRIBUTES_BYTES = 16_000
MOST_RECORD_BYTES = 64_000

_SUSPECTED = {
    "sha", "suspected", "suspected hazardous area", "suspected area", "suspect",
    "zone soupçonnée dangereuse", "área peligrosa sospechosa", "підозрювана небезпечна ділянка",
}  # fmt: skip  # one line a language is easier to check than one a word
_CONFIRMED = {
    "cha", "confirmed", "confirmed hazardous area", "confirmed area", "defined hazardous area", "dha",
    "zone dangereuse confirmée", "área peligrosa confirmada", "підтверджена небезпечна ділянка",
}  # fmt: skip  # as above
_MINED = {"minefield", "mined area", "mine field"}
_ACTIVE = {"open", "active", "ongoing", "current", "worked on", "not started", "hazardous area", "dangerous area"}
_CLOSED = {
    "closed", "cleared", "released", "cancelled", "canceled", "reduced", "handed over", "handover", "completed",
    "discredited", "expired", "inactive",
}  # fmt: skip  # as above

_DEVICES = {
    Hazard.ANTI_PERSONNEL_MINE: {"anti personnel mine", "anti personnel", "ap mine", "ap", "apm", "antipersonnel mine"},
    Hazard.ANTI_VEHICLE_MINE: {"anti vehicle mine", "anti vehicle", "av mine", "avm", "anti tank mine", "at mine"},
    Hazard.CLUSTER_MUNITION_REMNANT: {"cluster munition remnant", "cluster munition", "cmr", "submunition", "bac"},
    Hazard.OTHER_ORDNANCE: {
        "other unexploded or abandoned ordnance", "uxo", "axo", "erw", "unexploded ordnance", "abandoned ordnance",
    },
    Hazard.IMPROVISED_DEVICE: {"improvised device", "improvised explosive device", "ied", "improvised mine"},
    Hazard.UNKNOWN: {"unknown", "other", "n a"},
}  # fmt: skip  # as above
_DEVICE_OF = {word: hazard for hazard, words in _DEVICES.items() for word in words}


@dataclass(frozen=True, slots=True)
class Classified:
    """What the class columns say: a class or none, a claim that the area is closed, a word that was read freely.

    `unknown` holds the words where none was understood; `doubt` is set where two classes stood.
    """

    said: HazardClass | None
    claim: str
    assumed: str
    unknown: tuple[str, ...]
    doubt: bool


def folded(text: str) -> str:
    """Return what two spellings of one word or id have in common: width, letter case and outer spaces aside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def by_name(properties: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the properties under folded names, blanks left out; the first of several spellings wins."""
    found: dict[str, Any] = {}
    for name, value in (properties or {}).items():
        if value is not None and str(value).strip():
            found.setdefault(re.sub(r"[\s_\-]+", "_", folded(name)), value)
    return found


def identifier(columns: Mapping[str, Any], feature_id: Any, named: str | None) -> str | None:
    """Return the source's own id, trimmed: from the named column only if one is named, else from the usual ones."""
    wanted = [columns.get(re.sub(r"[\s_\-]+", "_", folded(named)))] if named else [columns.get(key) for key in _IDS]
    if not named:
        wanted.append(feature_id)
    for value in wanted:
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return storable(str(value).strip())[:LONGEST_ID]
    return None


def classify(columns: Mapping[str, Any]) -> Classified:
    """Read every class column: a class word beats a looser one, the more dangerous of two classes wins."""
    words = [(key, str(columns[key]).strip()[:60]) for key in _CLASSES if key in columns]
    strict = [word for _, word in words if _plain(word) in _SUSPECTED | _CONFIRMED]
    loose = [word for _, word in words if _plain(word) in _ACTIVE | _MINED]
    claims = [word for _, word in words if _plain(word) in _CLOSED]
    classes = {_class_of(word) for word in strict or loose}
    return Classified(
        said=max(classes, key=lambda one: one is HazardClass.CONFIRMED, default=None),
        claim=claims[0] if claims else "",
        assumed=loose[0] if loose and not strict else "",
        # `type` holds many things besides a class: a strange word there says nothing.
        unknown=() if strict or loose or claims else tuple(word for key, word in words if key != "type"),
        doubt=len(classes) > 1,
    )


def _class_of(word: str) -> HazardClass:
    return HazardClass.CONFIRMED if _plain(word) in _CONFIRMED | _MINED else HazardClass.SUSPECTED


def hazards(columns: Mapping[str, Any]) -> tuple[frozenset[Hazard], tuple[str, ...]]:
    """Return the categories of devices, and the words that name none we know; without any it is `unknown`."""
    value: Any = next((columns[key] for key in _HAZARDS if key in columns), [])
    words = [str(one) for one in value] if isinstance(value, list) else re.split(r"[,;/|+]", str(value))
    found = {_DEVICE_OF.get(_plain(word)) for word in words if word.strip()}
    strange = tuple(word.strip()[:60] for word in words if word.strip() and _plain(word) not in _DEVICE_OF)
    return frozenset(found - {None}) or frozenset({Hazard.UNKNOWN}), strange  # type: ignore[arg-type]  # None is gone


def name(columns: Mapping[str, Any]) -> str:
    return _line(columns, _NAMES)


def source(columns: Mapping[str, Any]) -> str:
    return _line(columns, _SOURCES)


def accuracy_m(columns: Mapping[str, Any], default: float) -> float:
    """Return the row's own accuracy in metres if it states a sensible one, else the default."""
    value = next((columns[key] for key in _ACCURACIES if key in columns), None)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_ACCURACY_M:
        return float(value)
    return default


def is_fictional(columns: Mapping[str, Any]) -> bool:
    return any(folded(str(columns.get(key, ""))) in {"true", "yes", "1", "1.0"} for key in _FICTIONAL)


def _line(columns: Mapping[str, Any], keys: Collection[str]) -> str:
    value = next((columns[key] for key in keys if key in columns), "")
    visible = "".join(sign for sign in storable(str(value)) if unicodedata.category(sign) not in {"Cc", "Cf"})
    return " ".join(visible.split())[:LONGEST_TEXT]


def _plain(word: str) -> str:
    return " ".join(re.sub(r"[\s_\-./]+", " ", folded(word)).split())


def storable(value: str) -> str:
    """Replace what PostgreSQL and UTF-8 cannot hold: NUL and lone surrogates."""
    return "".join("\ufffd" if sign == "\x00" or "\ud800" <= sign <= "\udfff" else sign for sign in value)


def kept(value: Any) -> Any:
    """Return a JSON value as it can be stored: odd characters replaced, NaN and infinity as text."""
    match value:
        case str():
            return storable(value)
        case float() if not math.isfinite(value):
            return str(value)
        case dict():
            return {storable(str(key)): kept(inner) for key, inner in value.items()}
        case list():
            return [kept(inner) for inner in value]
        case _:
            return value


def capped(value: Mapping[str, Any], most: int) -> tuple[dict[str, Any], bool]:
    """Keep whole entries in order until the size is reached; tell whether any was left out."""
    found: dict[str, Any] = {}
    left = most
    for key, inner in value.items():
        size = len(json.dumps({key: inner}, ensure_ascii=False).encode("utf-8", "replace"))
        if size <= left:
            found[key] = inner
            left -= size
    return found, len(found) < len(value)
