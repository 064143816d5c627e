"""SMPP over TLS: nothing is said to an SMSC whose certificate is not believed."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.delivery.channels.smpp import SmppCarrier
from service.delivery.sms import NotNow, Taken
from service.kit.clock import Clock
from service.kit.errors import Refused
from tests.carriers import NUMBER, Heard, a_carrier, an_smpp_provider, an_sms, until
from tests.certificates import Made, a_certificate
from tests.smsc import RunningSmsc, an_smsc


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return a_certificate(tmp_path_factory.mktemp("trust"), "authority")


@pytest.fixture(scope="module")
def smsc(authority: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSmsc]:
    with an_smsc(tls=a_certificate(tmp_path_factory.mktemp("smsc"), "smsc", by=authority)) as smsc:
        yield smsc


async def not_believed(carrier: SmppCarrier) -> NotNow:
    answers: list[NotNow] = []

    async def asked() -> bool:
        answer = await carrier.submit(an_sms())
        assert isinstance(answer, NotNow)
        answers.append(answer)
        return answer.reason == "certificate not believed"

    for _ in range(200):
        if await asked():
            break
        await asyncio.sleep(0.02)
    return answers[-1]


async def test_a_text_goes_over_tls_by_the_authority_that_the_file_names(
    smsc: RunningSmsc, authority: Made, tmp_path: Path
) -> None:
    heard = Heard()
    provider = an_smpp_provider(smsc.port, tmp_path, tls=True, ca=authority.file)
    async with a_carrier(provider, heard) as carrier:
        assert isinstance(await carrier.submit(an_sms("Danger")), Taken)
        await until(lambda: heard.reports)
    assert smsc.texts(NUMBER) == ["Danger"]


async def test_an_smsc_that_another_authority_vouches_for_learns_no_password(smsc: RunningSmsc, tmp_path: Path) -> None:
    binds = len(smsc.tell("wire")["binds"])
    other = a_certificate(tmp_path, "other")
    for ca in (other.file, None):
        async with a_carrier(an_smpp_provider(smsc.port, tmp_path, tls=True, ca=ca), Heard(), bound=False) as carrier:
            answer = await not_believed(carrier)
            assert (answer.reason, answer.ours) == ("certificate not believed", True)
            assert not carrier.ready
    assert len(smsc.tell("wire")["binds"]) == binds


async def test_a_certificate_for_another_host_is_not_believed(authority: Made, tmp_path: Path) -> None:
    elsewhere = a_certificate(tmp_path, "elsewhere", by=authority, host="smsc.example")
    with an_smsc(tls=elsewhere) as smsc:
        provider = an_smpp_provider(smsc.port, tmp_path, tls=True, ca=authority.file)
        async with a_carrier(provider, Heard(), bound=False) as carrier:
            assert (await not_believed(carrier)).reason == "certificate not believed"


async def test_an_authority_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    provider = an_smpp_provider(1, tmp_path, tls=True, ca=tmp_path / "nothing.pem")
    with pytest.raises(Refused) as refused:
        SmppCarrier.open(provider, Heard().ears(), clock=Clock())
    assert refused.value.name == "sms-authority-unreadable"
