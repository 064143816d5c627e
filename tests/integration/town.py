"""A town of phones that are warned: who is planned, who is passed over, with real alerts on a real database."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import h3

from service.alerts import actions, following, joining, planning
from service.alerts.model import Alert, Draft
from service.alerts.paging import Mind
from service.alerts.records import Progress
from service.alerts.texts import Wrong
from service.config import Settings
from service.delivery.model import Severity
from service.kit.db import Tx, transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.operators import actions as operators
from service.operators.model import Operator
from service.residents import actions as residents
from service.residents import leaving
from service.residents.actions import Joining
from service.residents.model import Change, Entry, Proof
from tests.build import HERE, NETWORK, a_feature, a_newcomer, a_square, a_verified_resident, a_zone, an_admin_with_key
from tests.integration.acts import a_second, read_places

NORTH = int(h3.str_to_int(h3.latlng_to_cell(50.56, 30.52, 7)))
"""Twelve kilometres from the zone: outside of a reach of 3,000 m, inside of 20,000 m."""


@dataclass
class Town:
    """Phones by name, and two people who warn them of one zone."""

    house: House
    people: tuple[Operator, Operator]
    zone: UUID
    key: str
    phones: dict[str, tuple[Entry, Proof]] = field(default_factory=dict)

    @classmethod
    async def opened(cls, house: House) -> "Town":
        house.put(Joining(joining.into(house)))
        await read_places(house)
        async with transaction(house.pool) as tx:
            key = await an_admin_with_key(tx)
            admin = await operators.authenticate(tx, Hidden(key))
            second = await a_second(tx, admin)
            zone = await a_zone(tx, admin, a_feature("Z-1", a_square(30.515, 50.445)))
        return cls(house, (admin, second), zone.id, key)

    def set(self, **changes: Any) -> None:
        """Change settings."""
        self.house.put(self.house.get(Settings).model_copy(update=changes))

    async def phone(self, *names: str, cells: Sequence[int] = (HERE,)) -> None:
        """Register phones that echoed their codes."""
        for name in names:
            async with transaction(self.house.pool) as tx:
                newcomer = a_newcomer(f"{name:_<22}", cells=cells)
                self.phones[name] = await a_verified_resident(tx, self.house, newcomer)

    async def change(self, name: str, **wanted: Any) -> None:
        async with transaction(self.house.pool) as tx:
            one = await residents.recognise(tx, self.phones[name][1], now=self.house.clock.now())
            await residents.change(tx, self.house, one, Change(NETWORK, **wanted), now=self.house.clock.now())

    async def move(self, name: str, *cells: int) -> None:
        await self.change(name, cells=Hidden(cells))

    async def forget(self, name: str) -> None:
        async with transaction(self.house.pool) as tx:
            one = await residents.recognise(tx, self.phones[name][1], now=self.house.clock.now())
            await leaving.forget(tx, one)

    def draft(self, severity: Severity, repeat: str = "", *, reach_m: int = 3000) -> Draft:
        return Draft(
            self.zone,
            "hazard_near",
            severity,
            exercise=False,
            reach_m=reach_m,
            place="X",
            place_names={},
            repeat=repeat,
        )

    async def approved(self, severity: Severity = Severity.SEVERE, *, repeat: str = "", reach_m: int = 3000) -> Alert:
        wanted = self.draft(severity, repeat, reach_m=reach_m)
        async with transaction(self.house.pool) as tx:
            drafted = await actions.draft(tx, self.people[0], wanted, now=self.house.clock.now())
            return await self._approve(tx, drafted.id)

    async def updated(self, alert: Alert, *, reach_m: int = 3000) -> Alert:
        wanted = replace(alert.draft, template="update", reach_m=reach_m)
        async with transaction(self.house.pool) as tx:
            drafted = await following.update(tx, self.people[0], alert.id, wanted, now=self.house.clock.now())
            return await self._approve(tx, drafted.id)

    async def corrected(self, alert: Alert) -> Alert:
        async with transaction(self.house.pool) as tx:
            shown = await following.correction(tx, self.house, self.people[0], alert.id, wrong=Wrong.MISTAKE)
            return await following.correct(
                tx,
                self.house,
                self.people[0],
                alert.id,
                wrong=Wrong.MISTAKE,
                reason="a mistake",
                content=shown.content.hash,
            )

    async def _approve(self, tx: Tx, alert_id: UUID) -> Alert:
        await actions.submit(tx, self.house, self.people[0], alert_id)
        return await actions.approve(tx, self.house, self.people[1], alert_id)

    async def page(self, alert: Alert, mind: Mind) -> Progress:
        async with transaction(self.house.pool) as tx:
            return await planning.plan_page(tx, self.house, alert.id, mind)

    async def plan(self, alert: Alert) -> dict[str, str]:
        """Plan to the end; return in which language each stands in a batch. Nobody stands in two."""
        mind = Mind()
        while await self.page(alert, mind) is Progress.MORE:
            pass
        return await self.planned(alert)

    async def warned(self, severity: Severity = Severity.SEVERE, **more: Any) -> Alert:
        """Approve and plan."""
        alert = await self.approved(severity, **more)
        await self.plan(alert)
        return alert

    async def planned(self, alert: Alert) -> dict[str, str]:
        rows = await self.rows(
            "SELECT language, unnest(numbers) AS number FROM batch JOIN batch_audience ON batch_id = id"
            " WHERE alert_id = %s",
            alert.id,
        )
        assert len(rows) == len({row["number"] for row in rows}), "somebody is planned twice"
        return {self._named(row["number"]): row["language"] for row in rows}

    async def passed_over(self, alert: Alert) -> dict[str, str]:
        """Return the reason for each who was passed over."""
        rows = await self.rows(
            "SELECT reason, unnest(numbers) AS number FROM alert_skip WHERE alert_id = %s ORDER BY id", alert.id
        )
        return {self._named(row["number"]): row["reason"] for row in rows}

    async def outcomes(self, alert: Alert, fates: dict[str, str], *, attempts: int = 1, state: str = "done") -> None:
        """Write what became of some, as a worker would; the others keep their letters."""
        for name, fate in fates.items():
            await self.do(
                "UPDATE batch SET attempts = %s, state = %s, fates = overlay(fates PLACING %s FROM"
                " array_position(numbers, %s)) FROM batch_audience WHERE batch_id = id AND alert_id = %s"
                " AND %s = ANY (numbers)",
                attempts, state, fate, self.number(name), alert.id, self.number(name),
            )  # fmt: skip

    async def heard(self, alert: Alert, name: str) -> None:
        """Set the bit of a verified receipt."""
        await self.do(
            "INSERT INTO batch_receipt SELECT id, (repeat('0', array_position(numbers, %s) - 1) || '1')::varbit"
            " FROM batch JOIN batch_audience ON batch_id = id WHERE alert_id = %s AND %s = ANY (numbers)",
            self.number(name), alert.id, self.number(name),
        )  # fmt: skip

    def number(self, name: str) -> int:
        return self.phones[name][0].registration.number

    def _named(self, number: int) -> str:
        return next((name for name in self.phones if self.number(name) == number), str(number))

    async def rows(self, text: str, *values: Any) -> list[dict[str, Any]]:
        async with transaction(self.house.pool) as tx:
            return await (await tx.execute(text.encode(), values)).fetchall()

    async def do(self, text: str, *values: Any) -> None:
        async with transaction(self.house.pool) as tx:
            await tx.execute(text.encode(), values)
