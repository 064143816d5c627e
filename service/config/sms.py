"""The settings of text messages; a part of `Settings`."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_KEY = re.compile(r"(?P<id>[A-Za-z0-9._-]{1,32}):(?P<key>[0-9A-Fa-f]{64})", re.ASCII)


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
    sms_plain: bool = Field(
        default=True, description="texts go out in the letters of GSM-7 where a language has a reviewed variant in them"
    )

    codes_a_number: int = Field(
        default=5, ge=3, le=20, description="codes by text that a number gets in a day, whoever asks for them"
    )
    codes_a_range: int = Field(
        default=100, ge=20, description="the same for all numbers that begin with the same seven digits"
    )
    codes_a_network: int = Field(default=200, ge=20, description="the same that one network may ask for")
    codes_a_day: int = Field(default=5_000, ge=100, description="the same in all")
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

    @field_validator("sms_countries")
    @classmethod
    def _countries(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_COUNTRY.fullmatch(one) for one in value):
            raise ValueError("needs countries by two letters each, such as UA,MD")
        return value

    @field_validator("number_keys")
    @classmethod
    def _keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and value.get_secret_value():
            _parsed(value.get_secret_value())
        return value

    @property
    def number_keyring(self) -> tuple[tuple[str, bytes], ...]:
        """Return the keys of numbers with their ids, the one that seals first; empty where texts are not offered."""
        return _parsed(self.number_keys.get_secret_value()) if self.number_keys else ()


def _parsed(text: str) -> tuple[tuple[str, bytes], ...]:
    """Read `ID:64 hex digits` and more after commas. Raises ValueError that repeats nothing of it."""
    found = [_KEY.fullmatch(part.strip()) for part in text.split(",") if part.strip()]
    keys = [(one["id"], bytes.fromhex(one["key"])) for one in found if one]
    if len(keys) < len(found) or len(dict(keys)) < len(keys):
        raise ValueError("needs ID:64 hex digits, more after commas, each ID once")
    return tuple(keys)
