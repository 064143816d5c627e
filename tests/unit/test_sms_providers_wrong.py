"""A file of providers that is wrong: each fault is named with its place and its remedy, all at once, none repeated."""

from pathlib import Path

import pytest

from service.delivery import providers
from service.kit.errors import Refused
from tests.worked import HTTP, REPORT, SMPP


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "providers.toml"


def refused(file: Path, text: str) -> Refused:
    file.write_text(text)
    with pytest.raises(Refused) as caught:
        providers.read(file)
    return caught.value


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
