"""Random acts on numbers and their registrations: only codes go to who proved nothing, nothing to who said stop."""

import asyncio
from collections.abc import Awaitable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from psycopg.rows import dict_row

from service.config import Settings
from service.kit.crypto import Keyring, SealKeys
from service.kit.db import Tx, open_pool, transaction
from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.kit.house import House
from service.places import actions as places
from service.places.following import PlaceIndex
from service.residents import actions, claiming, confirming, naming, owning, phones
from service.residents.actions import Joining
from service.residents.model import Address, AddressKind, Consent, Dead, Newcomer, Platform, Registration
from service.residents.numbers import NumberOpener
from service.residents.store import registrations
from tests.build import HERE, NETWORK, AlertsStub, an_admin
from tests.conftest import NOW, NUMBER_KEYS, SERVER_KEY, FixedClock
from tests.integration.atoll import AS_REAL
from tests.island import MAP, REGISTER

NUMBERS = ("+380671234561", "+380671234562")
T = TypeVar("T")
number = st.sampled_from(NUMBERS)
which = st.integers(0, 5)


class Town:
    """One database for all examples; each is rolled back."""

    def __init__(self, url: str, runner: asyncio.Runner) -> None:
        self.run = runner.run
        self.clock = FixedClock()
        self.run(self._open(url))

    async def _open(self, url: str) -> None:
        pool = await open_pool(url, size=1)
        async with transaction(pool) as tx:
            await places.run_load(tx, await an_admin(tx), {"file": REGISTER}, AS_REAL, MAP, now=NOW)
        index = PlaceIndex()
        await index.look(pool)
        await pool.close()
        self.tx: Tx = await psycopg.AsyncConnection.connect(url, row_factory=dict_row)
        self.house = House(pool, self.clock, Keyring(SERVER_KEY))  # type: ignore[arg-type]  # a clock that the test moves
        said = Settings(number_keys=NUMBER_KEYS, sms_countries=("UA",), codes_a_number=20, sms_number="4224")
        for part in (said, index, NumberOpener(SealKeys(said.number_keyring)), Joining(AlertsStub())):
            self.house.put(part)
        found = index.gazetteer.find("XA211", exercise=False).only
        assert found is not None
        self.unit = found.id

    async def close(self) -> None:
        await self.tx.close()


class Acts(RuleBasedStateMachine):
    """What a model says beside what the database says. Time passes by two minutes an act, or by months."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        self.town.clock.moment = NOW
        self.proved: set[str] = set()
        self.out: set[str] = set()
        self.codes: list[tuple[UUID, str, str]] = []
        self.made = 0

    def teardown(self) -> None:
        self.town.run(self.town.tx.rollback())

    @property
    def now(self) -> datetime:
        return self.town.clock.now()

    def act(self, doing: Awaitable[T], *, minutes: int = 2) -> T | None:
        """Do something whole or not at all; being refused is no fault."""

        async def whole() -> T | None:
            try:
                async with self.town.tx.transaction():
                    return await doing
            except Refused:
                return None

        self.town.clock.advance(timedelta(minutes=minutes))
        return self.town.run(whole())

    async def _rows(self, query: str) -> list[dict[str, Any]]:
        return await (await self.town.tx.execute(query.encode())).fetchall()

    def one(self, place: int) -> Registration | None:
        """Return a registration, whichever `place` means."""

        async def look() -> Registration | None:
            rows = await self._rows("SELECT number FROM registration ORDER BY number")
            return await owning.registration(self.town.tx, rows[place % len(rows)]["number"]) if rows else None

        return self.town.run(look())

    def consent(self) -> Consent:
        return Consent("w", "uk", self.now)

    # --- acts; few, so that those which belong together meet

    @rule()
    def an_app_registers(self) -> None:
        self.made += 1
        address = Address(AddressKind.FID, Hidden(f"dXs2kLq9RbGm4Tn7Vw{self.made:04d}"))
        wish = Newcomer(Platform.ANDROID, address, ("uk",), Hidden((HERE,)), NETWORK)
        self.act(actions.register(self.town.tx, self.town.house, wish, now=self.now))

    @rule(said=number, sent=st.booleans())
    def a_number_registers(self, said: str, *, sent: bool) -> None:
        address = Address(AddressKind.SMS, Hidden(said))
        wish = Newcomer(Platform.SMS, address, ("uk",), Hidden(()), NETWORK)
        wish = replace(wish, places=Hidden((self.town.unit,)), consent=self.consent())
        self.act(actions.register(self.town.tx, self.town.house, wish, now=self.now))
        self.send_codes(sent=sent)

    @rule(place=which, said=number, sent=st.booleans())
    def a_registration_names_a_number(self, place: int, said: str, *, sent: bool) -> None:
        one = self.one(place)
        if one is not None:
            wish = {"consent": self.consent(), "network": NETWORK}
            self.act(naming.name(self.town.tx, self.town.house, one, Hidden(said), **wish))  # type: ignore[arg-type]  # as named
        self.send_codes(sent=sent)

    def send_codes(self, *, sent: bool) -> None:
        """Let the worker send every code that is wanted, or be away."""
        for row in self.town.run(self._rows("SELECT id FROM registration ORDER BY number")) if sent else ():
            made = self.act(claiming.new_code(self.town.tx, self.town.house, row["id"], now=self.now), minutes=0)
            if made is not None:
                assert made.to.reveal() not in self.out, "nothing at all goes to who said stop"
                self.codes.append((row["id"], made.to.reveal(), made.code.reveal()))
                self.act(claiming.code_went(self.town.tx, made), minutes=0)

    @rule(back=st.integers(0, 2), right=st.sampled_from([True, True, False]))
    def a_code_is_shown(self, back: int, *, right: bool) -> None:
        """Show one of the last codes, or a wrong one."""
        if len(self.codes) <= back:
            return
        registration, where, code = self.codes[-1 - back]
        one = self.town.run(registrations.find(self.town.tx, registration))
        if one is None:
            return
        shown = Hidden(code if right else f"{(int(code) + 1) % 1_000_000:06}")
        kept = self.act(claiming.try_code(self.town.tx, self.town.house, one, shown, now=self.now))
        if kept is None:
            return
        assert right
        assert where not in self.out
        self.act(self._settled(one, kept))
        self.proved.add(where)

    async def _settled(self, one: Registration, kept: bytes) -> None:
        """Settle; a number that it had before is nobody's now."""
        before = await phones.to_text(self.town.tx, self.town.house, [one.number], exercise=False, now=self.now)
        await owning.settle(self.town.tx, self.town.house, one.number, kept, now=self.now)
        self.proved -= {two.address.value.reveal() for two in before.values()}

    @rule(back=st.integers(0, 2), said=number)
    def a_code_comes_back_by_text(self, back: int, said: str) -> None:
        if len(self.codes) <= back:
            return
        registration, where, code = self.codes[-1 - back]
        one = self.town.run(registrations.find(self.town.tx, registration))
        reached = self.town.run(self._reached())
        if self.act(phones.verify_by_text(self.town.tx, self.town.house, Hidden(said), code, now=self.now)):
            assert one is not None
            assert where == said
            assert said not in self.out
            self.proved -= {reached.get(one.number, said)}
            self.proved.add(said)

    @rule(said=number, by_operator=st.booleans())
    def somebody_says_stop(self, said: str, *, by_operator: bool) -> None:
        self.act(phones.opt_out(self.town.tx, self.town.house, Hidden(said), by_operator=by_operator, now=self.now))
        self.out.add(said)
        self.proved.discard(said)

    @rule(said=number, what=st.sampled_from(["comes back", "subscribes", "leaves", "only writes"]))
    def somebody_writes(self, said: str, what: str) -> None:
        about = (self.town.tx, self.town.house, Hidden(said))
        match what:
            case "comes back":
                self.act(phones.come_back(*about, now=self.now))
                self.out.discard(said)
            case "subscribes":
                wish: dict[str, Any] = {"language": "uk", "places": [self.town.unit], "wording": "w", "now": self.now}
                assert self.act(phones.subscribe_by_text(*about, **wish)) is not None
                self.out.discard(said)
                self.proved.add(said)
            case "leaves":
                self.act(phones.leave_by_text(*about, now=self.now))
                self.proved.discard(said)
            case _:
                self.act(phones.alive(*about, now=self.now))
                self.send_codes(sent=True)

    @rule(place=which, what=st.sampled_from(["takes its number back", "has a dead push", "has a dead number"]))
    def something_ends(self, place: int, what: str) -> None:
        one = self.one(place)
        if one is None:
            return
        its = self.town.run(self._reached()).get(one.number, "")
        if what == "takes its number back":
            self.act(naming.take_back(self.town.tx, one))
            self.proved.discard(its)
        elif what == "has a dead number":
            self.act(self._buried(one.number))
            self.proved.discard(its)
        elif one.held is not None and not one.by_text:
            self.act(actions.bury(self.town.tx, {one.number: Dead(one.held.hash, "gone")}, now=self.now))

    async def _buried(self, registered: int) -> None:
        found = await phones.to_text(self.town.tx, self.town.house, [registered], exercise=False, now=self.now)
        await phones.bury(self.town.tx, [one.witness for one in found.values()], now=self.now)

    @rule(days=st.sampled_from([1, 15, 181]))
    def time_passes(self, days: int) -> None:
        """Who is silent for half a year is asked; nobody answers within 15 days."""
        self.town.clock.advance(timedelta(days=days))
        before = self.town.run(self._reached())
        self.act(confirming.keep_up(self.town.tx, self.town.house, now=self.now))
        self.act(self._asked())
        gone = set(before.values()) - set(self.town.run(self._reached()).values())
        silent = self.town.run(self._lapsed_since_asked())
        assert len(gone) <= silent, "nobody lapses who was not asked"
        self.proved -= gone

    async def _asked(self) -> None:
        for row in await self._rows("SELECT id FROM registration"):
            asked = await confirming.to_ask(self.town.tx, self.town.house, row["id"], now=self.now)
            if asked is not None:
                assert asked.to.reveal() in self.proved - self.out
                await confirming.was_asked(self.town.tx, asked, now=self.now)

    async def _lapsed_since_asked(self) -> int:
        rows = await self._rows("SELECT count(*) AS n FROM phone WHERE lapsed_at IS NOT NULL AND asked_at IS NOT NULL")
        return int(rows[0]["n"])

    # --- what always holds

    async def _reached(self) -> dict[int, str]:
        asked = [row["number"] for row in await self._rows("SELECT number FROM registration")]
        found = await phones.to_text(self.town.tx, self.town.house, asked, exercise=False, now=self.now)
        assert sorted(await phones.with_number(self.town.tx, asked)) == sorted(found)
        return {one: where.address.value.reveal() for one, where in found.items()}

    @invariant()
    def warnings_go_to_exactly_the_proved_numbers_each_once(self) -> None:
        reached = self.town.run(self._reached())
        assert sorted(reached.values()) == sorted(self.proved)
        assert not self.proved & self.out


def test_no_order_of_acts_texts_an_unproved_number_or_one_that_said_stop_or_loses_a_proved_one(
    database_url: str,
) -> None:
    with asyncio.Runner() as runner, ExitStack() as closing:
        town = Town(database_url, runner)
        closing.callback(lambda: runner.run(town.close()))
        machine = type("Machine", (Acts,), {"town": town})
        how = settings(max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
        run_state_machine_as_test(machine, settings=how)
