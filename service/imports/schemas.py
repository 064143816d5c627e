"""What operators send and see of imports in JSON."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.imports import rules
from service.imports.model import Declared, Finding, Quarantined, Report
from service.imports.reasons import Doubt, Note
from service.zones.model import HazardClass, Publication


class ImportIn(BaseModel):
    """What an operator states about a file."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True)

    authority: Annotated[str, Field(description="whose data this is")]
    dated: Annotated[date, Field(description="the day the data is of")]
    exercise: bool = False
    dry_run: bool = False
    accuracy_m: Annotated[float | None, Field(description="the survey's error; unset, the deployment's setting")] = None
    hazard_class: Annotated[HazardClass | None, Field(alias="class", description="of rows that name none")] = None
    publication: Publication = Publication.OUTLINE
    id_property: Annotated[str | None, Field(max_length=100)] = None

    def declared(self, *, usual_error_m: float) -> Declared:
        """Return what was stated, the deployment's usual survey error where no accuracy was."""
        stated = self.model_dump(exclude={"dry_run"}, exclude_none=True)
        return Declared(**{"accuracy_m": usual_error_m, **stated})


class QuarantinedOut(BaseModel):
    row: int
    external_id: str | None
    reason: Doubt
    detail: str
    remedy: str

    @classmethod
    def of(cls, one: Quarantined) -> "QuarantinedOut":
        return cls(row=one.row, external_id=one.external_id, reason=one.reason, detail=one.detail, remedy=one.remedy)


class FindingOut(BaseModel):
    row: int
    external_id: str
    note: Note
    detail: str

    @classmethod
    def of(cls, one: Finding) -> "FindingOut":
        return cls(row=one.row, external_id=one.external_id, note=one.note, detail=one.detail)


class ReportOut(BaseModel):
    """What an import did, or with dry_run would do."""

    import_id: UUID | None
    dry_run: bool
    authority: str
    dated: date
    exercise: bool
    new: int
    changed: int
    confirmed: int = Field(description="nothing new but the date")
    unchanged: int
    quarantined: list[QuarantinedOut]
    findings: list[FindingOut]
    nothing_changed: bool

    @classmethod
    def of(cls, report: Report) -> "ReportOut":
        counted = rules.counts(report.plan)
        said: Declared = report.declared
        return cls(
            import_id=report.import_id,
            dry_run=report.dry_run,
            authority=said.authority,
            dated=said.dated,
            exercise=said.exercise,
            new=counted["new"],
            changed=counted["changed"],
            confirmed=counted["confirmed"],
            unchanged=counted["unchanged"],
            quarantined=[QuarantinedOut.of(one) for one in report.plan.quarantined],
            findings=[FindingOut.of(one) for one in report.plan.findings],
            nothing_changed=not (counted["new"] or counted["changed"] or counted["confirmed"]),
        )
