"""What operators send and see of incidents in JSON."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from service.incidents import model, rules
from service.incidents.model import Declared, Doubt, Incident, IncidentKind, Note, Precision
from service.intake.model import Noticed
from service.kit.errors import Fault, Kind, Refused

_LONGEST_MAP = 2_000  # what a URL can carry, each sign spelled as up to 12
STORABLE = r"^[^\x00]*$"  # PostgreSQL keeps no NUL
Authority = Annotated[
    str, Field(max_length=rules.LONGEST_AUTHORITY, pattern=STORABLE, description="whose data this is")
]
Year = Annotated[int, Field(ge=1900, le=2999)]
Text = Annotated[str, Field(max_length=200, pattern=STORABLE)]


class MapIn(BaseModel):
    """Which column of a source says what, and what its values mean."""

    model_config = ConfigDict(extra="forbid")

    columns: Annotated[dict[model.Field, Text], Field(max_length=50)] = {}
    values: dict[model.Field, Annotated[dict[Text, Text], Field(max_length=500)]] = {}

    @field_validator("values", mode="before")
    @classmethod
    def _by_text(cls, values: Any) -> Any:
        """YAML reads 1 as a number; a source's code is a text."""
        if not isinstance(values, dict):
            return values
        return {
            field: {str(key): inner for key, inner in known.items()} if isinstance(known, dict) else known
            for field, known in values.items()
        }

    @field_validator("values")
    @classmethod
    def _kinds(cls, values: dict[model.Field, dict[str, str]]) -> dict[model.Field, dict[str, str]]:
        strange = set(values.get(model.Field.KIND, {}).values()) - {kind.value for kind in IncidentKind}
        if strange:
            wanted = ", ".join(IncidentKind)
            raise ValueError(f"a kind is one of {wanted}")
        return values


def read_map(parsed: Any) -> model.SourceMap:
    """Return a mapping as it was stated. Raises Refused, naming each field that is wrong."""
    try:
        stated = MapIn.model_validate(parsed)
    except ValidationError as error:
        faults = [
            Fault(".".join(map(str, one["loc"])) or "map", one["msg"], "Write it as the documentation shows.")
            for one in error.errors(include_input=False)
        ]
        detail = "The mapping does not have the form that is read."
        raise Refused(Kind.INVALID, "map-unfit", detail, where="map", faults=faults) from None
    return model.SourceMap(stated.columns, stated.values)


class ImportIn(BaseModel):
    """What an operator states about a file."""

    model_config = ConfigDict(extra="forbid")

    authority: Authority
    dated: Annotated[date, Field(description="the day the data is of")]
    exercise: bool = False
    dry_run: bool = False
    map: Annotated[
        str | None,
        Field(
            max_length=_LONGEST_MAP,
            description="columns and values as JSON; unset, as in this authority's last import",
            examples=['{"columns": {"kind": "TIPO_EVENTO"}, "values": {"kind": {"1": "accident"}}}'],
        ),
    ] = None

    def declared(self) -> Declared:
        return Declared(self.authority, self.dated, self.exercise, None if self.map is None else _parsed(self.map))


def _parsed(text: str) -> model.SourceMap:
    try:
        return read_map(json.loads(text))
    except (ValueError, RecursionError):
        raise Refused(Kind.INVALID, "map-unfit", "The mapping is no JSON.", where="map") from None


class QuarantinedOut(BaseModel):
    row: int
    external_id: str | None
    reason: Doubt
    detail: str
    remedy: str


class FindingOut(BaseModel):
    """What was noticed: `row` is the first that it is true of (0 for the file), `times` how many."""

    row: int
    note: Note | Noticed
    detail: str
    times: int


class ReportOut(BaseModel):
    """What an import did, or with dry_run would do."""

    import_id: UUID | None
    dry_run: bool
    authority: str
    dated: date
    exercise: bool
    new: int
    changed: int
    unchanged: int
    quarantined: list[QuarantinedOut]
    findings: list[FindingOut]
    nothing_changed: bool

    @classmethod
    def of(cls, report: model.Report) -> "ReportOut":
        counted, said = rules.counts(report.plan), report.declared
        quarantined = [
            QuarantinedOut(row=one.row, external_id=one.external_id, reason=one.reason, detail=one.detail,
                           remedy=one.remedy)
            for one in report.plan.quarantined
        ]  # fmt: skip  # one field a line would hide the list's shortness
        return cls(
            import_id=report.import_id,
            dry_run=report.dry_run,
            authority=said.authority,
            dated=said.dated,
            exercise=said.exercise,
            new=counted["new"],
            changed=counted["changed"],
            unchanged=counted["unchanged"],
            quarantined=quarantined,
            findings=[
                FindingOut(row=one.row, note=one.note, detail=one.detail, times=one.times)
                for one in report.plan.findings
            ],
            nothing_changed=not (counted["new"] or counted["changed"]),
        )


class ListIn(BaseModel):
    """Which incidents to return; `after` is the last id of the page before."""

    model_config = ConfigDict(extra="forbid")

    exercise: bool = False
    authority: Authority | None = None
    year: Year | None = None
    after: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200


class UnitOut(BaseModel):
    """An administrative unit as the source has it: level and name in its words, code as it gives it."""

    level: str
    code: str
    name: str

    @classmethod
    def of(cls, unit: model.Unit) -> "UnitOut":
        return cls(level=unit.level, code=unit.code, name=unit.name)


class VictimsOut(BaseModel):
    killed: int | None
    injured: int | None
    age_group: str
    sex: str
    condition: str


class IncidentOut(BaseModel):
    """The whole record, for operators only."""

    id: UUID
    authority: str
    external_id: str
    exercise: bool
    kind: IncidentKind
    happened_on: date
    precision: Precision
    region: UnitOut
    district: UnitOut
    locality: str
    longitude: float | None
    latitude: float | None
    device: str
    victims: VictimsOut
    attributes: dict[str, Any]
    data_as_of: date
    revision: int
    changed_at: datetime

    @classmethod
    def of(cls, one: Incident) -> "IncidentOut":
        longitude, latitude = one.place.point or (None, None)
        victims = one.victims
        return cls(
            id=one.id,
            authority=one.authority,
            external_id=one.external_id,
            exercise=one.exercise,
            kind=one.kind,
            happened_on=one.when.on,
            precision=one.when.precision,
            region=UnitOut.of(one.place.region),
            district=UnitOut.of(one.place.district),
            locality=one.place.locality,
            longitude=longitude,
            latitude=latitude,
            device=one.device,
            victims=VictimsOut(
                killed=victims.killed,
                injured=victims.injured,
                age_group=victims.age_group,
                sex=victims.sex,
                condition=victims.condition,
            ),
            attributes=dict(one.attributes),
            data_as_of=one.data_as_of,
            revision=one.revision,
            changed_at=one.changed_at,
        )


class IncidentsOut(BaseModel):
    """A page of incidents; `next` is null on the last one."""

    incidents: list[IncidentOut]
    next: UUID | None

    @classmethod
    def of(cls, found: Sequence[Incident], limit: int) -> "IncidentsOut":
        page = found[:limit]
        return cls(incidents=[IncidentOut.of(one) for one in page], next=page[-1].id if len(found) > limit else None)
