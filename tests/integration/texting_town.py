"""A town of phones that have numbers: what goes on by text and what it costs, with a real ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from service.alerts import escalating
from service.alerts.model import Alert, Draft
from service.alerts.paging import Mind
from service.alerts.records import Progress
from service.config import Settings
from service.delivery import actions as delivery
from service.delivery import spending
from service.delivery.model import Severity
from service.delivery.records import Told
from service.delivery.store import receipts
from service.kit.crypto import SealKeys
from service.kit.db import transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.residents import numbers, owning
from service.residents.numbers import NumberOpener
from tests.conftest import NOW, FixedClock
from tests.integration.texts import Office, Operator, a_provider
from tests.integration.town import Town

T = timedelta(minutes=10)
NUMBER_KEYS = f"k1:{'11' * 32}"
PRICE = 50_000
"""What a segment costs at the operator of the tests, in millionths."""

PROVIDERS = """
[[provider]]
name = "north"
protocol = "smpp"
sender = "1234"
answerable = true
weight = 1
per_second = 100
price = "0.05"

[provider.smpp]
host = "127.0.0.1"
port = 2775
tls = false
system_id = "test"
password = {env = "NONE"}
"""


@dataclass
class TextingTown(Town):
    """Phones by name, whose warnings go on by text after ten minutes."""

    escalate: timedelta | None = T
    operator: Operator = field(default_factory=Operator)

    @classmethod
    async def furnished(cls, house: House, folder: Path) -> "TextingTown":
        """Open it for a deployment with one operator of a mobile network."""
        path = folder / "providers.toml"
        path.write_text(PROVIDERS)
        given = {"number_keys": SecretStr(NUMBER_KEYS), "sms_countries": ("UA",), "sms_providers": path}
        settings = house.get(Settings).model_copy(update=given)
        house.put(settings)
        house.put(NumberOpener(SealKeys(settings.number_keyring)))
        town = await cls.opened(house)
        assert isinstance(town, cls)
        return town

    def draft(self, severity: Severity, repeat: str = "", *, reach_m: int = 3000) -> Draft:
        return replace(super().draft(severity, repeat, reach_m=reach_m), escalate=self.escalate)

    async def give_numbers(self, *names: str) -> None:
        """Let phones prove a number each."""
        for name in names:
            number = self.number(name)
            keys = numbers.offered(self.house.get(Settings))
            sealed = numbers.seal(self.house.keyring, keys, Hidden(f"+380670{number:06d}"))
            row: dict[str, object] = {"hash": sealed.hash, "sealed": sealed.sealed, "key_id": sealed.key_id}
            row |= {"consent_wording": "w", "consent_language": "uk", "consent_at": NOW}
            async with transaction(self.house.pool) as tx:
                await owning.own(tx, number, row, now=self.house.clock.now())

    async def by_text_alone(self, *names: str) -> None:
        """Register phones that nothing but a text reaches."""
        await self.phone(*names)
        await self.give_numbers(*names)
        for name in names:
            await self.do(
                "UPDATE registration SET platform = 'sms', address = NULL, address_hash = NULL, address_kind = 'sms'"
                " WHERE number = %s",
                self.number(name),
            )

    async def pushed(self, alert: Alert, **fates: str) -> None:
        """Let the pushes of an alert be sent to their ends now: some as said, all others accepted."""
        await self.do(
            "UPDATE batch SET state = 'done', attempts = 1, finished_at = %s, fates = replace(fates, 'w', 'a')"
            " WHERE alert_id = %s AND channel <> 'sms'",
            self.house.clock.now(), alert.id,
        )  # fmt: skip
        await self.outcomes(alert, fates)

    async def heard(self, alert: Alert, name: str) -> None:
        """Take in a verified receipt that names no batch."""
        async with transaction(self.house.pool) as tx:
            await receipts.mark_nameless(tx, [Told(self.number(name), alert.lineage, alert.revision, None)])

    async def later(self, span: timedelta = T) -> int:
        """Let time pass, then let a worker look; return to how many texts go on."""
        assert isinstance(self.house.clock, FixedClock)
        self.house.clock.advance(span)
        return await escalating.sweep(self.house)

    async def texted(self, alert: Alert) -> dict[str, str]:
        """Return to whom texts of an alert go, with the language. Nobody gets two."""
        rows = await self.rows(
            "SELECT language, unnest(numbers) AS number FROM batch JOIN batch_audience ON batch_id = id"
            " WHERE alert_id = %s AND channel = 'sms'",
            alert.id,
        )
        assert len(rows) == len({row["number"] for row in rows}), "somebody is texted twice"
        return {self._named(row["number"]): row["language"] for row in rows}

    async def plan_both(self, alert: Alert) -> set[tuple[str, str]]:
        """Plan to the end; return who is told by which channel."""
        mind = Mind()
        while await self.page(alert, mind) is Progress.MORE:
            pass
        rows = await self.rows(
            "SELECT channel, unnest(numbers) AS number FROM batch JOIN batch_audience ON batch_id = id"
            " WHERE alert_id = %s",
            alert.id,
        )
        found = {(self._named(row["number"]), row["channel"]) for row in rows}
        assert len(found) == len(rows), "somebody is told twice by one channel"
        return found

    async def fates_of_texts(self, alert: Alert) -> dict[str, str]:
        rows = await self.rows(
            "SELECT unnest(numbers) AS number, string_to_table(fates, NULL) AS fate FROM batch"
            " JOIN batch_audience ON batch_id = id WHERE alert_id = %s AND channel = 'sms'",
            alert.id,
        )
        return {self._named(row["number"]): row["fate"] for row in rows}

    def office(self, operators: Sequence[Operator] = ()) -> Office:
        assert isinstance(self.house.clock, FixedClock)
        return Office(self.house.pool, self.house.clock, operators or [self.operator], [a_provider()])

    async def send_texts(self) -> list[str]:
        """Send what waits, in the order in which jobs would; return the numbers that the operator took by it."""
        before, channel = len(self.operator.took), self.office().channel()
        rows = await self.rows(
            "SELECT batch.id FROM batch JOIN dispatch USING (alert_id, revision) WHERE channel = 'sms'"
            " AND state <> 'done' AND parked_at IS NULL ORDER BY dispatch.severity DESC, ring, batch.id"
        )
        for row in rows:
            async with transaction(self.house.pool) as tx:
                claimed = await delivery.claim(tx, self.house, row["id"])
            if claimed is None:
                continue
            outcomes = await channel.send(claimed.parcels(), shut=lambda: False)
            async with transaction(self.house.pool) as tx:
                answers = dict(zip(claimed.destinations, outcomes, strict=True))
                await delivery.settle(tx, self.house, claimed, answers, jitter=0)
        return self.operator.took[before:]

    async def spent(self) -> int:
        """Return what all texts cost so far, in millionths; every place where it is written says the same."""
        [row] = await self.rows(
            "SELECT (SELECT coalesce(sum(spent), 0)::bigint FROM sms_month) AS month,"
            " (SELECT coalesce(sum(spent), 0)::bigint FROM sms_spending) AS alerts,"
            " (SELECT coalesce(sum(cost), 0)::bigint FROM batch) AS batches"
        )
        assert row["month"] == row["alerts"] == row["batches"]
        return int(row["month"])

    async def go_on(self) -> int:
        async with transaction(self.house.pool) as tx:
            return await spending.go_on(tx, self.house.get(Settings), now=self.house.clock.now())
