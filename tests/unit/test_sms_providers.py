"""The file of providers: what it says is understood; what is wrong in it is named, all at once, and not repeated."""

from decimal import Decimal
from pathlib import Path

import pytest

from service.config import Settings
from service.delivery import providers
from service.delivery.provider_ways import (
    HttpWay,
    IdBase,
    Meaning,
    Numbering,
    Reads,
    Replying,
    Secret,
    SmppWay,
    Template,
)
from service.delivery.providers import Protocol, Provider
from service.delivery.sms import Arrival
from service.kit.errors import Refused
from tests.worked import HTTP, SMPP, WORKED


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "providers.toml"


def read(file: Path, text: str, **more: bool) -> tuple[Provider, ...]:
    file.write_text(text)
    return providers.read(file, **more)


def refused(file: Path, text: str, **more: bool) -> Refused:
    with pytest.raises(Refused) as caught:
        read(file, text, **more)
    return caught.value


def test_the_worked_file_is_read_as_it_stands() -> None:
    operator, kannel, gateway = providers.read(WORKED)
    assert (operator.protocol, operator.weight, operator.price_in("PL")) == (Protocol.SMPP, 3, Decimal("0.045"))
    assert isinstance(operator.way, SmppWay)
    assert operator.way.statuses == {0x0B: Meaning.NUMBER_DEAD, 0x410: Meaning.OPTED_OUT}
    assert operator.way.errors["00b"] is Arrival.UNKNOWN_SUBSCRIBER
    assert (operator.way.submitted_ids, operator.way.reported_ids) == (IdBase.HEX, IdBase.DECIMAL)
    assert isinstance(kannel.way, HttpWay)
    assert kannel.way.secrets.keys() == {"password", "report"}
    assert kannel.inbound is not None
    assert (kannel.inbound.callback.reads, kannel.inbound.reply) == (Reads.HEADERS, Replying.SEPARATE)
    assert isinstance(gateway.way, HttpWay)
    assert gateway.way.secrets.keys() == {"key"}, "what the request does not show, the worker need not open"
    assert gateway.report is not None
    assert gateway.report.callback.secret == Secret("SMS_GATEWAY_REPORT")


def test_what_need_not_be_said_is_what_most_operators_want(file: Path) -> None:
    (one,) = read(file, SMPP)
    assert isinstance(one.way, SmppWay)
    assert one.way.tls
    assert one.way.source == Numbering(5, 0)
    assert (one.weight, one.answerable) == (1, False)


@pytest.mark.parametrize(
    ("sender", "numbering"), [("INFO", Numbering(5, 0)), ("1234", Numbering(0, 1)), ("+380441234567", Numbering(1, 1))]
)
def test_how_a_sender_is_numbered_follows_from_its_form(file: Path, sender: str, numbering: Numbering) -> None:
    (one,) = read(file, SMPP.replace("INFO", sender))
    assert isinstance(one.way, SmppWay)
    assert one.way.source == numbering


def test_a_price_is_exact_however_it_is_written(file: Path) -> None:
    (one,) = read(file, HTTP)
    assert one.price == Decimal("0.03")


def test_the_dearest_price_counts_and_only_those_of_the_countries_that_are_texted(file: Path) -> None:
    dear = HTTP.replace("price = 0.03", 'price = 0.03\nprice_by_country = {PL = "0.09", UA = "0.01"}')
    found = read(file, dear + SMPP.replace("0.03", "0.02"))
    assert providers.dearest(found) == Decimal("0.09")
    assert providers.dearest(found, countries=["UA"]) == Decimal("0.02")
    assert providers.dearest(found, countries=["UA", "DE"]) == Decimal("0.03")
    assert providers.dearest(()) == 0


def test_a_template_keeps_what_is_a_hole_apart_from_what_is_text(file: Path) -> None:
    (one,) = read(file, HTTP.replace('text = "{text}"', 'text = "{{{text}}}"'))
    assert isinstance(one.way, HttpWay)
    assert one.way.request.form is not None
    assert one.way.request.form["text"] == Template((("{", ""), ("", "text"), ("}", "")))


def test_no_file_means_no_providers() -> None:
    assert providers.of(Settings()) == ()


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    for made in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(Refused) as caught:
            providers.read(made)
        assert "cannot be read" in caught.value.detail
    file = tmp_path / "letters.toml"
    file.write_bytes(b"a = '\xff'")
    with pytest.raises(Refused) as caught:
        providers.read(file)
    assert "not UTF-8" in caught.value.detail
    file.write_bytes(b"#" * 300_000)
    with pytest.raises(Refused) as caught:
        providers.read(file)
    assert "more than" in caught.value.detail


def test_with_loopback_only_nothing_may_lead_elsewhere(file: Path) -> None:
    assert read(file, SMPP, loopback_only=True)
    (fault,) = refused(file, SMPP.replace("127.0.0.1", "smsc.example"), loopback_only=True).faults
    assert fault.where.endswith("(operator).smpp")
    assert refused(file, HTTP, loopback_only=True).faults[0].where.endswith("(gateway).http")
    refused(file, HTTP.replace("gateway.example", "localhost"), loopback_only=True)  # a name could lead anywhere
    assert read(file, HTTP.replace("https://gateway.example", "http://127.0.0.1:9"), loopback_only=True)


def test_a_secret_is_opened_where_it_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "secret"
    kept.write_text("from a file\n")
    monkeypatch.setenv("SOME_SECRET", "from the environment")
    assert providers.secret(Secret(file=kept)).reveal() == "from a file"
    assert providers.secret(Secret(env="SOME_SECRET")).reveal() == "from the environment"
    assert "from" not in repr(providers.secret(Secret(file=kept)))


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe"])
def test_a_secret_that_is_not_there_is_refused_without_being_told(tmp_path: Path, content: bytes | None) -> None:
    kept = tmp_path / "secret"
    if content is not None:
        kept.write_bytes(content)
    with pytest.raises(Refused) as caught:
        providers.secret(Secret(file=kept), of="password of the provider x")
    assert "password of the provider x" in caught.value.detail
    assert str(kept) in caught.value.detail
    with pytest.raises(Refused, match="the variable NOT_THERE is empty or unset"):
        providers.secret(Secret(env="NOT_THERE"))
