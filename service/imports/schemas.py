"""What operators send and see of imports in JSON."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.imports import rules
from service.imports.model import Declared, Finding, Quarantined, Report
from service.imports.reasons import Doubt, Note
from service.imports.records import Decision, Kept, Stage, State, Verdict, Waiting
from service.zones.model import HazardClass, Publication, ReleaseKind

MOST_LISTED = 1_000
_BUFFER = "buffer:"


class ImportIn(BaseModel):
    """What an operator states about a file."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True)

    authority: Annotated[str, Field(description="whose data this is")]
    dated: Annotated[date, Field(description="the day the data is of")]
    feed: Annotated[str, Field(description="which list of the authority this is")] = ""
    exercise: bool = False
    dry_run: bool = False
    partial: Annotated[bool, Field(description="the file is a part of the list: what it lacks is not missing")] = False
    accuracy_m: Annotated[float | None, Field(description="the survey's error; unset, the deployment's setting")] = None
    hazard_class: Annotated[HazardClass | None, Field(alias="class", description="of rows that name none")] = None
    publication: Publication = Publication.OUTLINE
    id_property: Annotated[str | None, Field(max_length=100)] = None
    points: Annotated[
        str,
        Field(pattern=r"^(quarantine|buffer:\d{1,4}(\.\d+)?)$", description="what becomes of points: buffer:METRES"),
    ] = "quarantine"

    @property
    def source(self) -> tuple[str, str]:
        return " ".join(self.authority.split()), " ".join(self.feed.split())

    def declared(self, *, usual_error_m: float) -> Declared:
        """Return what was stated, the deployment's usual survey error where no accuracy was."""
        stated = self.model_dump(include=set(Declared.__slots__), exclude_none=True)
        buffer = float(self.points.removeprefix(_BUFFER)) if self.points.startswith(_BUFFER) else None
        return Declared(**{"accuracy_m": usual_error_m, **stated}, complete=not self.partial, buffer_m=buffer)


class UploadIn(ImportIn):
    """What an operator states about a file that is uploaded."""

    name: Annotated[str, Field(max_length=200, description="the file's own name: a hint to its format")] = ""
    url: Annotated[
        str | None, Field(max_length=2_000, pattern=r"^https?://", description="a FeatureServer's layer, not a body")
    ] = None
    wait: Annotated[bool, Field(description="answer when the import has ended")] = False


class QuarantinedOut(BaseModel):
    row: int
    external_id: str | None
    reason: Doubt
    detail: str
    remedy: str

    @classmethod
    def of(cls, one: Quarantined | Waiting) -> "QuarantinedOut":
        return cls(row=one.row, external_id=one.external_id, reason=one.reason, detail=one.detail, remedy=one.remedy)


class FindingOut(BaseModel):
    row: int
    external_id: str
    note: Note
    detail: str

    @classmethod
    def of(cls, one: Finding) -> "FindingOut":
        return cls(row=one.row, external_id=one.external_id, note=one.note, detail=one.detail)


class TroubleOut(BaseModel):
    """Why an import failed, or the last try of one that is tried again; no zone was kept of it."""

    name: str
    detail: str
    where: str | None = None
    remedy: str | None = None


class RemarkOut(BaseModel):
    """What was noticed about the file as a whole."""

    code: str
    detail: str
    row: int | None = None


class CountsOut(BaseModel):
    """What an import does, row by row; missing are zones that the file does not hold."""

    new: int = 0
    changed: int = 0
    moved: int = 0
    reclassified: int = 0
    shrunk: int = 0
    split: int = 0
    missing: int = 0
    unchanged: int = 0
    in_doubt: int = 0
    confirmed: Annotated[int, Field(description="of the unchanged, those whose data is of a later day now")] = 0

    @classmethod
    def counted(cls, counts: Mapping[str, int]) -> dict[str, int]:
        told = {name.replace("-", "_"): number for name, number in counts.items()}
        return {name: told.get(name, 0) for name in cls.model_fields}


class ImportOut(CountsOut):
    """An import: how far it has come, what it did, or with dry_run would do. The lists hold at most 1,000 entries."""

    import_id: UUID
    state: State
    stage: Stage | None = None
    rows_done: int = 0
    rows_total: int | None = None
    bytes_done: Annotated[int, Field(description="how much of the file was read")] = 0
    bytes_total: int | None = None
    dry_run: bool
    authority: str
    feed: str
    dated: date
    exercise: bool
    origin: str = ""
    quarantined_total: int = 0
    findings_total: int = 0
    quarantined: list[QuarantinedOut] = []
    findings: list[FindingOut] = []
    remarks: list[RemarkOut] = []
    trouble: TroubleOut | None = None
    nothing_changed: bool = False

    @classmethod
    def of(cls, report: Report) -> "ImportOut":
        """Show an import that has just ended."""
        counts = rules.counts(report.plan)
        said = report.declared
        return cls(
            **CountsOut.counted(counts),
            import_id=report.import_id,
            state=State.PLANNED if report.dry_run else State.APPLIED,
            rows_done=report.rows,
            rows_total=report.rows,
            dry_run=report.dry_run,
            authority=said.authority,
            feed=said.feed,
            dated=said.dated,
            exercise=said.exercise,
            quarantined_total=len(report.plan.quarantined),
            findings_total=len(report.plan.findings),
            quarantined=[QuarantinedOut.of(one) for one in report.plan.quarantined[:MOST_LISTED]],
            findings=[FindingOut.of(one) for one in report.plan.findings[:MOST_LISTED]],
            remarks=[RemarkOut(code=one.code, detail=one.detail, row=one.row) for one in report.remarks],
            nothing_changed=_nothing(counts),
        )

    @classmethod
    def kept(cls, kept: Kept, waiting: Sequence[Waiting] = (), findings: Sequence[Finding] = ()) -> "ImportOut":
        """Show an import as it is on record; of what waits, what waits because of it."""
        return cls(
            **CountsOut.counted(kept.counts),
            import_id=kept.id,
            state=kept.state,
            stage=kept.stage,
            rows_done=kept.rows_done,
            rows_total=kept.rows_total,
            bytes_done=kept.bytes_done,
            bytes_total=kept.bytes_total,
            dry_run=kept.dry_run,
            authority=kept.authority,
            feed=kept.feed,
            dated=kept.dated,
            exercise=kept.exercise,
            origin=kept.origin,
            quarantined_total=kept.counts.get("quarantined", 0),
            findings_total=kept.counts.get("findings", 0),
            quarantined=[QuarantinedOut.of(one) for one in waiting],
            findings=[FindingOut.of(one) for one in findings],
            remarks=[RemarkOut(**one) for one in kept.remarks],
            trouble=None if kept.trouble is None else TroubleOut(**kept.trouble),
            nothing_changed=kept.state in {State.PLANNED, State.APPLIED} and _nothing(kept.counts),
        )


def _nothing(counts: Mapping[str, int]) -> bool:
    doing = ("new", "changed", "moved", "reclassified", "confirmed", "missing", "split", "shrunk")
    return not any(counts.get(name, 0) for name in doing)


class WaitingOut(BaseModel):
    """One entry of the quarantine; whoever imported it may not decide it."""

    id: int
    import_id: UUID
    row: int
    external_id: str | None
    zone_id: UUID | None
    reason: Doubt
    detail: str
    remedy: str
    record: dict[str, Any]
    authority: str
    exercise: bool
    dated: date
    imported_by: UUID
    imported_at: datetime
    decision: Decision | None
    decided_by: UUID | None
    decided_at: datetime | None
    decided_why: str

    @classmethod
    def of(cls, one: Waiting) -> "WaitingOut":
        named = {name: getattr(one, name) for name in cls.model_fields if name != "record"}
        return cls(**named, record=dict(one.record))


class QuarantineOut(BaseModel):
    """A page of the quarantine; `next` is the id after which the next page begins."""

    waiting: list[WaitingOut]
    next: int | None


class VerdictIn(BaseModel):
    """What a second person decides about entries of the quarantine, all of them or none.

    `released` needs the kind and day of the record, and its depth if the ground was cleared; its outline is the ground
    that the rows leave out, or the zone as a whole where it is missing or said to be closed.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"ids": [1, 2], "decision": "kept", "reason": "The survey never left there."}]},
    )

    ids: Annotated[list[int], Field(min_length=1, max_length=1_000)]
    decision: Annotated[Decision, Field(description="any but moot, which only a newer file makes")]
    reason: Annotated[str, Field(min_length=1, max_length=2_000)]
    release: ReleaseKind | None = None
    dated: date | None = None
    depth_cm: Annotated[int | None, Field(gt=0)] = None

    def verdict(self) -> Verdict:
        return Verdict(self.decision, self.reason, self.release, self.dated, self.depth_cm)


class DecidedOut(BaseModel):
    """What was decided, entry by entry."""

    decided: list[WaitingOut]


class MappingIn(BaseModel):
    """Which source's mapping is meant."""

    model_config = ConfigDict(extra="forbid")

    authority: Annotated[str, Field(min_length=1, max_length=200)]
    feed: Annotated[str, Field(max_length=200)] = ""

    @property
    def source(self) -> tuple[str, str]:
        return " ".join(self.authority.split()), " ".join(self.feed.split())


class MappingOut(BaseModel):
    """The mapping that a source's files are read by, as YAML; none where the usual names are guessed."""

    text: str | None
