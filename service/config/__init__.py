"""One frozen Settings, read once from the environment, passed down."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from service.config.guidance import GuidanceSettings
from service.config.lessons import LessonsSettings
from service.config.outreach import OutreachSettings
from service.config.sms import SmsSettings
from service.kit.clock import Clock
from service.kit.crypto import KEY_BYTES
from service.kit.errors import Kind, Refused

HERE = Path(__file__).parents[1]
MIGRATIONS = HERE / "migrations"


class Settings(SmsSettings, GuidanceSettings, LessonsSettings, OutreachSettings):
    """Every setting of the service. Names in the environment are `SUREFOOT_<NAME>` unless said otherwise."""

    model_config = SettingsConfigDict(env_prefix="SUREFOOT_", frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL", description="PostgreSQL 15+")
    redis_url: SecretStr | None = Field(
        default=None, validation_alias="REDIS_URL", description="Redis 7+; may be absent"
    )
    data: Path = Field(default=Path(".surefoot"), description="folder of the embedded servers")
    locales: Path | None = Field(default=None, description="folder of the catalogues; the project's own if unset")
    overlay: Path | None = Field(
        default=None,
        description="folder of the authority's own words: `guidance/*.yaml`, `lessons/<course>/*.yaml`, `locales/…`",
    )
    server_key: SecretStr | None = Field(default=None, description="64 hex digits: seals addresses, verifies receipts")
    signing_key: SecretStr | None = Field(
        default=None, description="64 hex digits, worker only: signs what phones are told"
    )
    exercise_signing_key: SecretStr | None = Field(
        default=None, description="64 hex digits, worker only: signs the packs of exercises, which live apps refuse"
    )
    root_key: str | None = Field(
        default=None, description="64 hex digits: the public half of the offline key that signs the key sets"
    )
    key_set: Path | None = Field(
        default=None, description="a signed key set that the worker publishes at its start, unless a later one is"
    )
    epoch: str | None = Field(
        default=None, description="names this installation; a restored copy of a database must not send"
    )

    host: str = "127.0.0.1"
    port: int = 8000
    api_processes: int = 1
    worker_concurrency: int = 8
    pool_size: int = 12
    worker_metrics_port: int | None = Field(default=None, description="where a sending worker shows its figures")
    metrics_key: SecretStr | None = Field(
        default=None, description="whoever shows it may read /metrics; operators may with their own keys"
    )
    log_level: str = "INFO"
    clock: str | None = Field(default=None, description="START@REAL_SECONDSxSPEED, for tests and rehearsals")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="addresses or networks of proxies that are believed about who calls"
    )

    authority: str = Field(default="", description="who speaks, in alerts")
    area: Annotated[tuple[tuple[float, float, float, float], ...], NoDecode] = Field(
        default=(), description="where this deployment's zones lie: west,south,east,north; more boxes after a semicolon"
    )
    emergency_number: str = "112"
    timezone: str = Field(default="UTC", description="in which texts tell the time, as Europe/Kyiv")
    default_language: str = "en"
    confirmed_languages: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="languages whose unreviewed drafts may be sent, by name"
    )
    near_languages: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="pairs such as `rue:uk`: who asked for the first may be shown the second"
    )

    fcm_project: str | None = None
    fcm_credentials: Path | None = Field(default=None, validation_alias="GOOGLE_APPLICATION_CREDENTIALS")
    fcm_endpoint: str = "https://fcm.googleapis.com"
    fcm_per_minute: int = Field(default=600_000, ge=1, description="messages a minute that the project may send by FCM")
    syncs_per_second: int = Field(
        default=1_000, ge=1, description="how many phones may fetch in one second after a push; pushes spread them"
    )
    loopback_only: bool = Field(default=False, description="send to this machine only, as the demo does")

    vapid_key: SecretStr | None = Field(
        default=None, description="64 hex digits, worker only: tells push services who sends (RFC 8292)"
    )
    vapid_contact: str | None = Field(
        default=None, description="mailto: or https: address at which push services find you; worker only"
    )
    web_push_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="push services that may be asked, `.example.org` for all below it; any if unset"
    )
    app_check_projects: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="numbers of the Firebase projects whose App Check registrations must show"
    )
    app_check_apps: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="ids of the apps that App Check must name; any of the projects' if unset"
    )
    app_check_keys: str = Field(
        default="https://firebaseappcheck.googleapis.com/v1/jwks", description="where Google publishes its keys"
    )

    topics: bool = Field(default=True, description="warn phones that register nothing, over topics of FCM")

    alert_days: int = Field(
        default=90, ge=1, le=365, description="how long a warning stays live before it must be renewed"
    )
    alert_notice_days: int = Field(
        default=14, ge=1, le=180, description="how long before a warning is out of date its operators are told"
    )
    survey_error_m: float = Field(100, ge=0, le=5_000, description="accuracy of zones whose source states none (R7)")
    stale_days: int = Field(default=180, ge=1, description="data older than this is shown as old")
    index_stale_hours: int = Field(
        default=72, ge=2, le=24 * 30, description="after how long without news a phone shows its packs as old"
    )
    unverified_per_network: int = Field(default=500, ge=10)
    unverified_per_cell: int = Field(
        default=5_000, ge=1, description="receipts of unknown phones that count from a cell of resolution 5, an alert"
    )
    unverified_per_address: int = Field(
        default=20, ge=5, description="registrations an hour that one messaging address may wait for codes of"
    )
    registration_days: int = Field(
        default=270, ge=180, description="registrations without a sign of life for so long are forgotten"
    )
    plan_page: int = Field(default=40_000, ge=1, description="entries of cells that are looked at in one commit")
    messages_a_day: int = Field(
        default=4, ge=1, description="who had so many in a day waits for what is minor or moderate; 3 at least count"
    )
    messages_a_week: int = Field(default=15, ge=1, description="the same for a week; 10 at least count")
    intake_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="hosts whose FeatureServers imports may ask"
    )
    canary_minutes: int = Field(default=5, ge=1, description="how often each canary gets a test message")
    canary_silent_minutes: int = Field(
        default=15, ge=2, description="after how long without an answer of a canary the alarm is raised"
    )
    retry_hours: int = Field(default=24, ge=1, description="how long a message is tried before it counts as exhausted")

    @field_validator(
        "trusted_proxies",
        "confirmed_languages",
        "near_languages",
        "intake_hosts",
        "web_push_hosts",
        "app_check_projects",
        "app_check_apps",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("area", mode="before")
    @classmethod
    def _boxes(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(tuple(part.split(",")) for part in value.split(";") if part.strip())

    @field_validator("area")
    @classmethod
    def _lying(
        cls, value: tuple[tuple[float, float, float, float], ...]
    ) -> tuple[tuple[float, float, float, float], ...]:
        for west, south, east, north in value:
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004 - degrees
                raise ValueError("needs boxes as west,south,east,north in degrees, such as 22.1,44.3,40.3,52.4")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(one)) for one in value)

    @field_validator("clock")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        if value:
            Clock.parse(value)
        return value

    def make_clock(self) -> Clock:
        return Clock.parse(self.clock) if self.clock else Clock()

    @property
    def alert_life(self) -> timedelta:
        return timedelta(days=self.alert_days)

    @property
    def alert_notice(self) -> timedelta:
        return timedelta(days=self.alert_notice_days)

    @property
    def registration_life(self) -> timedelta:
        return timedelta(days=self.registration_days)

    @property
    def patience(self) -> timedelta:
        return timedelta(hours=self.retry_hours)

    @property
    def canary_rhythm(self) -> timedelta:
        return timedelta(minutes=self.canary_minutes)

    @property
    def canary_patience(self) -> timedelta:
        return timedelta(minutes=self.canary_silent_minutes)

    @property
    def index_life(self) -> timedelta:
        return timedelta(hours=self.index_stale_hours)

    @property
    def index_renewal(self) -> timedelta:
        """Often enough that a phone which syncs once a day is never told that its packs are old."""
        return min(timedelta(hours=1), self.index_life / 8)

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("is no time zone of the IANA database, such as Europe/Kyiv") from error
        return name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def locales_folder(self) -> Path:
        return self.locales or HERE.parent / "locales"

    def need_database(self) -> str:
        """Return DATABASE_URL; Refused when it is unset."""
        return _need(self.database_url, "DATABASE_URL", "postgresql://user:password@host/name")

    def need_server_key(self) -> bytes:
        """Return the 32 bytes of the server key; Refused when it is unset or not 64 hex digits."""
        return _need_key(self.server_key, "SUREFOOT_SERVER_KEY")

    def need_signing_key(self) -> bytes:
        """Return the 32 bytes of the signing key; Refused when it is unset or not 64 hex digits."""
        return _need_key(self.signing_key, "SUREFOOT_SIGNING_KEY")

    def need_exercise_signing_key(self) -> bytes:
        """Return the 32 bytes of the exercises' signing key; Refused when it is unset or not 64 hex digits."""
        return _need_key(self.exercise_signing_key, "SUREFOOT_EXERCISE_SIGNING_KEY")

    def need_vapid_key(self) -> bytes:
        """Return the 32 bytes of the VAPID key; Refused when it is unset or not 64 hex digits."""
        return _need_key(self.vapid_key, "SUREFOOT_VAPID_KEY", "the output of `surefoot keys vapid`")

    def need_vapid_contact(self) -> str:
        """Return where push services find whoever sends; Refused when it is unset or neither mail nor https."""
        contact = None if self.vapid_contact is None else SecretStr(self.vapid_contact)
        found = _need(contact, "SUREFOOT_VAPID_CONTACT", "mailto:push@example.org")
        if not found.startswith(("mailto:", "https://")):
            detail = "The setting SUREFOOT_VAPID_CONTACT is neither a mailto: nor an https: address."
            remedy = "Set it, as in mailto:push@example.org."
            raise Refused(Kind.INVALID, "setting-malformed", detail, where="SUREFOOT_VAPID_CONTACT", remedy=remedy)
        return found

    def need_roots(self) -> list[bytes]:
        """Return the public root key; Refused when it is unset or not 64 hex digits."""
        root = None if self.root_key is None else SecretStr(self.root_key)
        return [_need_key(root, "SUREFOOT_ROOT_KEY", "the output of `surefoot keys root`")]


def _need(value: SecretStr | None, name: str, example: str) -> str:
    if value is None or not value.get_secret_value():
        detail = f"The setting {name} is missing."
        raise Refused(Kind.INVALID, "setting-missing", detail, where=name, remedy=f"Set it, as in {example}.")
    return value.get_secret_value()


def _need_key(value: SecretStr | None, name: str, example: str = "the output of `openssl rand -hex 32`") -> bytes:
    text = _need(value, name, example)
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        detail = f"The setting {name} is not {2 * KEY_BYTES} hexadecimal digits."
        raise Refused(Kind.INVALID, "setting-malformed", detail, where=name, remedy=f"Set it, as in {example}.")
    return key
