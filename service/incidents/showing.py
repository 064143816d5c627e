"""What operators state about totals, and how everybody is shown them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from service.i18n.catalogues import Catalogues
from service.i18n.model import Language
from service.incidents import words
from service.incidents.model import Figure, Shown, Totals
from service.incidents.schemas import STORABLE, Authority, UnitOut, Year


class YearIn(BaseModel):
    """Whose totals, of which year."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"authority": "Mine Action Centre", "year": 2019}]}
    )

    authority: Authority
    year: Year


class WithdrawIn(YearIn):
    """Which totals shall be shown no longer, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"authority": "Mine Action Centre", "year": 2019, "reason": "names wrong"}]},
    )

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=STORABLE)]


class TotalsIn(BaseModel):
    """Which totals to return; unset, all that are public."""

    model_config = ConfigDict(extra="forbid")

    authority: Authority | None = None
    year: Year | None = None


class FigureOut(BaseModel):
    """One element of the answer, with the same fields whatever it says.

    Of a district; of a region where `district` is null; of all that the authority recorded where both are.
    """

    authority: str | None
    year: int | None
    data_as_of: date | None
    region: UnitOut | None
    district: UnitOut | None
    shown: Shown
    count: int | None
    note: str


class TotalsOut(BaseModel):
    """Recorded accidents and finds by district and year. None of it says that a place is free of danger."""

    figures: Annotated[list[FigureOut], Field(min_length=1)]
    caveat: str
    language: str
    direction: str


def totals(found: Sequence[tuple[Totals, Sequence[Figure]]], catalogues: Catalogues, language: Language) -> TotalsOut:
    """Show public totals in the reader's language; where there are none, one element says that it is unknown."""
    told = (Shown.NOT_SHOWN, Shown.NO_RECORD, Shown.UNKNOWN)
    texts = catalogues.render_together((words.CAVEAT, *(words.FIGURES[one] for one in told)), language.tag)
    caveat, *notes = texts.texts
    note = dict(zip(told, notes, strict=True)) | {Shown.COUNTED: caveat}
    figures = [
        _figure(figure, note[figure.shown], one) for one, missing in found for figure in (*one.figures, *missing)
    ]
    unknown = _figure(Figure(None, None, Shown.UNKNOWN, None), note[Shown.UNKNOWN])
    return TotalsOut(figures=figures or [unknown], caveat=caveat, language=texts.language, direction=texts.direction)


def _figure(figure: Figure, note: str, of: Totals | None = None) -> FigureOut:
    return FigureOut(
        authority=of and of.authority,
        year=of and of.year,
        data_as_of=of and of.data_as_of,
        region=figure.region and UnitOut.of(figure.region),
        district=figure.district and UnitOut.of(figure.district),
        shown=figure.shown,
        count=figure.count,
        note="" if figure.shown is Shown.COUNTED else note,
    )


class AskedOut(BaseModel):
    """Totals as they would be shown once a second person approves, or as they are shown."""

    authority: str
    year: int
    data_as_of: date
    public: bool
    districts: int
    not_shown: int = Field(description="districts whose figure would not be shown")

    @classmethod
    def of(cls, one: Totals) -> "AskedOut":
        districts = [figure for figure in one.figures if figure.district is not None]
        return cls(
            authority=one.authority,
            year=one.year,
            data_as_of=one.data_as_of,
            public=one.approved_at is not None,
            districts=len(districts),
            not_shown=sum(figure.shown is Shown.NOT_SHOWN for figure in districts),
        )
