"""Any order of crashes, answers and reports: each text is taken once, twice only out of doubt; none is lost."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TypeVar
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from service.delivery.model import Accepted, Outcome, Parcel, TryLater, Unproved
from service.delivery.sms import Answer, Arrival, NotNow, Report, Sms, Taken, Unanswered
from service.kit.db import open_pool
from tests.conftest import FixedClock
from tests.integration.texts import TOLD, Killed, Office, a_provider

T = TypeVar("T")
PEOPLE = 4
_NUMBERS = count()
WAYS = (
    "takes", "takes", "takes, the answer is lost", "takes, and is heard of first", "takes some parts",
    "takes not, the answer is lost", "not now", "dies before", "dies after",
)  # fmt: skip


class Unsure:
    """An operator who behaves as the next word says; knows what he has really taken."""

    name = "north"
    ready = True

    def __init__(self, office: "Story") -> None:
        self.office = office
        self.ways: Iterator[str] = iter(())
        self.took: dict[str, list[str]] = defaultdict(list)
        self.sure: dict[str, list[bool]] = defaultdict(list)  # whether our side could know what became of it

    async def submit(self, sms: Sms) -> Answer:
        way, number = next(self.ways, "takes"), sms.to.reveal()
        await asyncio.sleep(0)
        if way in {"not now", "dies before", "takes not, the answer is lost", "takes some parts"}:
            self.sure[number].append(way == "not now")
            return self._not_taken(way)
        name = f"id-{next(_NUMBERS)}"
        self.took[number].append(name)
        self.sure[number].append(way in {"takes", "takes, and is heard of first"})
        if way == "takes, and is heard of first":
            await self.office.desk.hear(Report(self.name, name, Arrival.DELIVERED))
        if way == "dies after":
            raise Killed
        return Unanswered((), "lost") if way.endswith("lost") else Taken((name,))

    def _not_taken(self, way: str) -> Answer:
        if way == "dies before":
            raise Killed
        if way == "not now":
            return NotNow(None, "busy")
        return Unanswered((f"part-{next(_NUMBERS)}",) if way == "takes some parts" else (), "lost")

    async def ask(self, ids: tuple[str, ...]) -> Report | None:
        assert ids, "nothing is asked without an id"
        return None

    async def close(self) -> None:
        pass


class Story(RuleBasedStateMachine):
    """One batch; each rule is something that may happen at any time."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.pool = self.do(open_pool(self.url, size=4))
        self.operator = Unsure(self)
        self.desk = Office(self.pool, FixedClock(), [self.operator], [a_provider()])
        told = replace(TOLD, alert_id=uuid4(), lineage=uuid4())
        # Two segments: a part of them says nothing of the whole.
        self.parcels: list[Parcel] = self.do(self.desk.a_batch(PEOPLE, told=told, sms="Мінна небезпека. " * 6))
        self.done: dict[int, Outcome] = {}

    def do(self, act: Awaitable[T]) -> T:
        return self.loop.run_until_complete(act)

    def waiting(self) -> list[Parcel]:
        return [one for one in self.parcels if one.number not in self.done]

    @rule(ways=st.lists(st.sampled_from(WAYS), min_size=PEOPLE, max_size=PEOPLE), settles=st.booleans())
    def claim(self, ways: list[str], *, settles: bool) -> None:
        """Send to all that wait; where the worker dies before it settles, nothing is known of it but the ledger."""
        self.operator.ways = iter(ways)
        waiting = self.waiting()
        try:
            outcomes = self.do(self.desk.send(waiting))
        except BaseExceptionGroup:
            for one in waiting:  # what was on its way at the kill is as unsure as what was killed
                self.operator.sure[one.address.value.reveal()].append(False)
            return
        if settles:
            pairs = zip(waiting, outcomes, strict=True)
            self.done |= {one.number: outcome for one, outcome in pairs if not isinstance(outcome, TryLater)}

    @rule(seconds=st.sampled_from([1, 30, 61]))
    def time_passes(self, seconds: int) -> None:
        self.desk.clock.advance(timedelta(seconds=seconds))

    @rule(data=st.data(), arrival=st.sampled_from([Arrival.DELIVERED, Arrival.UNDERWAY, Arrival.UNKNOWN]))
    def a_report_comes(self, data: st.DataObject, arrival: Arrival) -> None:
        """Of any text that was taken, at any time, any number of times."""
        names = [name for names in self.operator.took.values() for name in names]
        if names:
            self.do(self.desk.hear(Report("north", data.draw(st.sampled_from(names)), arrival)))

    @invariant()
    def taken_once_or_twice_out_of_doubt(self) -> None:
        for number, taken in self.operator.took.items():
            assert len(taken) <= 2
            if len(taken) == 2:
                first = [known for known in self.operator.sure[number] if not known]
                assert first, "a repeat although it was known that the first was taken"

    @invariant()
    def who_counts_as_accepted_was_taken(self) -> None:
        for number, outcome in self.done.items():
            taken = self.operator.took[self.parcels[number - 1].address.value.reveal()]
            assert isinstance(outcome, Accepted | Unproved)
            assert taken or isinstance(outcome, Unproved)

    def teardown(self) -> None:
        """Once the operator behaves again everybody is told, but for whom nobody can say twice."""
        self.operator.ways = iter(())
        for _ in range(4):
            self._finish()
            self.desk.clock.advance(timedelta(seconds=61))
        entries = self.do(self.desk.entries(self.parcels))
        assert not self.waiting()
        for number, outcome in self.done.items():
            taken = self.operator.took[self.parcels[number - 1].address.value.reveal()]
            assert taken or (isinstance(outcome, Unproved) and entries[number].handed == 2), "nobody is lost"
            assert len(taken) < 2 or entries[number].handed == 2, "each repeat is counted"
        self.do(self.pool.close())
        self.loop.close()

    def _finish(self) -> None:
        waiting = self.waiting()
        outcomes = self.do(self.desk.send(waiting)) if waiting else []
        pairs = zip(waiting, outcomes, strict=True)
        self.done |= {one.number: outcome for one, outcome in pairs if not isinstance(outcome, TryLater)}


def test_whatever_happens_in_whatever_order_each_is_texted_once_or_twice_out_of_doubt_and_nobody_is_lost(
    database_url: str,
) -> None:
    Story.url = database_url
    run_state_machine_as_test(
        Story,
        settings=settings(max_examples=50, stateful_step_count=12, suppress_health_check=list(HealthCheck)),
    )
