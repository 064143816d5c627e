"""How push services know who sends: a token that each of them can check, good for it alone and for a few hours."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from service.config import Settings
from service.delivery.channels.web_push_vapid import Vapid, create
from service.kit.errors import Refused
from tests.subscribing import decoded

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CONTACT = "mailto:push@example.org"
ORIGIN = "https://push.example.org"


def claims(header: str, public: bytes) -> dict[str, object]:
    """Check a header as a push service does, and return what its token says."""
    scheme, _, rest = header.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid"
    assert decoded(parts["k"]) == public
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    key = ECKey.import_key(point.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    token = jwt.decode(parts["t"], key, algorithms=["ES256"])
    return token.claims


def test_a_push_service_can_check_who_sends_and_reach_them() -> None:
    vapid = Vapid(create(), CONTACT)
    said = claims(vapid.authorization(ORIGIN, now=NOW), vapid.public)
    assert said == {"aud": ORIGIN, "sub": CONTACT, "exp": int((NOW + timedelta(hours=12)).timestamp())}


def test_a_token_is_good_for_one_server_only() -> None:
    vapid = Vapid(create(), CONTACT)
    for origin in (ORIGIN, "https://other.example.org", "https://push.example.org:8443"):
        assert claims(vapid.authorization(origin, now=NOW), vapid.public)["aud"] == origin


@pytest.mark.parametrize("hours", [0, 5, 10.9, 11.1, 13, 100, -2, -100])
def test_a_token_is_made_once_and_anew_before_it_ends_or_when_the_clock_jumps(hours: float) -> None:
    vapid = Vapid(create(), CONTACT)
    first, later = vapid.authorization(ORIGIN, now=NOW), NOW + timedelta(hours=hours)
    header = vapid.authorization(ORIGIN, now=later)
    assert (header == first) is (0 <= hours < 11)
    until = claims(header, vapid.public)["exp"]
    assert isinstance(until, int)
    assert timedelta(hours=1) <= datetime.fromtimestamp(until, UTC) - later <= timedelta(hours=24)


def test_tokens_of_ever_new_servers_fill_no_memory() -> None:
    vapid = Vapid(create(), CONTACT)
    for number in range(1500):
        vapid.authorization(f"https://push{number}.example.org", now=NOW)
    assert len(vapid._tokens) <= 1000


@pytest.mark.parametrize(
    ("key", "contact", "name"),
    [
        (None, CONTACT, "setting-missing"),
        ("ab" * 32, None, "setting-missing"),
        ("ab" * 31, CONTACT, "setting-malformed"),
        ("00" * 32, CONTACT, "setting-malformed"),
        ("ff" * 32, CONTACT, "setting-malformed"),
        ("ab" * 32, "push@example.org", "setting-malformed"),
    ],
)
def test_a_missing_or_wrong_setting_is_said_by_name(key: str | None, contact: str | None, name: str) -> None:
    with pytest.raises(Refused) as refused:
        Vapid.of(Settings(vapid_key=key, vapid_contact=contact))
    assert refused.value.name == name
    assert "SUREFOOT_VAPID_" in (refused.value.where or "")
