"""The JSON of registrations; what phones send is checked by rules and never repeated in an error."""

import base64
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import h3
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from service.kit.hidden import Hidden
from service.residents import rules
from service.residents.addressing import AddressIn, ConsentIn, Known, PushAddressIn
from service.residents.model import (
    MOST_CELLS,
    MOST_LANGUAGES,
    MOST_PLACES,
    AddressKind,
    Change,
    CodeOffer,
    Entry,
    Newcomer,
    PhoneState,
    Platform,
    Proof,
)

Languages = Annotated[
    list[Annotated[str, Field(max_length=64)]],
    Field(description=f"BCP 47 tags, the best first; 1 to {MOST_LANGUAGES}"),
]
Cells = Annotated[
    list[Annotated[str, Field(max_length=32)]],
    Field(
        description=f"up to {MOST_CELLS} H3 cells of resolution 7 (about 5 km²), decoys welcome; "
        "finer ones are refused: they would tell where somebody is",
    ),
]
Places = Annotated[
    list[UUID],
    Field(
        description=f"up to {MOST_PLACES} places, municipalities or larger, beside or instead of cells: warnings for "
        "them, for their parts and for what holds them; a village is refused: it would tell where somebody is",
    ),
]
# What no log or debugger shows of a model.
_PERSONAL = Field(repr=False)
Code = Annotated[SecretStr, Field(max_length=64)]
_EXAMPLE: dict[str, Any] = {
    "address": {"kind": "fid", "value": "dXs2kLq9RbGm4Tn7Vw1YzA"},
    "languages": ["uk", "ru"],
    "cells": ["871e6e4d9ffffff", "871e6e4dbffffff"],
    "platform": "android",
}
_BY_PLACE: dict[str, Any] = {
    "address": {"kind": "fid", "value": "dXs2kLq9RbGm4Tn7Vw1YzA"},
    "languages": ["uk"],
    "places": ["01936f3e-8f2a-7bbb-8000-1c0ffee00004"],
    "platform": "ios",
}
_BY_SMS: dict[str, Any] = {
    "address": {"kind": "sms", "number": "+380671234567"},
    "consent": {"wording": "sms-1", "language": "uk"},
    "languages": ["uk"],
    "places": ["01936f3e-8f2a-7bbb-8000-1c0ffee00004"],
    "platform": "sms",
}


class ProofIn(BaseModel):
    """The registration that this phone had before, with its secret: it is taken over at once."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    secret: Annotated[SecretStr, Field(max_length=64)]

    def proof(self) -> Proof:
        return Proof(self.id, Hidden(self.secret.get_secret_value()))


class RegistrationIn(BaseModel):
    """What a phone tells to be warned: never where it is, only the coarse cells that it wants to hear about."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE, _BY_PLACE, _BY_SMS]})

    address: AddressIn
    languages: Annotated[Languages, _PERSONAL]
    cells: Annotated[Cells, _PERSONAL] = []
    places: Annotated[Places, _PERSONAL] = []
    platform: Annotated[Platform, Field(description="sms: any phone, where the address is a number")]
    replaces: ProofIn | None = None
    consent: Annotated[ConsentIn | None, Field(description="to texts: needed with a number, and only there")] = None

    def newcomer(self, *, known: Known, network: Hidden[str], now: datetime) -> Newcomer:
        rules.demand_fitting(
            self.address.kind, self.platform, cells=bool(self.cells), replaces=self.replaces is not None
        )
        rules.demand_consent(self.address.kind, given=self.consent is not None)
        return Newcomer(
            platform=self.platform,
            address=self.address.address(),
            languages=rules.read_languages(self.languages, known),
            cells=Hidden(rules.read_cells(self.cells, least=0 if self.places else 1)),
            places=Hidden(rules.read_places(self.places)),
            network=network,
            replaces=self.replaces.proof() if self.replaces else None,
            consent=self.consent.consent(known=known, now=now) if self.consent else None,
        )


class ChangeIn(BaseModel):
    """What is to change; what is left out stays. A new address is unverified until it echoes its code."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"languages": ["en"]}]})

    address: PushAddressIn | None = None
    languages: Annotated[Languages | None, _PERSONAL] = None
    cells: Annotated[Cells | None, _PERSONAL] = None
    places: Annotated[Places | None, _PERSONAL] = None

    def change(self, *, known: Known, network: Hidden[str]) -> Change:
        return Change(
            network=network,
            address=None if self.address is None else self.address.address(),
            languages=None if self.languages is None else rules.read_languages(self.languages, known),
            cells=None if self.cells is None else Hidden(rules.read_cells(self.cells, least=0)),
            places=None if self.places is None else Hidden(rules.read_places(self.places)),
        )


class WebPushOut(BaseModel):
    """With which key a browser or a UnifiedPush distributor subscribes."""

    public_key: Annotated[
        str, Field(description="base64url, 65 bytes: `applicationServerKey`, the `vapid` of RFC 8292")
    ]

    @classmethod
    def of(cls, public: bytes) -> "WebPushOut":
        return cls(public_key=base64.urlsafe_b64encode(public).rstrip(b"=").decode())


class CodeIn(BaseModel):
    """A code: the one that was pushed to the address, or the one that whoever runs an exercise gave out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"code": "7Q2M-X9TD-41KV"}]})

    code: Code

    def hidden(self) -> Hidden[str]:
        return Hidden(self.code.get_secret_value())


class RegistrationOut(BaseModel):
    """What the service knows of a phone."""

    id: UUID
    platform: Platform
    address_kind: Annotated[AddressKind | None, Field(description="null: the address is dead, send a new one")]
    languages: Annotated[Languages, _PERSONAL]
    cells: Annotated[Cells, _PERSONAL]
    places: Annotated[Places, _PERSONAL]
    verified: Annotated[bool, Field(description="the address echoed its code; until then the phone is warned last")]
    capped: Annotated[
        bool,
        Field(
            description="not told before it is verified: too many unverified phones share this network, "
            "or it is reached by Web Push or by text"
        ),
    ]
    tester_until: Annotated[datetime | None, Field(description="until then exercises reach this phone; show it there")]
    phone: Annotated[
        PhoneState | None,
        Field(description="its number: `unproved`: no code came back; `lapsed`: texts stopped until it is proved anew"),
    ]
    created_at: datetime


class JoinedOut(RegistrationOut):
    """The same, with every alert told about its cells: those still live are on their way to the phone."""

    live_alerts: list[dict[str, Any]]


class CreatedOut(JoinedOut):
    """The same, with what is shown only this once."""

    secret: Annotated[str, Field(repr=False, description="shown this once; `Authorization: Bearer` for its owner")]
    receipt_key: Annotated[str, Field(repr=False, description="base64url, 32 bytes: makes this phone's receipts")]


class CodeOfferIn(BaseModel):
    """How many phones may enrol by one code, and how long."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"uses": 50, "hours": 24}]})

    uses: Annotated[int, Field(ge=1, le=10_000)]
    hours: Annotated[int, Field(ge=1, le=168)]

    def offer(self) -> CodeOffer:
        return CodeOffer(self.uses, timedelta(hours=self.hours))


class TesterCodeOut(BaseModel):
    code: Annotated[str, Field(repr=False, description="shown this once; only its hash is kept")]
    uses: int
    expires_at: datetime


def _shown(entry: Entry) -> dict[str, Any]:
    one = entry.registration
    return {
        "id": one.id,
        "platform": one.platform,
        "address_kind": one.held.kind if one.held else None,
        "languages": list(one.languages),
        "cells": [h3.int_to_str(cell) for cell in rules.cells_of(entry.cells.reveal())],
        "places": list(entry.places.reveal()),
        "verified": one.verified,
        "capped": one.capped,
        "tester_until": one.tester_until,
        "phone": entry.phone,
        "created_at": one.created_at,
    }


def shown(entry: Entry) -> RegistrationOut:
    return RegistrationOut(**_shown(entry))


def joined(entry: Entry) -> JoinedOut:
    return JoinedOut(**_shown(entry), live_alerts=[dict(one) for one in entry.live_alerts])


def created(entry: Entry, secret: Hidden[str], receipt_key: bytes) -> CreatedOut:
    return CreatedOut(
        **joined(entry).model_dump(),
        secret=secret.reveal(),
        receipt_key=base64.urlsafe_b64encode(receipt_key).rstrip(b"=").decode(),
    )
