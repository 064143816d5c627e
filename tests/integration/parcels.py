"""What tests of the FCM channel send, and with which settings."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from service.config import Settings
from service.delivery import payload
from service.delivery.channels.fcm import FcmChannel
from service.delivery.model import Bulletin, Message, Outcome, Parcel, Payload, Severity, Text
from service.kit.hidden import Hidden
from service.residents.model import Address, AddressKind
from tests.fakes import PROJECT

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def settings_for(endpoint: str, account: Path, *, loopback_only: bool = True) -> Settings:
    return Settings(
        GOOGLE_APPLICATION_CREDENTIALS=account,
        fcm_project=PROJECT,
        fcm_endpoint=endpoint,
        loopback_only=loopback_only,
    )


def a_warning(
    language: str = "uk", body: str = "Зупиніться. " * 20, *, severity: Severity = Severity.SEVERE
) -> Payload:
    told = Bulletin(
        UUID(int=1),
        UUID(int=1),
        1,
        Message.WARNING,
        severity,
        exercise=False,
        zone_id=UUID(int=2),
        reach_m=5000,
        issued_at=NOW,
        expires_at=NOW + timedelta(days=90),
    )
    text = Text(language, "ltr", "Мінна небезпека", body)
    said = payload.encode(told, text, now=NOW, batch=7, signature=bytes(64))
    return replace(said, rank=int(severity))


def to(address: str, said: Payload | None = None, kind: AddressKind = AddressKind.TOKEN) -> Parcel:
    return Parcel(said or a_warning(), Address(kind, Hidden(address)))


def never() -> bool:
    return False


async def sent(channel: FcmChannel, address: str = "a") -> Outcome:
    return (await channel.send([to(address)], shut=never))[0]
