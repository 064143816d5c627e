"""How each operator fares is shown while its way is open, and what it answered by meaning only."""

from pathlib import Path

import pytest
from prometheus_client import REGISTRY, generate_latest

from service.delivery.channels.sms_lines import Lines, Patience
from service.delivery.channels.sms_rates import Rates
from service.delivery.sms import NotNow, NumberDead, OptedOut, Taken, TextRefused, Unanswered
from service.kit.clock import Clock
from tests.push_service import Answer as Said
from tests.push_service import push_service
from tests.worked import FORM, a_gateway, a_text, carrier_of


async def test_figures_follow_an_operator_through_its_troubles(tmp_path: Path) -> None:
    async with push_service() as server:
        provider = a_gateway(tmp_path, f"{server.url}/send", FORM, name="watched")
        carrier = carrier_of(provider)
        lines = Lines([provider], {"watched": carrier}, rates=Rates([provider]), clock=Clock())
        seen: list[tuple[float | None, float | None]] = []
        for said, kind in [
            (Said(200, body=b'{"ok": true}'), Taken),
            (Said(400, body=b'{"code": "dead"}'), NumberDead),
            (Said(403, body=b"STOP list"), OptedOut),
            (Said(413), TextRefused),
            (Said(500), Unanswered),
            *[(Said(401), NotNow)] * 5,
        ]:
            server.says(said)
            async with lines.turn(1, rank=1, patience=Patience.of(10)) as line:
                assert isinstance(await lines.hand(line, a_text()), kind)
            seen.append((figure("ready"), figure("share")))
        assert seen[0] == (1, 1)
        assert seen[-1][0] == 0
        assert seen[-1][1] == pytest.approx(0.38, abs=0.2)
        told = generate_latest(REGISTRY).decode()
        for meaning, count in [("taken", 1), ("number-dead", 1), ("opted-out", 1), ("refused", 1), ("refuses-us", 5)]:
            assert f'surefoot_sms_answers_total{{meaning="{meaning}",provider="watched"}} {count}.0' in told
        await lines.close()
    assert figure("ready") is None


def figure(name: str) -> float | None:
    return REGISTRY.get_sample_value(f"surefoot_sms_provider_{name}", {"provider": "watched"})


@pytest.mark.parametrize("number", ["380501234567"])
def test_no_figure_names_a_number(number: str) -> None:
    assert number not in generate_latest(REGISTRY).decode()
