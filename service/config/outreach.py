"""The settings of reports on risk education; a part of `Settings`."""

import re
from itertools import pairwise
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

_GROUP = re.compile(r"(\d{1,3})(?:-(\d{1,3})|\+)", re.ASCII)
_MOST = 12
_WRONG = "needs age groups in order, none of which meets another, as in 0-4,5-12,13-17,18+"


class OutreachSettings(BaseSettings):
    """How people are counted who were taught, and what is shown of it."""

    outreach_age_groups: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("5-12", "13-17", "18+"), description="by which people in reports on lessons are counted"
    )
    outreach_months_late: int = Field(
        default=3, ge=3, le=24, description="how long after a session the public's figures count it at the earliest"
    )
    outreach_days_to_correct: int = Field(
        default=14, ge=0, le=365, description="how long whoever handed in a report may change it"
    )

    @field_validator("outreach_age_groups", mode="before")
    @classmethod
    def _groups(cls, value: object) -> object:
        found = tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
        if isinstance(found, tuple):
            _demand_apart([str(one) for one in found])
        return found


def _demand_apart(groups: list[str]) -> None:
    """Refuse groups that meet, stand in no order, or are none: people would be counted twice, or nowhere."""
    read = [_GROUP.fullmatch(one) for one in groups]
    ages = [(int(one[1]), int(one[2] or 999)) for one in read if one]
    apart = all(before[1] < after[0] for before, after in pairwise(ages))
    if not 0 < len(ages) == len(groups) <= _MOST or not apart or any(first > last for first, last in ages):
        raise ValueError(_WRONG)
