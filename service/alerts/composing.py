"""What an alert would say and whom it would reach: texts in every language that may be sent, cells ring by ring."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import shapely
from babel.lists import format_list

from service.alerts import areas, sms_texts
from service.alerts.later_texts import EVERY
from service.alerts.model import MOST_UNITS_NAMED, Alert, Area, Content, Draft, Reason
from service.alerts.texts import AUTHORITY
from service.config import Settings
from service.delivery import payload, topics
from service.delivery.model import Bulletin, Text
from service.i18n.catalogues import Catalogues
from service.i18n.model import Hole
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.places.following import PlaceIndex
from service.places.model import DISTRICT
from service.places.naming import shown

NO_MORE: Mapping[str, Hole] = {}


async def content(tx: Tx, house: House, alert: Alert, more: Mapping[str, Hole] = NO_MORE) -> Content:
    """Compose the alert as it stands now; `more` fills the holes that only messages after a warning have.

    Raises Refused `no-language-to-send`, or payload's refusals when a text does not fit a push.
    """
    area = await areas.area(tx, house, alert.draft)
    made, drafts = checked(house, alert, alert.draft.template, area, more)
    return Content(area, made, drafts, _hash(alert.draft, area, made))


def checked(
    house: House, alert: Alert, template: str, area: Area, more: Mapping[str, Hole] = NO_MORE
) -> tuple[tuple[Text, ...], frozenset[str]]:
    """Render as `texts` does, and refuse what no push can carry, or what would claim that there is no danger."""
    made, drafts = texts(house, alert, template, more, area)
    for text in made:
        size_of(house, alert, text, area)
        messages, holes = EVERY[template].texts(exercise=alert.draft.exercise), _holes(house, alert, text.language)
        # A claim can come in by a hole: a place's name typed as a whole sentence.
        house.get(Catalogues).refuse_claims(messages, text.language, **{**holes, **more})
    return made, drafts


def texts(
    house: House, alert: Alert, template: str, more: Mapping[str, Hole] = NO_MORE, area: Area | None = None
) -> tuple[tuple[Text, ...], frozenset[str]]:
    """Render all that is said in every language that may be sent; also which of these are unreviewed drafts.

    Where a language has no text for an SMS that may be sent, that is empty.
    """
    catalogues = house.get(Catalogues)
    messages = EVERY[template].texts(exercise=alert.draft.exercise)
    tags, texted = catalogues.sendable((*messages, AUTHORITY)), sms_texts.sendable(house, alert, template)
    made, drafts = [], set()
    for tag in tags:
        holes = {**_holes(house, alert, tag), **more}
        rendered = catalogues.render_together(messages, tag, **holes)
        title, body = rendered.texts
        frame = sms_texts.Frame(house, alert, template, holes, area)
        sms = sms_texts.rendered(frame, tag) if tag in texted else sms_texts.NO_TEXT
        made.append(Text(tag, rendered.direction, title, body, sms.text))
        if rendered.draft or sms.draft:
            drafts.add(tag)
    if not made:
        detail = "There is no language in which this alert may be sent."
        remedy = "Have a translation reviewed, or confirm a draft by name in SUREFOOT_CONFIRMED_LANGUAGES."
        raise Refused(Kind.CONFLICT, Reason.NO_LANGUAGE, detail, remedy=remedy)
    return tuple(made), frozenset(drafts)


def _holes(house: House, alert: Alert, tag: str) -> dict[str, Any]:
    settings = house.get(Settings)
    catalogues = house.get(Catalogues)
    return {
        "authority": settings.authority or catalogues.render(AUTHORITY, tag),
        "place": alert.draft.place_names.get(tag) or alert.draft.place or _units_named(house, alert.draft, tag),
        "date": told_at(house, alert),
        "number": settings.emergency_number,
    }


def told_at(house: House, alert: Alert) -> datetime:
    """Return the moment that a message tells: that of its writing, the one which both people saw in the preview."""
    return alert.created_at.astimezone(house.get(Settings).zone)


def _units_named(house: House, draft: Draft, tag: str) -> str:
    """Return the names that the register has for the units. Refused where they would be too many, or too small."""
    units = areas.units_of(house.get(PlaceIndex).gazetteer, draft)
    if len(units) > MOST_UNITS_NAMED:
        raise _unnamed(f"More than {MOST_UNITS_NAMED} units make no name.")
    if draft.template == "accident_near" and any(unit.level > DISTRICT for unit in units):
        raise _unnamed("An accident is not narrowed to less than a district.")
    return format_list([shown(unit, tag).text for unit in units], locale=tag.replace("-", "_"))


def _unnamed(detail: str) -> Refused:
    return Refused(Kind.INVALID, Reason.PLACE_UNNAMED, detail, where="place", remedy="Write what people there call it.")


def size_of(house: House, alert: Alert, text: Text, area: Area) -> int:
    """Return the bytes of the push that would carry this text; Refused if a push, or one to topics, cannot."""
    now = house.clock.now()
    trial = Bulletin(
        alert_id=alert.id,
        lineage=alert.lineage,
        revision=alert.revision,
        message=alert.message,
        severity=alert.draft.severity,
        exercise=alert.draft.exercise,
        zone_id=alert.draft.zone_id,
        reach_m=alert.draft.reach_m,
        issued_at=now,
        expires_at=now + house.get(Settings).alert_life,
        cells=area.told,
    )
    size = payload.measure(payload.encode(trial, text, now=now, batch=1, signature=bytes(64)))
    if house.get(Settings).topics:
        topics.demand_room(trial, text, now=now)
    return size


def _hash(draft: Draft, area: Area, made: Sequence[Text]) -> bytes:
    """Return what an approver must find unchanged: the words, whom they are for, and the exercise flag."""
    about = [str(draft.zone_id), list(draft.units), draft.reach_m, sorted(area.rings.items())]
    minutes = draft.escalate and draft.escalate.total_seconds() / 60
    frame = [about, draft.template, int(draft.severity), draft.exercise, draft.repeat, minutes]
    return hashlib.sha256(as_told(frame, made) + shapely.to_wkb(area.outline)).digest()


def as_told(frame: Sequence[Any], made: Sequence[Text]) -> bytes:
    """Return the words and what frames them as bytes to hash: other bytes for anything else."""
    said = [[text.language, text.direction, text.title, text.body, text.sms] for text in made]
    return json.dumps([frame, said], ensure_ascii=False, separators=(",", ":")).encode()


def as_json(made: Sequence[Text], drafts: frozenset[str]) -> list[dict[str, Any]]:
    """Return texts as they are frozen in a snapshot."""
    return [
        {
            "language": text.language,
            "direction": text.direction,
            "title": text.title,
            "body": text.body,
            "sms": text.sms,
            "draft": text.language in drafts,
        }
        for text in made
    ]


def from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[tuple[Text, ...], frozenset[str]]:
    """Undo `as_json`; what was kept before there were texts for SMS has none."""
    made = [Text(one["language"], one["direction"], one["title"], one["body"], one.get("sms", "")) for one in kept]
    return tuple(made), frozenset(one["language"] for one in kept if one["draft"])
