"""`surefoot check` says of texts what is there and what would stop them, and shows no secret."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from service.__main__ import app as program
from service.commands import checking_sms
from service.commands.finding import Found, Verdict
from service.config import Settings
from tests.worked import SECRETS, WORKED, a_gateway

READY: dict[str, Any] = {
    "sms_providers": WORKED,
    "sms_countries": ("UA", "PL"),
    "sms_number": "1234",
    "sms_alert_budget": 500,
    "sms_month_budget": 2_000,
    "number_keys": f"k2:{'cd' * 32},k1:{'ab' * 32}",
    "authority_short": "Info",
}


@pytest.fixture
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def looked(**settings: object) -> list[Found]:
    return list(checking_sms.look(Settings(**(READY | settings))))


def verdicts(found: list[Found]) -> dict[str, set[Verdict]]:
    return {one.what: {other.verdict for other in found if other.what == one.what} for one in found}


def test_without_providers_it_is_a_note() -> None:
    (one,) = looked(sms_providers=None)
    assert one.verdict is Verdict.NOTE


@pytest.mark.usefixtures("_secrets")
def test_what_is_in_order_is_told_without_a_secret() -> None:
    found = looked()
    assert {one.verdict for one in found} == {Verdict.OK}
    told = repr(found)
    assert "http to 127.0.0.1 as 1234, 30 segments a second, 0.031 EUR each" in told
    assert "k2, k1; the first seals" in told
    assert not any(secret in told for secret in (*SECRETS.values(), "cd" * 32))


def test_every_secret_that_is_missing_stops_texts_by_name() -> None:
    found = looked()
    stops = [one.detail for one in found if one.verdict is Verdict.STOP]
    for name in SECRETS:
        assert any(f"the variable {name} is empty or unset" in detail for detail in stops), name


@pytest.mark.usefixtures("_secrets")
@pytest.mark.parametrize(
    ("settings", "what", "verdict"),
    [
        ({"sms_countries": ()}, "text countries", Verdict.STOP),
        ({"number_keys": None}, "number keys", Verdict.STOP),
        ({"sms_number": ""}, "text number", Verdict.STOP),
        ({"sms_alert_budget": 0}, "text budget of an alert", Verdict.NOTE),
        ({"sms_month_budget": 0}, "text budget of a month", Verdict.NOTE),
        ({"authority_short": "Довідка"}, "text authority", Verdict.NOTE),
        ({"authority_short": ""}, "text authority", Verdict.OK),
        ({"loopback_only": True}, "texts", Verdict.STOP),
    ],
)
def test_what_is_missing_is_named(settings: dict[str, object], what: str, verdict: Verdict) -> None:
    assert verdicts(looked(**settings))[what] == {verdict}


@pytest.mark.usefixtures("_secrets")
def test_a_weak_secret_of_a_callback_stops_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_KANNEL_INBOUND", "short")
    assert verdicts(looked())["text provider kannel"] == {Verdict.STOP}


def test_every_fault_of_the_file_is_a_line(tmp_path: Path) -> None:
    file = tmp_path / "providers.toml"
    file.write_text(WORKED.read_text().replace("per_second", "per_seconds").replace('"udh8"', '"udh9"'))
    found = looked(sms_providers=file)
    assert {one.verdict for one in found} == {Verdict.STOP}
    assert len(found) == 7, "three are missing, three are unknown, and one is none of the words"


def test_what_works_with_less_is_a_note(tmp_path: Path) -> None:
    form = 'plain_http = true\nform = {to = "{to}", text = "{text}"}\nid = {json = "id"}\n'
    answers = 'answers = [{status = [200], means = "taken"}]'
    a_gateway(tmp_path, "http://10.0.0.5/send", form + answers)
    file = tmp_path / "some.toml"
    file.write_text(file.read_text().replace('"0.03"', "0"))
    notes = [one.detail for one in looked(sms_providers=file) if one.verdict is Verdict.NOTE]
    for words in ("Not encrypted", "No [provider.report]", "the price is 0", "No provider is answerable"):
        assert any(words in note for note in notes), words


def test_the_command_says_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "providers.toml"
    file.write_text("")
    monkeypatch.setenv("SUREFOOT_SMS_PROVIDERS", str(file))
    result = CliRunner().invoke(program, ["check", "--json"])
    assert result.exit_code == 1
    found = {one["what"]: one for one in json.loads(result.stdout)["found"]}
    assert found["texts"]["verdict"] == "stop"
    assert "names no provider" in found["texts"]["detail"]
