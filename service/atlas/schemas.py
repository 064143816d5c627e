"""What everybody sees of a place or a walk in JSON: the answer to a check."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from service.atlas import rules, words
from service.atlas.model import Answer, Coverage, Hit, Place, Relation, SourceAge, Walk, days_since
from service.i18n.catalogues import Catalogues, remembered
from service.i18n.model import Rendered
from service.i18n.schemas import NoteOut, notes_out
from service.zones import words as labels
from service.zones.model import DEFAULT_ACCURACY_M, MOST_ACCURACY_M

_DEFAULT_RADIUS_M = 500.0

Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class PositionIn(BaseModel):
    """One position of a walk, its numbers named so that nobody mistakes one for the other."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    lat: Latitude
    lon: Longitude


class CheckIn(BaseModel):
    """A place or a walk somebody asks about; it is used for the answer and kept nowhere."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {"lat": -36.25, "lon": -24.5, "radius_m": 500},
                {"line": [{"lat": -36.25, "lon": -24.5}, {"lat": -36.24, "lon": -24.49}]},
            ]
        },
    )

    lat: Latitude | None = None
    lon: Longitude | None = None
    line: Annotated[list[PositionIn], Field(min_length=2, max_length=500)] | None = Field(
        default=None, description="instead of lat and lon: a walk of at most 100 km, checked along its whole length"
    )
    radius_m: Annotated[float, Field(ge=0, le=2_000, allow_inf_nan=False)] | None = Field(
        default=None, description="500 if not said; along a line always 500"
    )
    accuracy_m: Annotated[float, Field(ge=0, le=MOST_ACCURACY_M, allow_inf_nan=False)] = DEFAULT_ACCURACY_M
    exercise: bool = Field(default=False, description="ask about an exercise's zones instead of the real ones")

    @model_validator(mode="after")
    def _either(self) -> Self:
        if self.line is None:
            if self.lat is None or self.lon is None:
                raise ValueError("a place needs lat and lon; a walk needs line")
        elif self.lat is not None or self.lon is not None or self.radius_m is not None:
            raise ValueError("line stands instead of lat, lon and radius_m")
        return self

    def asked(self) -> Place | Walk:
        """Refused for a walk that is too long."""
        if self.line is not None:
            positions = tuple((one.lon, one.lat) for one in self.line)
            return rules.checked_walk(Walk(positions, self.accuracy_m, self.exercise))
        radius = _DEFAULT_RADIUS_M if self.radius_m is None else self.radius_m
        return Place(self.lon or 0.0, self.lat or 0.0, self.accuracy_m, radius, self.exercise)


# Answers are dataclasses: they are ours, so nothing of them needs checking, and thousands are made a second.


@dataclass(slots=True)
class HitOut:
    """One element of an answer, with the same fields whether a zone is on record or not."""

    relation: Relation
    label: str | None
    advice: str
    zone_id: UUID | None
    revision: int | None
    authority: str | None
    data_as_of: date | None
    age_days: int | None
    exercise: bool
    metres: Annotated[float | None, Field(description="for operators only; null for everybody else")]


@dataclass(slots=True)
class SourceOut:
    authority: str | None
    data_as_of: date | None
    age_days: int | None


@dataclass(slots=True)
class CheckOut:
    """What is on record around a place or along a walk. No field of it says that there is no danger.

    Along a walk the nearest zone comes first, wherever on the way it is met: an order along the way would let somebody
    read the ground between two zones as free.
    """

    answers: Annotated[list[HitOut], Field(min_length=1)]
    coverage: Coverage
    sources: Annotated[list[SourceOut], Field(min_length=1)]
    radius_m: float
    raised: Annotated[str | None, Field(description="said where the circle was made wider than asked")]
    more: Annotated[str | None, Field(description="said where more zones are near than the answer names")]
    caveat: str
    language: str
    direction: str
    draft: bool
    notes: Annotated[list[NoteOut] | None, Field(description="said where another language is shown than was asked for")]


_CHECK_OUT = TypeAdapter(CheckOut)


def as_json(shown: CheckOut) -> bytes:
    """Write an answer as the route does."""
    return _CHECK_OUT.dump_json(shown)


def checked(found: Answer, catalogues: Catalogues, tag: str, *, exact: bool, wishes: tuple[str, ...] = ()) -> CheckOut:
    """Put an answer into words, all of one language; metres only where they may be seen."""
    relations = tuple(sorted({hit.relation for hit in found.hits}))
    rendered = _said(catalogues, tag, relations, walk=found.walk, exercise=found.exercise)
    caveat, named, raised, more, *advice = rendered.texts
    said = dict(zip(relations, advice, strict=True))
    return CheckOut(
        answers=[_hit(hit, (named, said[hit.relation]), found, exact=exact) for hit in found.hits],
        coverage=found.coverage,
        sources=_sources(found.sources),
        radius_m=found.radius_m,
        raised=raised if found.raised else None,
        more=more if found.more else None,
        caveat=caveat,
        language=rendered.language,
        direction=rendered.direction,
        draft=rendered.draft,
        notes=notes_out(catalogues, wishes, rendered.language) or None,
    )


# There are few ways to answer, and thousands of answers a second.
@remembered(1_024)
def _said(catalogues: Catalogues, tag: str, relations: tuple[Relation, ...], *, walk: bool, exercise: bool) -> Rendered:
    label = labels.EXERCISE_LABEL if exercise else labels.LABEL
    advice = words.WALK_ADVICE if walk else words.ADVICE
    messages = (words.CAVEAT, label, words.RAISED, words.MORE, *(advice[one] for one in relations))
    return catalogues.render_together(messages, tag)


@lru_cache(maxsize=8)
def _sources(ages: tuple[SourceAge, ...]) -> list[SourceOut]:
    return [SourceOut(authority=one.authority, data_as_of=one.data_as_of, age_days=one.days) for one in ages]


def _hit(hit: Hit, texts: tuple[str, str], found: Answer, *, exact: bool) -> HitOut:
    zone, (label, advice) = hit.zone, texts
    metres = round(hit.metres, 1) if exact and hit.metres is not None else None
    if zone is None:
        return HitOut(
            relation=hit.relation, label=None, advice=advice, zone_id=None, revision=None, authority=None,
            data_as_of=None, age_days=None, exercise=found.exercise, metres=metres,
        )  # fmt: skip  # the nulls of an answer without a record
    return HitOut(
        relation=hit.relation,
        label=label,
        advice=advice,
        zone_id=zone.id,
        revision=zone.revision,
        authority=zone.authority,
        data_as_of=zone.data_as_of,
        age_days=days_since(zone.data_as_of, found.today),
        exercise=zone.exercise,
        metres=metres,
    )
