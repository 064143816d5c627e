"""The JSON of how a phone is reached: addresses and numbers; what phones send is never repeated in an error."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, SecretStr, Tag

from service.kit.hidden import Hidden
from service.kit.storable import storable
from service.residents import rules, web_push
from service.residents.model import Address, AddressKind, Consent
from service.residents.numbers import LONGEST
from service.residents.web_push import LONGEST_ENDPOINT

Known: TypeAlias = Callable[[str], str | None]


class FcmAddressIn(BaseModel):
    """Where FCM finds the phone."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal[AddressKind.FID, AddressKind.TOKEN]
    value: Annotated[SecretStr, Field(max_length=4096)]

    def address(self) -> Address:
        return rules.check_address(Address(self.kind, Hidden(self.value.get_secret_value())))


class KeysIn(BaseModel):
    """With which messages are encrypted, so that only the phone reads them."""

    model_config = ConfigDict(extra="forbid")

    p256dh: Annotated[SecretStr, Field(max_length=128, description="base64url, 65 bytes: a point of P-256")]
    auth: Annotated[SecretStr, Field(max_length=64, description="base64url, 16 bytes")]


class WebPushAddressIn(BaseModel):
    """A subscription as `PushSubscription.toJSON()` or a UnifiedPush distributor gives it; see docs/web-push.md."""

    model_config = ConfigDict(extra="ignore")  # browsers add to it what they like, such as `expirationTime`

    kind: Literal[AddressKind.WEBPUSH]
    endpoint: Annotated[SecretStr, Field(max_length=LONGEST_ENDPOINT)]
    keys: KeysIn

    def address(self) -> Address:
        public, auth = self.keys.p256dh.get_secret_value(), self.keys.auth.get_secret_value()
        return web_push.address_of(self.endpoint.get_secret_value(), public, auth)


Number = Annotated[
    SecretStr,
    Field(
        max_length=LONGEST, description="a mobile phone's, best as E.164; digits of any script; of certain countries"
    ),
]


class SmsAddressIn(BaseModel):
    """A number that texts go to, where there is nothing to push to; a code goes there, to be sent back."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal[AddressKind.SMS]
    number: Number

    def address(self) -> Address:
        """Return the number as it was written: what it is, is looked at where it is kept."""
        return Address(self.kind, Hidden(self.number.get_secret_value()))


class ConsentIn(BaseModel):
    """What the owner of the number agreed to: the wording that was shown, or its name and version."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"wording": "sms-1", "language": "uk"}]})

    wording: Annotated[str, Field(min_length=1, max_length=1000)]
    language: Annotated[str, Field(max_length=64, description="BCP 47 tag in which it was shown", repr=False)]

    def consent(self, *, known: Known, now: datetime) -> Consent:
        [language] = rules.read_languages([self.language], known)
        return Consent(storable(self.wording), language, now)


class PhoneIn(BaseModel):
    """A number to which warnings go on by text when a push brings no receipt."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"number": "+380671234567", "consent": {"wording": "sms-1", "language": "uk"}}]
        },
    )

    number: Number
    consent: ConsentIn


class TextedCodeIn(BaseModel):
    """The code that came by text: six digits, of any script."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"code": "482913"}]})

    code: Annotated[SecretStr, Field(max_length=16)]

    def hidden(self) -> Hidden[str]:
        return Hidden(self.code.get_secret_value())


def _way(address: object) -> str | None:
    kind = address.get("kind") if isinstance(address, dict) else getattr(address, "kind", None)
    ways: dict[str, str] = {AddressKind.FID: "fcm", AddressKind.TOKEN: "fcm", AddressKind.WEBPUSH: "webpush"}
    ways[AddressKind.SMS] = "sms"
    return ways.get(kind) if isinstance(kind, str) else None


# The messages are our own: pydantic's would repeat what was sent.
_ANY = Discriminator(
    _way, custom_error_type="address-kind", custom_error_message="the kind of an address is fid, token, webpush or sms"
)
_PUSHED = Discriminator(
    _way, custom_error_type="address-kind", custom_error_message="the kind of an address is fid, token or webpush"
)
_Fcm = Annotated[FcmAddressIn, Tag("fcm")]
_WebPush = Annotated[WebPushAddressIn, Tag("webpush")]
AddressIn: TypeAlias = Annotated[_Fcm | _WebPush | Annotated[SmsAddressIn, Tag("sms")], _ANY]
PushAddressIn: TypeAlias = Annotated[_Fcm | _WebPush, _PUSHED]
