"""What operators see of zones in JSON: whole records, proposals, histories, coverage areas."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, assert_never
from uuid import UUID

from pydantic import BaseModel, Field
from shapely.geometry import mapping

from service.kit.geo import Area
from service.zones.model import (
    Basis,
    Departure,
    Evidence,
    Hazard,
    HazardClass,
    Lying,
    Marking,
    Method,
    Publication,
    ReleaseKind,
    State,
    Zone,
)
from service.zones.records import (
    Act,
    Annulling,
    Descent,
    Downgrading,
    Effect,
    History,
    Proposal,
    Publishing,
    Release,
    Releasing,
    Revision,
    Terms,
)

CAVEAT = "Other dangerous areas may exist, also where none is on record."


def geometry(area: Area) -> dict[str, Any]:
    """Return an area as GeoJSON."""
    return dict(mapping(area))


def maybe(area: Area | None) -> dict[str, Any] | None:
    return None if area is None else geometry(area)


class EvidenceOut(BaseModel):
    basis: Basis
    direct: bool | None
    place: str
    dated: date | None

    @classmethod
    def of(cls, one: Evidence) -> "EvidenceOut":
        return cls(basis=one.basis, direct=one.direct, place=one.place, dated=one.dated)


class RecordOut(BaseModel):
    """The whole record of a zone, for operators."""

    id: UUID
    revision: int
    state: State
    exercise: bool
    authority: str
    external_id: str
    feed: str
    hazard_class: HazardClass = Field(serialization_alias="class")
    claim: str = Field(description="what the source calls the end of this area; a claim, never an effect")
    hazards: list[Hazard]
    lying: Lying
    evidence: list[EvidenceOut]
    deactivating: bool | None = Field(description="said to switch themselves off; a claim, never an effect")
    deactivates_by: date | None
    marking: Marking
    reported_on: date | None
    surveyed_on: date | None
    benchmark: tuple[float, float] | None
    beneficiaries: int | None
    name: str
    source: str
    data_as_of: date
    accuracy_m: float
    publication: Publication
    stale: bool
    official: dict[str, Any]
    released: dict[str, Any] | None = Field(description="the part of it that release records in force cover")
    public: dict[str, Any] | None
    departure: Departure | None = Field(description="why phones no longer hold it")
    departed_at: datetime | None
    given: dict[str, Any] | None = Field(description="the geometry as the source gave it, where it had to be mended")
    attributes: dict[str, Any]
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, zone: Zone) -> "RecordOut":
        said = zone.particulars
        shaped: dict[str, Any] = {
            "hazards": sorted(said.hazards),
            "evidence": [EvidenceOut.of(one) for one in said.evidence],
            "official": geometry(zone.official),
            "released": maybe(zone.released),
            "public": maybe(zone.public),
            "given": None if zone.given is None else dict(zone.given),
            "attributes": dict(zone.attributes),
        }
        plain = {
            name: getattr(zone if hasattr(zone, name) else said, name) for name in cls.model_fields.keys() - shaped
        }
        return cls(**plain, **shaped)


class EffectOut(BaseModel):
    """What an act makes, or would make, of one zone; `remains_m2` is the ground that stays dangerous."""

    zone_id: UUID
    external_id: str
    state: State
    remains_m2: float

    @classmethod
    def of(cls, one: Effect) -> "EffectOut":
        zone = one.zone
        remains = round(one.remains_m2, 1)
        return cls(zone_id=zone.id, external_id=zone.external_id, state=zone.state, remains_m2=remains)


class ProposalOut(BaseModel):
    """What waits for a second person, or how it was decided; `effects` says what becomes of each zone."""

    id: UUID
    act: Act
    zones: list[UUID]
    revisions: list[int]
    terms: dict[str, Any]
    why: str
    asked_by: UUID
    asked_at: datetime
    approved: bool | None = Field(description="null while it waits")
    decided_by: UUID | None
    decided_at: datetime | None
    decided_why: str
    effects: list[EffectOut]
    caveat: str

    @classmethod
    def of(cls, one: Proposal, effects: Sequence[Effect] = ()) -> "ProposalOut":
        same = cls.model_fields.keys() - {"zones", "revisions", "terms", "effects", "caveat"}
        return cls(
            **{name: getattr(one, name) for name in same},
            zones=list(one.zone_ids),
            revisions=list(one.revisions),
            terms=_terms(one.terms),
            effects=[EffectOut.of(each) for each in effects],
            caveat=CAVEAT,
        )


def _terms(terms: Terms) -> dict[str, Any]:
    match terms:
        case Releasing():
            plain = ("kind", "authority", "dated", "depth_cm", "devices_found", "remarks", "external_id")
            outline = {"outline": maybe(terms.outline), "whole": terms.outline is None}
            return {**{name: getattr(terms, name) for name in plain}, **outline}
        case Annulling():
            return {"evidence": terms.evidence}
        case Downgrading():
            return {}
        case Publishing():
            return {"publication": terms.publication}
        case _:
            assert_never(terms)


class ReclassifiedOut(BaseModel):
    """The zone under its new class, or the proposal that waits for a second person."""

    zone: RecordOut | None = None
    proposal: ProposalOut | None = None


class RevisionOut(BaseModel):
    """One change of a zone."""

    revision: int
    at: datetime
    operator: str | None
    why: str
    changed: list[str]

    @classmethod
    def of(cls, one: Revision) -> "RevisionOut":
        return cls(revision=one.number, at=one.at, operator=one.operator, why=one.why, changed=list(one.changed))


class ReleaseOut(BaseModel):
    """A release record; one that was revoked or overruled by a survey covers nothing of the zone any more."""

    id: UUID
    kind: ReleaseKind
    method: Method
    authority: str
    external_id: str
    dated: date
    depth_cm: int | None
    devices_found: int | None
    remarks: str
    outline: dict[str, Any]
    at: datetime
    in_force: bool
    superseded_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_why: str | None

    @classmethod
    def of(cls, one: Release, zone_id: UUID, names: Mapping[UUID, str]) -> "ReleaseOut":
        told = {"outline", "in_force", "superseded_at", "revoked_by"}
        overruled = {each.zone_id: each.superseded_at for each in one.taken}
        return cls(
            **{name: getattr(one, name) for name in cls.model_fields.keys() - told},
            outline=geometry(one.outline),
            in_force=one.stands_at(zone_id),
            superseded_at=overruled.get(zone_id),
            revoked_by=None if one.revoked_by is None else names.get(one.revoked_by),
        )


class DescentOut(BaseModel):
    """One zone came of another."""

    parent: UUID
    child: UUID
    act: str
    at: datetime

    @classmethod
    def of(cls, one: Descent) -> "DescentOut":
        return cls(parent=one.parent_id, child=one.child_id, act=one.act, at=one.at)


class HistoryOut(BaseModel):
    """All that is on record of a zone's life, each list the oldest first."""

    zone_id: UUID
    state: State
    revisions: list[RevisionOut]
    releases: list[ReleaseOut]
    proposals: list[ProposalOut]
    lineage: list[DescentOut]

    @classmethod
    def of(cls, told: History) -> "HistoryOut":
        zone = told.zone
        return cls(
            zone_id=zone.id,
            state=zone.state,
            revisions=[RevisionOut.of(one) for one in told.revisions],
            releases=[ReleaseOut.of(one, zone.id, told.names) for one in told.releases],
            proposals=[ProposalOut.of(one) for one in told.proposals],
            lineage=[DescentOut.of(one) for one in told.lineage],
        )


class StaleOut(BaseModel):
    """The zones that were marked now; all else of them is as it was."""

    marked: list[UUID]
