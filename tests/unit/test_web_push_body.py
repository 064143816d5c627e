"""What is pushed to a browser: only it can read it, and nobody learns much from its length."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from http_ece import ECEException

from service.delivery.channels.web_push import text_of
from service.delivery.channels.web_push_body import LONGEST, MOST_SAID, STEP, encrypt, seal
from service.delivery.model import Payload
from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.residents.web_push import Subscription, subscription
from tests.integration.parcels import a_warning
from tests.subscribing import Subscriber, decoded

# RFC 8291, section 5.
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
PHONE = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
OWN = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_standards_own_example_comes_out_to_the_byte() -> None:
    to = Subscription(Hidden("https://push.example.net/"), decoded(PHONE), Hidden(decoded(AUTH)))
    own = ec.derive_private_key(int.from_bytes(decoded(OWN), "big"), ec.SECP256R1())
    said = b"When I grow up, I want to be a watermelon"
    assert seal(said, to, own=own, salt=decoded(SALT), step=1) == decoded(BODY)


@pytest.mark.parametrize("size", [0, 1, 500, STEP, 3000, MOST_SAID])
def test_only_the_phone_opens_what_is_said_to_it(size: int) -> None:
    phone, other = Subscriber(), Subscriber()
    body = encrypt(bytes(range(256)) * (size // 256) + bytes(size % 256), subscription(phone.address()))
    assert len(phone.open(body)) == size
    with pytest.raises(ECEException):
        other.open(body)


def test_lengths_come_in_four_sizes_and_never_more_than_every_service_takes() -> None:
    to = subscription(Subscriber().address())
    sizes = [len(encrypt(bytes(size), to)) for size in range(0, MOST_SAID + 1, 7)]
    assert set(sizes) == {STEP, 2 * STEP, 3 * STEP, LONGEST}
    assert sizes == sorted(sizes)


def test_no_two_messages_share_a_key_or_look_alike() -> None:
    to = subscription(Subscriber().address())
    one, other = encrypt(b"the same", to), encrypt(b"the same", to)
    assert one[:16] != other[:16]
    assert one[21:86] != other[21:86]
    assert one[86:] != other[86:]


def test_what_does_not_fit_is_no_message() -> None:
    with pytest.raises(ValueError, match="at most"):
        encrypt(bytes(MOST_SAID + 1), subscription(Subscriber().address()))


def longest(letter: str) -> Payload:
    """The longest warning of this letter that the service would send at all."""
    few, many = 1, 4000
    while many - few > 1:
        middle = (few + many) // 2
        try:
            a_warning(body=letter * middle)
        except Refused:
            many = middle
        else:
            few = middle
    return a_warning(body=letter * few)


@pytest.mark.parametrize("letter", ["a", "Ж", "警", "😀", '"', "a\n"])
def test_whatever_fits_a_push_of_google_fits_a_web_push(letter: str) -> None:
    said = text_of(longest(letter))
    assert len(said) + len("9223372036854775807") <= MOST_SAID
    assert len(said) > MOST_SAID / 3, "or the test would show nothing"
