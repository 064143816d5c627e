"""The JSON of alerts: what authors send, what operators see, what phones pull."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import h3
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from shapely.geometry import mapping

from service.alerts.counting import Counts
from service.alerts.model import UNVERIFIED_RESOLUTION, Alert, Event, LiveAlert, Phase
from service.alerts.texts import Wrong
from service.alerts.warned import Answer
from service.delivery.model import Message, Text
from service.delivery.topics import TopicTally
from service.i18n.schemas import NoteOut
from service.kit.geo import cell_text


class Why(BaseModel):
    """What should change, or why it cannot be."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "the place is misspelt"}]})

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class WithdrawIn(Why):
    """Why an alert is taken back; `wrong` chooses the prepared correction that phones are told."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"wrong": "place", "reason": "the other bank of the river"}]}
    )

    wrong: Wrong = Wrong.MISTAKE


class UnverifiedIn(BaseModel):
    """Sent by an app that registered nothing, once it showed an alert: nothing but a coarse cell says where."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"alert": "01936f3e-8f2a-7bbb-8000-1c0ffee00002", "revision": 1, "cell": "85754e67fffffff"}]
        },
    )

    alert: UUID
    revision: Annotated[int, Field(ge=1, lt=2**31)]
    cell: Annotated[str, Field(max_length=16, description="H3 cell of resolution 5 (about 250 km²), no finer")]

    @field_validator("cell")
    @classmethod
    def _coarse(cls, text: str) -> str:
        if not h3.is_valid_cell(text) or h3.get_resolution(text) != UNVERIFIED_RESOLUTION:
            raise ValueError(f"needs an H3 cell of resolution {UNVERIFIED_RESOLUTION}")
        return text

    def place(self) -> int:
        return int(h3.str_to_int(self.cell))


class EventOut(BaseModel):
    at: datetime
    act: str
    operator: str | None
    reason: str


class TopicsOut(BaseModel):
    """What goes to phones that registered nothing. Nobody knows how many follow a topic, and no figure claims to."""

    audience: Literal["unknown"] = "unknown"
    messages: Annotated[int | None, Field(description="messages to topics, not people; null before approval")] = None
    accepted: int | None = None
    waiting: int | None = None
    beyond_area: Annotated[
        float | None, Field(description="ground of the topics beyond the area, as a share of the area's")
    ] = None

    @classmethod
    def of(cls, tally: TopicTally) -> "TopicsOut":
        beyond = round(tally.excess, 2)
        return cls(messages=tally.planned, accepted=tally.accepted, waiting=tally.waiting, beyond_area=beyond)


class AlertOut(BaseModel):
    """An alert as operators see it. `counts` is null until it is approved, and for areas of fewer than 3 cells."""

    id: UUID
    lineage: Annotated[UUID, Field(description="the id of the first message about this danger; phones know it by this")]
    revision: int
    message: Annotated[Message, Field(description="what it is to those who heard an earlier message of its lineage")]
    follows: Annotated[UUID | None, Field(description="the message whose place it takes")]
    release: Annotated[UUID | None, Field(description="of an end: the latest release record that covers the zone")]
    state: str
    exercise: bool
    severity: str
    template: str
    zone_id: UUID | None
    area: Annotated[dict[str, Any] | None, Field(description="GeoJSON, where the author drew it")]
    units: Annotated[list[str], Field(description="ids of places")]
    reach_m: int
    place: Annotated[str, Field(description="empty: the names that the register has for the units")]
    place_names: dict[str, str]
    repeat: str
    escalate_after_minutes: Annotated[
        int | None, Field(description="without a receipt for so long it goes on by text; null: never")
    ]
    code: Annotated[int, Field(description="stands behind the date in each of its texts; the same for a lineage")]
    author: UUID
    submitter: UUID | None
    approver: UUID | None
    created_at: datetime
    approved_at: datetime | None
    expires_at: datetime | None
    events: list[EventOut] = []
    counts: Counts | None = None
    topics: TopicsOut | None = None

    @classmethod
    def of(
        cls,
        alert: Alert,
        *,
        events: Sequence[Event] = (),
        counts: Counts | None = None,
        topics: TopicTally | None = None,
    ) -> "AlertOut":
        draft = alert.draft
        return cls(
            id=alert.id,
            lineage=alert.lineage,
            revision=alert.revision,
            message=alert.message,
            follows=alert.follows,
            release=alert.release_id,
            state=alert.state.value,
            exercise=draft.exercise,
            severity=draft.severity.name.lower(),
            template=draft.template,
            zone_id=draft.zone_id,
            area=None if draft.drawn is None else dict(mapping(draft.drawn)),
            units=list(draft.units),
            reach_m=draft.reach_m,
            place=draft.place,
            place_names=dict(draft.place_names),
            repeat=draft.repeat,
            escalate_after_minutes=None if draft.escalate is None else draft.escalate // timedelta(minutes=1),
            code=alert.code,
            author=alert.author_id,
            submitter=alert.submitter_id,
            approver=alert.approver_id,
            created_at=alert.created_at,
            approved_at=alert.approved_at,
            expires_at=alert.expires_at,
            events=[EventOut(at=one.at, act=one.act, operator=one.operator, reason=one.reason) for one in events],
            counts=counts,
            topics=TopicsOut.of(topics) if topics else None,
        )


class SmsOut(BaseModel):
    """A text as it goes out by SMS."""

    text: str
    encoding: Annotated[str, Field(examples=["GSM-7", "UCS-2"])]
    units: int
    segments: int


class TextOut(BaseModel):
    language: str
    direction: str
    title: str
    body: str
    bytes: int
    limit: int
    sms: Annotated[
        SmsOut | None, Field(description="null: no SMS may be sent in this language, and another's goes out")
    ] = None
    draft: Annotated[bool, Field(description="no reviewer stands behind it; it is sent because the settings say so")]


class WarnedOut(BaseModel):
    """What one message was to one registration; `alert` and `revision` are what phones know it by."""

    alert: UUID
    revision: int
    message: str
    severity: str
    exercise: bool
    issued_at: datetime | None
    warned: Annotated[bool, Field(description="received by its own word, or accepted by a channel")]
    reason: Annotated[str, Field(description="how it was warned, or why not: see docs/warned.md")]
    channel: str | None
    at: datetime | None

    @classmethod
    def of(cls, one: Answer) -> "WarnedOut":
        return cls(
            alert=one.alert.lineage,
            revision=one.alert.revision,
            message=one.alert.message.value,
            severity=one.alert.draft.severity.name.lower(),
            exercise=one.alert.draft.exercise,
            issued_at=one.alert.approved_at,
            warned=one.warned,
            reason=one.reason,
            channel=one.channel,
            at=one.at,
        )


class LiveText(BaseModel):
    direction: str
    title: str
    body: str
    draft: bool


class LiveOut(BaseModel):
    """One alert as phones pull it, by its latest message: the same words that were pushed."""

    alert_id: Annotated[UUID, Field(description="the same for all messages of a lineage, as in a push")]
    revision: int
    message: Message
    replaces: Annotated[int | None, Field(description="the revision whose place it took")]
    state: Annotated[
        Phase,
        Field(
            description="withdrawn carries the correction; ended tells of the release record; out_of_date was not "
            "renewed in time"
        ),
    ]
    severity: str
    exercise: bool
    zone_id: Annotated[UUID | None, Field(description="null: it is about no zone; judge by the cells")]
    reach_m: Annotated[int | None, Field(description="how far from the zone's outline people are warned")]
    cells: Annotated[list[str], Field(description="H3 cells of several resolutions; they hold the whole area")]
    issued_at: datetime
    expires_at: datetime
    texts: dict[str, LiveText]

    @classmethod
    def of(cls, live: LiveAlert) -> "LiveOut":
        told = live.bulletin
        return cls(
            alert_id=told.lineage,
            revision=told.revision,
            message=told.message,
            replaces=live.replaces,
            state=live.phase,
            severity=told.severity.name.lower(),
            exercise=told.exercise,
            zone_id=told.zone_id,
            reach_m=None if told.zone_id is None else told.reach_m,
            cells=[cell_text(cell) for cell in told.cells],
            issued_at=told.issued_at,
            expires_at=told.expires_at,
            texts={text.language: _live_text(text, draft=text.language in live.drafts) for text in live.texts},
        )


def _live_text(text: Text, *, draft: bool) -> LiveText:
    return LiveText(direction=text.direction, title=text.title, body=text.body, draft=draft)


class Caveat(BaseModel):
    language: str
    direction: str
    text: str


class LivesOut(BaseModel):
    """Never empty: with no alert on record the caveat says what that does not mean."""

    data_as_of: datetime
    alerts: list[LiveOut]
    caveat: Caveat
    notes: list[NoteOut] = Field(description="said where another language is shown than was asked for")
