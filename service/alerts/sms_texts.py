"""The texts of alerts as they go out by SMS: which belongs to what, and what proves them real."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import cast

import structlog

from service.alerts import areas
from service.alerts.model import MOST_UNITS_NAMED, Alert, Area
from service.alerts.store import lineages
from service.alerts.texts import AUTHORITY_SHORT
from service.config import Settings
from service.delivery.model import Message
from service.i18n.catalogues import Catalogues
from service.i18n.lengths import fitting
from service.i18n.model import Dated, Hole, MissingTranslation, RenderedSms
from service.kit.db import Tx
from service.kit.errors import Refused
from service.kit.house import House
from service.places.following import PlaceIndex
from service.places.model import DISTRICT, Place
from service.places.naming import shown

_log = structlog.get_logger()
NO_TEXT = RenderedSms("", draft=False, plain=False)
_WARNING = "exercise"
SMS_OF: Mapping[str, tuple[str, str]] = {
    "hazard_near": ("hazard-near", _WARNING),
    "accident_near": ("accident-near", _WARNING),
    "newly_reported": ("newly-reported", _WARNING),
    "update": ("update", "exercise-update"),
    "wrong_place": ("wrong-place", "exercise-wrong-place"),
    "wrong_time": ("wrong-time", "exercise-wrong-time"),
    "wrong_mistake": ("sent-by-mistake", "exercise-sent-by-mistake"),
    "wrong_exercise": ("was-an-exercise", "exercise-sent-by-mistake"),
    "taken_back": ("stands-after-all", "exercise-stands-after-all"),
    "end_cancelled": ("off-list-surveyed", "exercise-off-list-surveyed"),
    "end_reduced": ("part-excluded", "exercise-part-excluded"),
    "end_cleared": ("searched", "exercise-searched"),
    "end_in_parts": ("off-list-in-parts", "exercise-off-list-in-parts"),
}
"""Which text of guidance belongs to which template, and the one that an exercise has in its place (R18)."""


def message_id(template: str, *, exercise: bool) -> str:
    actual, practised = SMS_OF[template]
    return f"guidance.sms.{practised if exercise else actual}"


@dataclass(frozen=True, slots=True)
class Frame:
    """What the texts of an alert are filled with in every language; `area` helps to find the units above the place."""

    house: House
    alert: Alert
    template: str
    holes: Mapping[str, Hole]
    area: Area | None = None

    @property
    def message_id(self) -> str:
        return message_id(self.template, exercise=self.alert.draft.exercise)


def sendable(house: House, alert: Alert, template: str) -> frozenset[str]:
    """Return the languages in which a message's SMS may be sent, with the word for who speaks if it is ours."""
    catalogues, wanted = house.get(Catalogues), message_id(template, exercise=alert.draft.exercise)
    try:
        tags = catalogues.sms_sendable([wanted])
    except MissingTranslation:
        # Catalogues of an older version: the push goes out all the same.
        _log.error("alerts.sms_missing", message=wanted)
        return frozenset()
    named = house.get(Settings).authority_short
    return frozenset(tags if named else set(tags) & set(catalogues.sendable((AUTHORITY_SHORT,))))


def rendered(frame: Frame, tag: str) -> RenderedSms:
    """Return the text of a message in one language; a name that does not fit gives way to that of a unit above it.

    Refused `text-too-long` if none fits. What corrects or ends a warning cannot be named anew, so it goes without.
    """
    house, alert = frame.house, frame.alert
    catalogues, settings = house.get(Catalogues), house.get(Settings)
    # An end tells the day of the release record, all else that on which it was written.
    told = frame.holes.get("day", alert.created_at.astimezone(settings.zone).date())
    holes: dict[str, Hole] = {
        **frame.holes,
        "authority_short": settings.authority_short or catalogues.render(AUTHORITY_SHORT, tag),
        "date": Dated(cast("date", told), alert.code),
    }
    render = partial(catalogues.render_sms, frame.message_id, tag)
    own = str(holes["place"])
    try:
        text = fitting(lambda name: render(**holes | {"place": name}).text, [own, *_above(frame, tag)])
    except Refused:
        if alert.message in {Message.WARNING, Message.UPDATE} and settings.sms_providers is not None:
            raise
        _log.error("alerts.sms_too_long", alert=str(alert.id), language=tag)
        return NO_TEXT
    one = render(**holes)
    return RenderedSms(text, one.draft, one.plain)


def _above(frame: Frame, tag: str) -> list[str]:
    """Return the names of the units that hold all that a warning is about, the smallest first."""
    found = _above_units(frame) if frame.alert.draft.units else _above_ground(frame)
    least = DISTRICT if frame.template == "accident_near" else None
    return [shown(unit, tag).text for unit in found if least is None or unit.level <= least]


def _above_units(frame: Frame) -> Sequence[Place]:
    gazetteer = frame.house.get(PlaceIndex).gazetteer
    chains = [gazetteer.above(unit) for unit in areas.units_of(gazetteer, frame.alert.draft)[:MOST_UNITS_NAMED]]
    return [unit for unit in chains[0] if all(unit in chain for chain in chains[1:])]


def _above_ground(frame: Frame) -> Sequence[Place]:
    """Return of each level the unit that the area touches, if it touches no other."""
    if frame.area is None:
        return []
    gazetteer = frame.house.get(PlaceIndex).gazetteer
    touched = gazetteer.touched(frame.area.outline, exercise=frame.alert.draft.exercise)
    levels: dict[int, list[Place]] = {}
    for unit in touched:
        levels.setdefault(unit.level, []).append(unit)
    return [levels[level][0] for level in sorted(levels, reverse=True) if len(levels[level]) == 1]


async def live_codes(tx: Tx, house: House) -> list[str]:
    """Return what stands as date and number in the texts of every warning that is live now, the newest first.

    As `23.09.2026/17`: whoever asks whether a text is real is told these. No exercise is ever among them.
    """
    zone = house.get(Settings).zone
    rows = await lineages.live_codes(tx, now=house.clock.now())
    return [f"{row['created_at'].astimezone(zone):%d.%m.%Y}/{row['code']}" for row in rows]
