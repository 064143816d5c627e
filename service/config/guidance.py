"""The settings of guidance; a part of `Settings`."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

_PLACE = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?", re.ASCII)


class GuidanceSettings(BaseSettings):
    """What guidance fills in for a deployment."""

    guidance_countries: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="whose numbers to call stand beside guidance, by ISO 3166 code, as UA or IQ-AR"
    )
    guidance_distance_m: int = Field(
        default=100, ge=50, le=5_000, description="how far adults are told to stay away at least (R10a)"
    )

    guidance_url: str = Field(
        default="",
        pattern=r"^(?:https?://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9._~-]+)*)?$",
        max_length=100,
        description="under which phones reach this service; if set, prints and lessons carry it as a square code",
    )
    guidance_media: Path | None = Field(
        default=None, description="folder of the deployment's own pictures and recordings for guidance"
    )

    @field_validator("guidance_countries", mode="before")
    @classmethod
    def _places(cls, value: object) -> object:
        found = tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
        if isinstance(found, tuple) and not all(_PLACE.fullmatch(str(one)) for one in found):
            raise ValueError("needs ISO 3166 codes, such as UA,IQ-AR")
        return found
