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

WORKED = Path(__file__).parents[2] / "docs" / "sms-providers.toml"
SMPP = """
[[provider]]
name = "operator"
protocol = "smpp"
sender = "INFO"
per_second = 10
price = "0.03"
[provider.smpp]
host = "127.0.0.1"
port = 2775
system_id = "us"
password = {env = "PASSWORD"}
"""
HTTP = """
[[provider]]
name = "gateway"
protocol = "http"
sender = "1234"
per_second = 10
price = 0.03
[provider.http]
url = "https://gateway.example/send"
form = {to = "{to}", text = "{text}"}
id = {json = "id"}
answers = [{status = [200], means = "taken"}]
"""
REPORT = """
[provider.report]
secret = {env = "REPORT"}
shown = {query = "key"}
reads = "query"
id = "id"
state = "state"
states = {ok = "delivered"}
"""


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


WRONG = [
    (SMPP, 'name = "operator"', 'name = "The Operator"', "provider[1].name"),
    (SMPP, 'name = "operator"', "name = 5", "provider[1].name"),
    (SMPP, 'protocol = "smpp"', 'protocol = "smtp"', "(operator).protocol"),
    (SMPP, 'sender = "INFO"', 'sender = "MORE THAN ELEVEN"', "(operator).sender"),
    (SMPP, 'sender = "INFO"', 'sender = "INFO"\nanswerable = true', "(operator).answerable"),
    (SMPP, "per_second = 10", "per_second = 0", "(operator).per_second"),
    (SMPP, "per_second = 10", "per_second = true", "(operator).per_second"),
    (SMPP, "per_second = 10", "", "(operator).per_second"),
    (SMPP, 'price = "0.03"', 'price = "cheap"', "(operator).price"),
    (SMPP, 'price = "0.03"', 'price = "-1"', "(operator).price"),
    (SMPP, 'price = "0.03"', 'price = "NaN"', "(operator).price"),
    (SMPP, 'price = "0.03"', 'price = "1e-9"', "(operator).price"),
    (SMPP, 'price = "0.03"', 'price = "1"\nprice_by_country = {Ukraine = "1"}', "price_by_country.Ukraine"),
    (SMPP, 'price = "0.03"', 'price = "1"\nprices = "1"', "(operator).prices"),
    (SMPP, "[provider.smpp]", "[provider.smmp]", "(operator).smpp"),
    (SMPP, 'host = "127.0.0.1"', 'host = "user@host"', "smpp.host"),
    (SMPP, "port = 2775", "port = 99999", "smpp.port"),
    (SMPP, "port = 2775", 'port = "2775"', "smpp.port"),
    (SMPP, 'system_id = "us"', 'system_id = "far too long for smpp"', "smpp.system_id"),
    (SMPP, '{env = "PASSWORD"}', '"hunter2hunter2"', "smpp.password"),
    (SMPP, '{env = "PASSWORD"}', '{env = "hunter2-hunter2"}', "smpp.password.env"),
    (SMPP, '{env = "PASSWORD"}', "{}", "smpp.password"),
    (SMPP, '{env = "PASSWORD"}', '{env = "A", file = "/a"}', "smpp.password"),
    (SMPP, '{env = "PASSWORD"}', '{file = "relative"}', "smpp.password.file"),
    (SMPP, '{env = "PASSWORD"}', '{vault = "a"}', "smpp.password.vault"),
    (SMPP, "port = 2775", 'port = 2775\nbind = "both"', "smpp.bind"),
    (SMPP, "port = 2775", "port = 2775\ntls = 1", "smpp.tls"),
    (SMPP, "port = 2775", 'port = 2775\ntls = false\nca = "/ca.pem"', "smpp.ca"),
    (SMPP, "port = 2775", "port = 2775\nucs2_coding = 300", "smpp.ucs2_coding"),
    (SMPP, "port = 2775", 'port = 2775\nsubmitted_ids = "hex"', "smpp.reported_ids"),
    (SMPP, "port = 2775", "port = 2775\nsource = {ton = 9, npi = 1}", "smpp.source.ton"),
    (SMPP, "port = 2775", 'port = 2775\nstatuses = {"0xZZ" = "refused"}', "smpp.statuses.0xZZ"),
    (SMPP, "port = 2775", 'port = 2775\nstatuses = {"11" = "dead"}', "smpp.statuses.11"),
    (SMPP, "port = 2775", 'port = 2775\nstatuses = {"11" = "taken"}', "smpp.statuses.11"),
    (SMPP, "port = 2775", 'port = 2775\nerrors = {"1" = "lost"}', "smpp.errors.1"),
    (SMPP, "port = 2775", "port = 2775\nwindows = 3", "smpp.windows"),
    (HTTP, "https://gateway.example/send", "http://gateway.example/send", "http.url"),
    (HTTP, "https://gateway.example/send", "ftp://gateway.example/send", "http.url"),
    (HTTP, "https://gateway.example/send", "https://gateway.example/send?to={to}", "http.url"),
    (HTTP, "https://gateway.example/send", "https://{to}.example/", "http.url"),
    (HTTP, "https://gateway.example/send", "https://gateway{to}", "http.url"),
    (HTTP, "https://gateway.example/send", "https://a:b@gateway.example/", "http.url"),
    (HTTP, "https://gateway.example/send", "https://gateway.example/{text}", "http.url"),
    (HTTP, '{to = "{to}", text', "{text", "(gateway).http"),
    (HTTP, 'text = "{text}"', 'text = "{txt}"', "http.form.text"),
    (HTTP, 'text = "{text}"', 'text = "{text"', "http.form.text"),
    (HTTP, 'text = "{text}"', 'text = "{text!r}"', "http.form.text"),
    (HTTP, 'text = "{text}"', 'text = "{text:>9}"', "http.form.text"),
    (HTTP, 'text = "{text}"', 'text = "{text.__class__}"', "http.form.text"),
    (HTTP, 'text = "{text}"', 'text = "{text} {secret.key}"', "http.form.text"),
    (HTTP, 'id = {json = "id"}', 'id = "ours"', "http.id"),
    (HTTP, 'id = {json = "id"}', 'id = "theirs"', "http.id"),
    (HTTP, 'id = {json = "id"}', "id = {}", "http.id"),
    (HTTP, 'id = {json = "id"}', "", "http.id"),
    (HTTP, 'id = {json = "id"}', "id = {body = '('}", "http.id.body"),
    (HTTP, 'means = "taken"', 'means = "refused"', "http.answers"),
    (HTTP, 'status = [200], means = "taken"', 'means = "taken"', "http.answers[1]"),
    (HTTP, "status = [200]", "status = [2000]", "http.answers[1].status"),
    (HTTP, "status = [200]", 'status = ["200"]', "http.answers[1].status"),
    (HTTP, "status = [200]", 'status = [200], equals = ["ok"]', "http.answers[1].equals"),
    (HTTP, "id = {", 'method = "GET"\nid = {', "http.method"),
    (HTTP, "id = {", 'method = "PUT"\nid = {', "http.method"),
    (HTTP, "id = {", 'body = "{text}"\nid = {', "http.method"),
    (HTTP, "id = {", 'headers = {x = "{text}"}\nid = {', "http.headers.x"),
    (HTTP, "id = {", 'headers = {host = "elsewhere"}\nid = {', "http.headers.host"),
    (HTTP, "id = {", 'headers = {"a b" = "c"}\nid = {', "http.headers.a b"),
    (HTTP, "id = {", 'callback = "https://us.example/{id}"\nid = {', "http.callback"),
    (HTTP, "id = {", 'query = {url = "{callback}"}\nid = {', "http.callback"),
    (HTTP, "id = {", 'secrets = {key = {env = "KEY"}}\nid = {', "http.secrets.key"),
    (HTTP, "id = {", 'secrets = {report = {env = "KEY"}}\nid = {', "http.secrets.report"),
    (HTTP, "id = {", "timeout_s = 600\nid = {", "http.timeout_s"),
    (HTTP, "id = {", 'codings = {gsm7 = "0"}\nid = {', "http.codings.ucs2"),
    (HTTP, "form = {", "json = {price = 1.5, ", "http.json.price"),
    (HTTP + REPORT, '{query = "key"}', "{}", "report.shown"),
    (HTTP + REPORT, '{query = "key"}', '{query = "key", header = "key"}', "report.shown"),
    (HTTP + REPORT, 'reads = "query"', 'reads = "xml"', "report.reads"),
    (HTTP + REPORT, 'reads = "query"', 'reads = "query"\neach = "a"', "report.each"),
    (HTTP + REPORT, 'ok = "delivered"', 'ok = "failed"', "report.states"),
    (HTTP + REPORT, 'ok = "delivered"', 'ok = "arrived"', "report.states.ok"),
    (HTTP + REPORT, 'id = "id"\nstate', "state", "report.id"),
    (HTTP + REPORT, 'state = "state"', 'state = "state"\nerrors = {"1" = "failed"}', "report.error"),
    (SMPP + REPORT, "port", "port", "(operator).protocol"),
    (SMPP + SMPP, "port", "port", "(operator).name"),
]


@pytest.mark.parametrize(("text", "old", "new", "where"), WRONG, ids=lambda one: one.strip()[:40])
def test_whoever_writes_it_wrongly_is_told_where_and_how_to_mend_it(
    file: Path, text: str, old: str, new: str, where: str
) -> None:
    assert old in text
    found = refused(file, text.replace(old, new, 1))
    assert any(where in fault.where for fault in found.faults), [fault.where for fault in found.faults]
    assert all(fault.where.startswith("providers.toml") and fault.detail and fault.remedy for fault in found.faults)
    assert found.where == str(file)
    assert "hunter2" not in repr((found.detail, found.remedy, found.faults))


def test_all_faults_are_named_at_once(file: Path) -> None:
    text = SMPP.replace("port = 2775", "port = 0").replace("per_second = 10", "per_second = 0") + HTTP.replace(
        "sender", "wrong = 1\nsender"
    )
    places = [fault.where.split(").")[1] for fault in refused(file, text).faults]
    assert places == ["per_second", "smpp.port", "wrong"]


def test_a_key_that_is_nearly_right_is_suggested(file: Path) -> None:
    (fault,) = refused(file, SMPP.replace("system_id", "system_id = 'us'\nwindw = 3\n#", 1)).faults
    assert fault.remedy == "Did you mean window?"


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "names no provider"),
        ("provider = 5", "wrong kind"),
        ("provider = [5]", "no table"),
        ("[provider]\nname = 'a'", "wrong kind"),
        ("a = = b", "no TOML: at line 1, column 5"),
        ("password = 'hunter2", "no TOML: at end of document"),
        ("x = 1\n" + SMPP, "no key that is known"),
    ],
)
def test_what_is_no_list_of_providers_is_refused(file: Path, text: str, detail: str) -> None:
    found = refused(file, text)
    assert any(detail in fault.detail for fault in found.faults)
    assert "hunter2" not in repr((found.detail, found.faults))


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
    assert refused(file, HTTP.replace("gateway.example", "localhost"), loopback_only=True), "a name could lead anywhere"
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
