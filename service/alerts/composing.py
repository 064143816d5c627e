"""What an alert would say and whom it would reach: texts in every language that may be sent, cells ring by ring."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from service.alerts.model import AUDIENCE_RESOLUTION, LOOK_UP_RESOLUTIONS, Alert, Area, Content, Draft, Reason
from service.alerts.texts import AUTHORITY, TEMPLATES, Template
from service.config import Settings
from service.delivery import payload, topics
from service.delivery.model import Bulletin, Text
from service.i18n.catalogues import Catalogues
from service.kit import geo
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.zones import actions as zones
from service.zones.model import WarnableZone


async def content(tx: Tx, house: House, alert: Alert) -> Content:
    """Compose the alert as it stands now.

    Raises Refused `no-language-to-send`, or payload's refusals when a text does not fit a push.
    """
    zone = await zones.to_warn_about(tx, alert.draft.zone_id)
    template = TEMPLATES[alert.draft.template]
    made, drafts = texts(house, alert, template)
    for text in made:
        size_of(house, alert, text)
        messages, holes = template.texts(exercise=alert.draft.exercise), _holes(house, alert, text.language)
        # A claim can come in by a hole: a place's name typed as a whole sentence.
        house.get(Catalogues).refuse_claims(messages, text.language, **holes)
    found = area(zone, alert.draft.reach_m)
    return Content(found, made, drafts, _hash(alert.draft, zone, made))


def area(zone: WarnableZone, reach_m: int) -> Area:
    """Return the cells of everybody within `reach_m` metres of a zone's public outline, rings and look-up covers."""
    reached = geo.buffer_metres(zone.public, reach_m)
    inner = geo.cover(zone.public, AUDIENCE_RESOLUTION)
    covers = {resolution: geo.cover(reached, resolution) for resolution in LOOK_UP_RESOLUTIONS}
    rings = geo.rings(inner, covers[AUDIENCE_RESOLUTION] | inner)
    return Area(rings, frozenset().union(*covers.values()))


def texts(house: House, alert: Alert, template: Template) -> tuple[tuple[Text, ...], frozenset[str]]:
    """Render title and body in every language that may be sent; also which of these are unreviewed drafts."""
    catalogues = house.get(Catalogues)
    messages = template.texts(exercise=alert.draft.exercise)
    tags = catalogues.sendable((*messages, AUTHORITY))
    made, drafts = [], set()
    for tag in tags:
        holes = _holes(house, alert, tag)
        rendered = catalogues.render_together(messages, tag, **holes)
        title, body = rendered.texts
        made.append(Text(tag, rendered.direction, title, body))
        if rendered.draft:
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
        "place": alert.draft.place_names.get(tag, alert.draft.place),
        # The moment of writing: the one that both people saw in the preview.
        "date": alert.created_at.astimezone(settings.zone),
        "number": settings.emergency_number,
    }


def size_of(house: House, alert: Alert, text: Text) -> int:
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
    )
    size = payload.measure(payload.encode(trial, text, now=now, batch=1, signature=bytes(64)))
    if house.get(Settings).topics:
        topics.body(trial, text, now=now, signature=bytes(64))
    return size


def _hash(draft: Draft, zone: WarnableZone, made: Sequence[Text]) -> bytes:
    """Return what an approver must find unchanged: the words, the outline, the reach and the exercise flag."""
    said = [[text.language, text.direction, text.title, text.body] for text in made]
    frame = [str(draft.zone_id), draft.template, int(draft.severity), draft.exercise, draft.reach_m]
    told = json.dumps([frame, said], ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(told + zone.public.wkb).digest()


def as_json(made: Sequence[Text], drafts: frozenset[str]) -> list[dict[str, Any]]:
    """Return texts as they are frozen in a snapshot."""
    return [
        {
            "language": text.language,
            "direction": text.direction,
            "title": text.title,
            "body": text.body,
            "draft": text.language in drafts,
        }
        for text in made
    ]


def from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[tuple[Text, ...], frozenset[str]]:
    """Undo `as_json`."""
    made = tuple(Text(one["language"], one["direction"], one["title"], one["body"]) for one in kept)
    return made, frozenset(one["language"] for one in kept if one["draft"])
