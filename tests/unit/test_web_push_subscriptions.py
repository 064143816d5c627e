"""Which subscriptions are taken: those whose server may be asked, however an address is spelt."""

import pytest

from service.config import Settings
from service.kit.crypto import Keyring
from service.kit.errors import Refused
from service.residents import rules
from service.residents.admitting import permitted
from service.residents.web_push import Permitted, address_of, encoded, server_of, subscription
from tests.subscribing import Subscriber

KEYRING = Keyring(bytes(32))
PHONE = Subscriber()
PUBLIC, AUTH = encoded(PHONE.public), encoded(PHONE.auth)


def origin(endpoint: str, permitted: Permitted | None = None) -> str:
    return server_of(address_of(endpoint, PUBLIC, AUTH), permitted or Permitted()).origin


def refusal(endpoint: str, permitted: Permitted | None = None) -> str:
    with pytest.raises(Refused) as refused:
        origin(endpoint, permitted)
    assert endpoint not in f"{refused.value.detail}{refused.value.remedy}{refused.value.where}"
    return refused.value.name


@pytest.mark.parametrize(
    ("endpoint", "asked"),
    [
        ("https://fcm.googleapis.com/fcm/send/dXs2:APA91b", "https://fcm.googleapis.com"),
        ("https://updates.push.services.mozilla.com/wpush/v2/gAAAA=", "https://updates.push.services.mozilla.com"),
        ("https://web.push.apple.com/QGx?a=b&c=[1]", "https://web.push.apple.com"),
        ("https://wns2-par02p.notify.windows.com/w/?token=BQ%2fY", "https://wns2-par02p.notify.windows.com"),
        ("https://NTFY.example.org/up?up=1", "https://ntfy.example.org"),
        ("https://push.example.org:443/one", "https://push.example.org"),
        ("https://push.xn--bcher-kva.example/one@two", "https://push.xn--bcher-kva.example"),
        ("https://push.xn--j6w193g/one", "https://push.xn--j6w193g"),
    ],
)
def test_endpoints_of_servers_of_the_open_internet_are_taken(endpoint: str, asked: str) -> None:
    assert origin(endpoint) == asked
    assert subscription(address_of(endpoint, PUBLIC, AUTH)).endpoint.reveal() == endpoint


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [
        ("http://push.example.org/one", "endpoint-not-https"),
        ("https://push.example.org:8443/one", "endpoint-not-allowed"),
        ("https://push.example.org:22/one", "endpoint-not-allowed"),
        ("https://push.example.org:0/one", "endpoint-malformed"),
        ("https://push.example.org:/one", "endpoint-malformed"),
        ("https://user@push.example.org/one", "endpoint-malformed"),
        ("https://user:word@push.example.org/one", "endpoint-malformed"),
        ("https://push.example.org@10.0.0.1/one", "endpoint-malformed"),
        ("https://push.example.org\\@10.0.0.1/one", "endpoint-malformed"),
        ("https://push.example.org#@10.0.0.1/one", "endpoint-malformed"),
        ("https://push.example.org/one#two", "endpoint-malformed"),
        ("https://push.example.org", "endpoint-malformed"),
        ("https://push.example.org?x/", "endpoint-malformed"),
        ("https:/push.example.org/one", "endpoint-malformed"),
        ("https:\\\\push.example.org/one", "endpoint-malformed"),
        (" https://push.example.org/one", "endpoint-malformed"),
        ("https://push.example.org/one\n", "endpoint-malformed"),
        ("https://push.exam\tple.org/one", "endpoint-malformed"),
        ("https://push%2eexample.org/one", "endpoint-malformed"),
        ("https://127.0.0.1/one", "endpoint-host-refused"),
        ("https://93.184.215.14/one", "endpoint-host-refused"),
        ("https://2130706433/one", "endpoint-host-refused"),
        ("https://0177.0.0.1/one", "endpoint-host-refused"),
        ("https://0x7f.0.0.1/one", "endpoint-host-refused"),
        ("https://0x7f000001/one", "endpoint-host-refused"),
        ("https://127.1/one", "endpoint-host-refused"),
        ("https://push.0x7f/one", "endpoint-host-refused"),
        ("https://169.254.169.254/latest/meta-data", "endpoint-host-refused"),
        ("https://[::1]/one", "endpoint-malformed"),
        ("https://[::ffff:127.0.0.1]/one", "endpoint-malformed"),
        ("https://[fe80::1%25eth0]/one", "endpoint-malformed"),
        ("https://localhost/one", "endpoint-host-refused"),
        ("https://router/one", "endpoint-host-refused"),
        ("https://push.example.org./one", "endpoint-host-refused"),
        ("https://.example.org/one", "endpoint-host-refused"),
        ("https://push..example.org/one", "endpoint-host-refused"),
        ("https://-push.example.org/one", "endpoint-host-refused"),
        ("https://\uff11\uff12\uff17.0.0.1/one", "endpoint-malformed"),
        ("https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ.example/one", "endpoint-malformed"),
        ("https://bücher.example/one", "endpoint-malformed"),
        ("https://push。example.org/one", "endpoint-malformed"),
        ("file:///etc/passwd", "endpoint-malformed"),
        ("gopher://push.example.org/one", "endpoint-malformed"),
        ("//push.example.org/one", "endpoint-malformed"),
        ("https://", "endpoint-malformed"),
        (f"https://push.example.org/{'a' * 2048}", "endpoint-malformed"),
    ],
)
def test_whatever_could_lead_elsewhere_than_it_seems_is_refused_and_never_repeated(endpoint: str, name: str) -> None:
    assert refusal(endpoint) == name


def test_an_operator_may_allow_certain_servers_only_and_other_ports_of_theirs() -> None:
    listed = Permitted(("ntfy.example.org:8443", ".push.example.com", "Push.Example.Net"))
    assert origin("https://ntfy.example.org:8443/up", listed) == "https://ntfy.example.org:8443"
    assert origin("https://a.b.push.example.com/up", listed) == "https://a.b.push.example.com"
    assert origin("https://push.example.net/up", listed) == "https://push.example.net"
    for other in ("ntfy.example.org", "push.example.com", "evilpush.example.com", "push.example.net:8443", "x.org"):
        assert refusal(f"https://{other}/up", listed) == "endpoint-not-allowed"


def test_this_machine_is_pushed_to_in_the_demo_only_and_then_nothing_else() -> None:
    here = Permitted(loopback_only=True)
    assert origin("http://127.0.0.1:8080/one", here) == "http://127.0.0.1:8080"
    assert origin("https://127.0.0.1:8443/one", here) == "https://127.0.0.1:8443"
    assert refusal("https://192.0.2.1/one", here) == "endpoint-host-refused"
    assert refusal("https://2130706433/one", here) == "endpoint-host-refused"
    assert refusal("http://127.0.0.1:8080/one") == "endpoint-not-https"
    assert permitted(Settings()) == Permitted()
    assert permitted(Settings(web_push_hosts="a.example, b.example", loopback_only=True)) == Permitted(
        ("a.example", "b.example"), loopback_only=True
    )


@pytest.mark.parametrize(
    ("p256dh", "auth", "where"),
    [
        (PUBLIC[:-4], AUTH, "address.keys.p256dh"),
        (encoded(b"\x04" + bytes(64)), AUTH, "address.keys.p256dh"),
        (encoded(b"\x02" + PHONE.public[1:]), AUTH, "address.keys.p256dh"),
        ("é" * 87, AUTH, "address.keys.p256dh"),
        (PUBLIC, encoded(bytes(15)), "address.keys.auth"),
        (PUBLIC, "", "address.keys.auth"),
        (PUBLIC, "****", "address.keys.auth"),
    ],
    # The keys are new at every run: names made of them would differ between workers.
    ids=["short", "not-on-the-curve", "compressed", "letters", "short-secret", "no-secret", "no-base64"],
)
def test_keys_that_nothing_could_be_encrypted_with_are_refused_by_name(p256dh: str, auth: str, where: str) -> None:
    with pytest.raises(Refused) as refused:
        address_of(PHONE.endpoint, p256dh, auth)
    assert (refused.value.name, refused.value.where) == ("subscription-malformed", where)


def test_keys_are_read_with_padding_or_in_plain_base64_too() -> None:
    plain = PUBLIC.translate(str.maketrans("-_", "+/")) + "="
    assert address_of(PHONE.endpoint, plain, AUTH + "==") == PHONE.address()


def test_one_endpoint_is_one_address_whatever_keys_come_with_it() -> None:
    other = Subscriber(PHONE.endpoint)
    hashes = {rules.address_hash(KEYRING, one.address()) for one in (PHONE, other)}
    assert len(hashes) == 1
    assert rules.address_hash(KEYRING, Subscriber("https://push.example.org/two").address()) not in hashes


def test_nothing_of_a_subscription_is_printed() -> None:
    shown = repr(PHONE.address()) + repr(subscription(PHONE.address()))
    for private in (PHONE.endpoint, AUTH, repr(PHONE.auth)):
        assert private not in shown
