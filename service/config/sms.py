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
    sms_alert_budget: int = Field(
        default=0, ge=0, le=1_000_000_000, description="what the texts of one message may cost; 0: no limit"
    )
    sms_month_budget: int = Field(
        default=0, ge=0, le=1_000_000_000, description="what the texts of all alerts in a month may cost; 0: no limit"
    )
    escalate_minutes: int = Field(
        default=10,
        ge=1,
        le=1440,
        description="after how long without a receipt a severe or extreme warning goes on by text, unless it says so",
    )
    number_keys: SecretStr | None = Field(
        default=None, description="ID:64 hex digits, more after a comma: seal numbers, the first for new ones"
    )
    authority_short: str = Field(
        default="", max_length=12, description="who speaks, in texts: a neutral form in at most 12 letters"
    )

    @field_validator("sms_countries", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip().upper() for part in value.split(",") if part.strip())
