"""The JSON of receipts and of the switch that stops sending."""

import base64
import binascii
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.delivery.model import Receipt
from service.delivery.records import Sending

_MAC_BYTES = 32


def _mac(text: str) -> str:
    try:
        made = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise ValueError("the mac is base64url without padding") from error
    if len(made) != _MAC_BYTES:
        raise ValueError("the mac is 32 bytes of HMAC-SHA-256")
    return text


class ReceiptIn(BaseModel):
    """Sent by the app once it showed an alert."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "registration": "01936f3e-8f2a-7bbb-8000-1c0ffee00001",
                    "alert": "01936f3e-8f2a-7bbb-8000-1c0ffee00002",
                    "revision": 1,
                    "batch": 42,
                    "mac": "S9mVhEYkPqzH0bQ0tI0X4V1l2VJ0n1x8cYk2yqj3m5E",
                }
            ]
        },
    )

    registration: UUID
    alert: UUID
    revision: Annotated[int, Field(ge=1, lt=2**31)]
    batch: Annotated[int | None, Field(ge=1, lt=2**63, description="as in the push; null after a sync")] = None
    mac: Annotated[
        str,
        Field(max_length=64, description="HMAC-SHA-256 with the receipt key, base64url; see docs/receipts.md"),
        AfterValidator(_mac),
    ]

    def receipt(self) -> Receipt:
        made = base64.urlsafe_b64decode(self.mac + "=" * (-len(self.mac) % 4))
        return Receipt(self.registration, self.alert, self.revision, self.batch, made)


class Why(BaseModel):
    """Why sending is paused or resumed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "wrong texts went out"}]})

    reason: Annotated[str, Field(min_length=3, max_length=500)]


class SendingOut(BaseModel):
    """Whether messages go out, and what stands in the way if not."""

    paused: bool
    held: Annotated[bool, Field(description="paused, or this database belongs to another installation")]
    reason: str
    trouble: Annotated[str, Field(description="the last fault that only an operator can mend")]
    changed_at: datetime | None

    @classmethod
    def of(cls, sending: Sending, *, epoch: str | None) -> "SendingOut":
        return cls(
            paused=sending.paused,
            held=sending.held(epoch=epoch),
            reason=sending.reason,
            trouble=sending.trouble,
            changed_at=sending.changed_at,
        )
