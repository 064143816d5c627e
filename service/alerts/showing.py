"""What operators and phones are shown of an alert; counts of people leave the house only blurred (R26)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import h3
from shapely.geometry import mapping

from service.alerts import actions, charging, composing, following, planning, progress, reach
from service.alerts.counting import may_be_counted
from service.alerts.model import LOOK_UP_RESOLUTIONS, Alert, Content, Reason
from service.alerts.previewing import PreviewOut
from service.alerts.schemas import AlertOut, Caveat, LiveOut, LivesOut, SmsOut, TextOut, TopicsOut
from service.alerts.telling import CorrectionOut
from service.alerts.texts import STANDING_CAVEAT, Wrong
from service.config import Settings
from service.delivery import payload, posting, queueing
from service.i18n.catalogues import Catalogues
from service.i18n.lengths import measure
from service.i18n.model import Asked
from service.i18n.schemas import notes_out
from service.kit import geo
from service.kit.counts import blur
from service.kit.db import Tx
from service.kit.errors import Fault, Kind, Refused
from service.kit.house import House
from service.operators.actions import record
from service.operators.model import Operator
from service.places import actions as places


async def alert(tx: Tx, alert_id: UUID, *, now: datetime) -> AlertOut:
    """Return an alert with its events and, once it is approved, its counts, which stand still for 10 s (R26)."""
    found = await actions.get(tx, alert_id)
    shown = await progress.look(tx, found, now=now)
    events, told = await actions.events(tx, alert_id), await posting.tally(tx, alert_id, found.revision)
    return AlertOut.of(found, events=events, counts=shown.counts if shown else None, topics=told)


async def preview(tx: Tx, house: House, operator: Operator, alert_id: UUID) -> PreviewOut:
    """Return texts, sizes and audience; each look at an audience is audited (R26)."""
    found, content = await actions.preview(tx, house, alert_id)
    area = content.area
    counted = may_be_counted(area.cells)
    people = await planning.count(tx, area, exercise=found.draft.exercise, now=house.clock.now())
    detail = {"cells": area.cells}
    await record(tx, operator, "alerts.preview", str(alert_id), detail, now=house.clock.now())
    return PreviewOut(
        alert=AlertOut.of(found),
        audience=blur(people) if counted else None,
        topics=TopicsOut() if house.get(Settings).topics else None,
        cells=area.cells,
        places=area.places,
        rings=area.last_ring + 1,
        area_km2=round(geo.square_metres(area.outline) / 1e6, 1),
        area=dict(mapping(area.outline)),
        told=[geo.cell_text(cell) for cell in area.told],
        texts=_texts(house, found, content),
        sms=await charging.foresee(tx, house, found, content) if counted else None,
        notes=_notes(house, found),
    )


def _notes(house: House, alert: Alert) -> list[str]:
    settings = house.get(Settings)
    notes = []
    if reach.asks_who_was_warned(alert.message, alert.draft.repeat):
        notes.append(
            "Who was warned of the same thing at least as urgently is passed over; say why in `repeat`, if not."
        )
    budget = reach.budget(settings.messages_a_day, settings.messages_a_week, alert.draft.severity, alert.message)
    if budget is not None:
        said = f"Who had {budget.a_day} messages in a day or {budget.a_week} in a week gets this one later"
        notes.append(f"{said}, after a day at the latest: it is neither severe nor extreme.")
    return notes


def _texts(house: House, alert: Alert, content: Content) -> list[TextOut]:
    return [
        TextOut(
            language=text.language,
            direction=text.direction,
            title=text.title,
            body=text.body,
            bytes=composing.size_of(house, alert, text, content.area),
            limit=payload.LIMIT,
            sms=_sms(text.sms),
            draft=text.language in content.drafts,
        )
        for text in content.texts
    ]


def _sms(text: str) -> SmsOut | None:
    if not text:
        return None
    found = measure(text)
    return SmsOut(text=text, encoding=found.encoding, units=found.units, segments=found.segments)


async def correction(tx: Tx, house: House, operator: Operator, alert_id: UUID, *, wrong: Wrong) -> CorrectionOut:
    """Return a correction as it would go out, and to how many; the look is audited (R26)."""
    prepared = await following.correction(tx, house, operator, alert_id, wrong=wrong)
    people = await queueing.reached_so_far(tx, prepared.of.bulletin())
    counted = may_be_counted(prepared.content.area.cells)
    detail = {"wrong": wrong.value, "content": prepared.content.hash.hex()}
    await record(tx, operator, "alerts.prepare-correction", str(alert_id), detail, now=house.clock.now())
    texts = _texts(house, prepared.of, prepared.content)
    return CorrectionOut.of_prepared(prepared, texts=texts, audience=blur(people) if counted else None)


async def lives(tx: Tx, house: House, cells: Sequence[int], asked: Asked, *, exercise: bool) -> LivesOut:
    """Return what was told about these cells, with the caveat that stands even when that is nothing."""
    now = house.clock.now()
    told = await actions.live(tx, cells, exercise=exercise, now=now)
    catalogues = house.get(Catalogues)
    caveat = catalogues.render_together((STANDING_CAVEAT,), asked.language.tag)
    return LivesOut(
        data_as_of=now,
        alerts=[LiveOut.of(one) for one in told],
        caveat=Caveat(language=caveat.language, direction=caveat.direction, text=caveat.texts[0]),
        notes=notes_out(catalogues, asked.wishes, caveat.language),
    )


async def read_cells(tx: Tx, texts: Sequence[str], units: Sequence[UUID]) -> list[int]:
    """Return cells as numbers, places as negative ones; Refused names each that is no H3 cell of resolution 4 to 7."""
    if not texts and not units:
        remedy = "Send `cell`, `place`, or both."
        raise Refused(Kind.INVALID, Reason.CELL_UNFIT, "Neither cell nor place is named.", where="cell", remedy=remedy)
    wanted = f"{LOOK_UP_RESOLUTIONS[0]} to {LOOK_UP_RESOLUTIONS[-1]}"
    faults = [
        Fault(f"cell[{index}]", "This is not a cell that can be looked up.", f"Send H3 cells of resolution {wanted}.")
        for index, text in enumerate(texts)
        if not h3.is_valid_cell(text) or h3.get_resolution(text) not in LOOK_UP_RESOLUTIONS
    ]
    if faults:
        raise Refused(Kind.INVALID, Reason.CELL_UNFIT, faults[0].detail, where=faults[0].where, faults=faults)
    numbers = await places.numbers(tx, units) if units else {}
    return [*(h3.str_to_int(text) for text in texts), *(-number for number in numbers.values())]
