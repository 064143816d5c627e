"""However an endpoint is written: what is taken leads every reader to one host, and never to a bare address."""

from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st
from pyreqwest.http import Url

from service.delivery.channels.web_push_body import LONGEST, MOST_SAID, STEP, encrypt
from service.kit.errors import Refused
from service.residents.web_push import Permitted, address_of, encoded, server_of, subscription
from tests.subscribing import Subscriber

PHONE = Subscriber()
KEYS = encoded(PHONE.public), encoded(PHONE.auth)
PIECES = st.sampled_from(
    [
        *"a01.-_@:/\\#?%[] \t\n\0é。ⓐß",
        "..",
        "127",
        "0x7f",
        "0177",
        "%2e",
        "%00",
        "::1",
        "xn--",
        "org",
        "443",
        "\uff11",
        "\u200d",
    ]
)
FEW = st.lists(PIECES, max_size=2).map("".join)
HOSTS = st.tuples(FEW, st.sampled_from(["push", "push.example.", "10.0.0.", "xn--bcher-kva.", ""]), FEW)


@given(HOSTS.map("".join), FEW)
def test_whoever_reads_an_endpoint_that_was_taken_finds_the_same_host(host: str, path: str) -> None:
    endpoint = f"https://{host}/{path}"
    try:
        server = server_of(address_of(endpoint, *KEYS), Permitted())
    except Refused:
        return
    parts = urlsplit(endpoint)
    assert (parts.hostname, parts.port or 443, parts.username) == (server.host, 443, None)
    try:
        read = Url(endpoint)
    except ValueError:
        return  # the channel asks nobody then
    assert (read.scheme, read.host_str, read.port_or_known_default) == ("https", server.host, 443)
    assert not server.host.replace(".", "").isdigit()


@given(st.from_regex(r"\A(?:[a-z0-9-]{1,12}\.){1,3}[a-z]{2,6}(?::[0-9]{1,5})?\Z"))
def test_a_plain_name_is_taken_if_it_is_one(host: str) -> None:
    try:
        server = server_of(address_of(f"https://{host}/up", *KEYS), Permitted())
    except Refused:
        labels = host.partition(":")[0].split(".")
        assert ":" in host or any(label.startswith("-") or label.endswith("-") for label in labels)
    else:
        assert server.origin == f"https://{host.partition(':')[0]}"


@given(st.binary(max_size=MOST_SAID))
def test_whatever_is_said_comes_out_at_the_phone(said: bytes) -> None:
    body = encrypt(said, subscription(PHONE.address()))
    assert PHONE.open(body) == said
    assert len(body) % STEP == 0
    assert len(body) <= LONGEST
