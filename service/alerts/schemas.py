"""The JSON of alerts: what authors send, what operators see, what phones pull."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from service.alerts.model import (
    FEWEST_CELLS_COUNTED,
    LEAST_REACH_M,
    MOST_REACH_M,
    Alert,
    Draft,
    Event,
    LiveAlert,
    Phase,
)
from service.alerts.texts import Wrong
from service.delivery.model import Severity, Tally, Text
from service.delivery.topics import TopicTally
from service.kit.counts import blur

People: TypeAlias = int | str
SeverityName = Literal["minor", "moderate", "severe", "extreme"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]

_EXAMPLE: dict[str, JsonValue] = {
    "zone_id": "01936f3e-8f2a-7bbb-8000-1c0ffee00003",
    "template": "hazard_near",
    "severity": "severe",
    "exercise": True,
    "reach_m": 5000,
    "place": "Port Halcyon",
    "place_names": {"uk": "Порт-Гальсіон"},
}


class DraftIn(BaseModel):
    """What an author decides about a warning."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    zone_id: UUID
    template: Annotated[str, Field(max_length=40)]
    severity: SeverityName
    exercise: Annotated[bool, Field(description="fixed for ever; an exercise reaches enrolled testers only")]
    reach_m: Annotated[int, Field(ge=LEAST_REACH_M, le=MOST_REACH_M)] = 5000
    place: Annotated[Name, Field(description="as people there call it; a district or larger for an accident")]
    place_names: Annotated[dict[str, Name], Field(max_length=40, description="by language, where it differs")] = {}

    def draft(self) -> Draft:
        return Draft(
            zone_id=self.zone_id,
            template=self.template,
            severity=Severity[self.severity.upper()],
            exercise=self.exercise,
            reach_m=self.reach_m,
            place=self.place,
            place_names=self.place_names,
        )


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


class EventOut(BaseModel):
    at: datetime
    act: str
    operator: str | None
    reason: str


class RingCount(BaseModel):
    ring: int
    planned: People
    accepted: People
    received: People


class LanguageCount(BaseModel):
    language: str
    planned: People
    accepted: People
    received: People


class Counts(BaseModel):
    """Counts of people, rounded to 10 and "<20" below that, each in one dimension only."""

    planned: People
    accepted: People
    received: People
    dead: People
    waiting: People
    by_ring: list[RingCount]
    by_language: list[LanguageCount]

    @classmethod
    def of(cls, tallies: Sequence[Tally]) -> "Counts":
        rings, languages = defaultdict(list), defaultdict(list)
        for tally in tallies:
            rings[tally.ring].append(tally)
            languages[tally.language].append(tally)
        return cls(
            **_three(tallies),
            dead=blur(sum(tally.dead for tally in tallies)),
            waiting=blur(sum(tally.waiting for tally in tallies)),
            by_ring=[RingCount(ring=ring, **_three(part)) for ring, part in sorted(rings.items())],
            by_language=[LanguageCount(language=tag, **_three(part)) for tag, part in sorted(languages.items())],
        )


def _three(tallies: Iterable[Tally]) -> dict[str, People]:
    part = list(tallies)
    return {
        "planned": blur(sum(tally.planned for tally in part)),
        "accepted": blur(sum(tally.accepted for tally in part)),
        "received": blur(sum(tally.received for tally in part)),
    }


class TopicsOut(BaseModel):
    """What goes to phones that registered nothing. Nobody knows how many follow a topic, and no figure claims to."""

    audience: Literal["unknown"] = "unknown"
    messages: Annotated[int | None, Field(description="messages to topics, not people; null before approval")] = None
    accepted: int | None = None
    waiting: int | None = None
    beyond_area: Annotated[
        float | None,
        Field(description="ground of the topics beyond the area, as a share of the area's"),
    ] = None

    @classmethod
    def of(cls, tally: TopicTally) -> "TopicsOut":
        beyond = round(tally.excess, 2)
        return cls(messages=tally.planned, accepted=tally.accepted, waiting=tally.waiting, beyond_area=beyond)


class AlertOut(BaseModel):
    """An alert as operators see it. `counts` is null until it is approved, and for areas of fewer than 3 cells."""

    id: UUID
    revision: int
    state: str
    exercise: bool
    severity: str
    template: str
    zone_id: UUID
    reach_m: int
    place: str
    place_names: dict[str, str]
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
            revision=alert.revision,
            state=alert.state.value,
            exercise=draft.exercise,
            severity=draft.severity.name.lower(),
            template=draft.template,
            zone_id=draft.zone_id,
            reach_m=draft.reach_m,
            place=draft.place,
            place_names=dict(draft.place_names),
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


class TextOut(BaseModel):
    language: str
    direction: str
    title: str
    body: str
    bytes: int
    limit: int
    draft: Annotated[bool, Field(description="no reviewer stands behind it; it is sent because the settings say so")]


class PreviewOut(BaseModel):
    """What would go out. `audience` is null for fewer than 3 cells (R26)."""

    alert: AlertOut
    audience: People | None
    topics: Annotated[TopicsOut | None, Field(description="null where this deployment uses no topics")]
    cells: int
    rings: int
    texts: list[TextOut]


class LiveText(BaseModel):
    direction: str
    title: str
    body: str
    draft: bool


class LiveOut(BaseModel):
    """One alert as phones pull it: the same words that were pushed."""

    alert_id: UUID
    revision: int
    state: Annotated[Phase, Field(description="withdrawn carries the correction; out_of_date was not renewed in time")]
    severity: str
    exercise: bool
    zone_id: UUID
    reach_m: int
    issued_at: datetime
    expires_at: datetime
    texts: dict[str, LiveText]

    @classmethod
    def of(cls, live: LiveAlert) -> "LiveOut":
        told = live.bulletin
        return cls(
            alert_id=told.alert_id,
            revision=told.revision,
            state=live.phase,
            severity=told.severity.name.lower(),
            exercise=told.exercise,
            zone_id=told.zone_id,
            reach_m=told.reach_m,
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


def may_be_counted(cells: int) -> bool:
    """R26: nobody is counted in fewer than 3 cells."""
    return cells >= FEWEST_CELLS_COUNTED
