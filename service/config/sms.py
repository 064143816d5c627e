"""The settings of text messages; a part of `Settings`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode


class SmsSettings(BaseSettings):
    """Who carries texts, to whom, and what they may cost."""

    sms_providers: Path | None = Field(default=None, description="file that names the operators who carry texts")
    sms_countries: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="countries whose numbers are texted, by ISO 3166 code, as UA"
    )
    sms_number: str = Field(default="", description="number or short code to which people write")
    sms_currency: str = Field(default="EUR", description="of the providers' prices, by ISO 4217 code")
    sms_alert_budget: int = Field(default=0, ge=0, description="what the texts of one alert may cost; 0: no limit")
    sms_month_budget: int = Field(default=0, ge=0, description="what all texts of a month may cost; 0: no limit")
    number_keys: SecretStr | None = Field(
        default=None, description="ID:64 hex digits, more after a comma: seal numbers, the first for new ones"
    )
    authority_short: str = Field(
        default="", max_length=12, description="who speaks, in texts: a neutral form in at most 12 letters"
    )

    sms_answers_hour: int = Field(default=10, ge=5, description="answers an hour that one number gets")
    sms_answers_day: int = Field(default=40, ge=15, description="answers a day that one number gets")
    sms_answers_minute: int = Field(
        default=600, ge=60, description="texts a minute, of all numbers, that are looked at; more wait at the operators"
    )

    @field_validator("sms_countries", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip().upper() for part in value.split(",") if part.strip())
