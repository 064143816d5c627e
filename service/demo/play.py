"""The play: people register, one operator drafts a warning, another approves it, the phones hear of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from service.delivery.records import Tally, TextFate
from service.demo.calls import AppCalls
from service.demo.expected import who_is_meant
from service.demo.expected_texts import Read, Wish, judge
from service.demo.fleet import Fleet
from service.demo.mobile import MobileNetwork
from service.demo.opening import ESCALATE_MINUTES, SPEED
from service.demo.phone import Phone
from service.demo.population import Network, settle
from service.demo.provider import Provider
from service.demo.readers import Readers, part
from service.demo.result import Result, Story, Texts, texts
from service.demo.screen import Screen
from service.demo.spots import Neighbourhood
from service.demo.staff import ACCURACY_M, REFUSED_TO_SAME_PERSON, Desk
from service.demo.target import Target
from service.demo.text_calls import TextCalls
from service.demo.villages import Village, found
from service.demo.wire import Ask, Wire
from service.kit.errors import Kind, Refused

_REACH_M = 5000
_AWAY_SECONDS = 2.0
_WAITING_AT_GOOGLE = 100  # what other senders' messages fill: the warning is one too many
_LOOK_SECONDS = 0.25
_QUIET_SECONDS = 1.0
_PATIENCE_SECONDS = 90.0
_MOST_SECONDS_FOR_PLACES = 30.0
_PLACES_LOOK_SECONDS = 0.5
_PHONES_A_SECOND = 50
_NAMES = {
    "Halcyon Bank": {"uk": "Гальсіон-Банк", "ru": "Хальсион-Банк", "es": "Banco Alción", "ar": "ضفة هالسيون"},
}

_ESCALATES_AFTER = 60.0 * ESCALATE_MINUTES / SPEED
_GIVEN_UP_BEFORE = 1.0  # a receipt on its way when the service looks comes too late


@dataclass(frozen=True, slots=True)
class Look:
    """Exact counts of one alert; `undecided` pushes may still go on by text."""

    tallies: Sequence[Tally]
    fate: TextFate
    undecided: int

    @property
    def texts_arrived(self) -> bool:
        """Whether every text has its report, and no further one can come."""
        planned = sum(one.planned for one in texts(self.tallies))
        dead = sum(one.dead for one in texts(self.tallies))
        return self.undecided == 0 and self.fate.delivered + dead >= planned


LookAt = Callable[[str], Awaitable[Look]]
Load = Callable[[Sequence[Village], date], Awaitable[Mapping[str, UUID]]]


@dataclass(frozen=True, slots=True)
class Plot:
    """What is played: which file, which of its zones, how many phones, on which day."""

    zones: Path
    target: Target
    phones: int
    seed: int
    today: date


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that the play needs, all of it running."""

    screen: Screen
    api: Wire
    provider: Provider
    smsc: MobileNetwork
    first: Desk
    second: Desk
    service_key: bytes
    look: LookAt
    load: Load


async def play(stage: Stage, plot: Plot, *, afterwards: Callable[[Result], Awaitable[None]]) -> Result:
    """Play it all and return the verdict; the phones live on until `afterwards` is done."""
    target = plot.target
    within_m = _REACH_M + ACCURACY_M
    there = Neighbourhood(target.outline, within_m, target.elsewhere)
    villages = found(there, seed=plot.seed)
    units = await stage.load(villages, plot.today)
    zone = await _import(stage, plot)
    owners, people = part(settle(there, phones=plot.phones, seed=plot.seed), villages)
    fleet = Fleet(owners, AppCalls(stage.api), service_key=stage.service_key, seed=plot.seed)
    readers = Readers(people, TextCalls(stage.api), stage.smsc)
    async with stage.provider.bringing(fleet), stage.smsc.bringing(readers.hear):
        await _register(stage, fleet)
        await _register_numbers(stage, fleet, readers, units)
        await _write(stage, readers, (Wish.PLACE, Wish.FIND, Wish.STOP), target)
        await _switch_off(stage, fleet)
        alert = await _draft(stage, target, zone)
        began = time.monotonic()
        await _approve(stage, alert)
        await _watch(stage, fleet, alert, began)
        await _write(stage, readers, (Wish.REAL,), target)
        await _last_sync(stage, fleet, alert)
        look = await stage.look(alert)
        story = Story(alert, began, look.tallies, fleet.phones)
        meant = who_is_meant(target.outline, [owner.subject() for owner in owners], within_m=within_m)
        texts = Texts(judge(_what_was_read(readers, fleet, there, began)), look.fate)
        result = Result.of(story, meant, [*fleet.troubles, *readers.troubles], texts)
        await afterwards(result)
    return result


def _what_was_read(readers: Readers, fleet: Fleet, there: Neighbourhood, began: float) -> list[Read]:
    apps = {phone.owner.number: phone for phone in fleet.phones}
    patience_s = _ESCALATES_AFTER - _GIVEN_UP_BEFORE
    return [
        one.read(
            one.due(there, apps.get(one.owner.number), began=began, patience_s=patience_s),
            began=began,
        )
        for one in readers.people
    ]


async def _import(stage: Stage, plot: Plot) -> str:
    target = plot.target
    report = await stage.first.import_zones(plot.zones, today=plot.today)
    waiting = len(report["quarantined"])
    stage.screen.say(
        f"{plot.zones.name} is taken in as exercise data: {report['new']} zones, {waiting} rows in quarantine, "
        f"{len(report['findings'])} remarks."
    )
    zone = await stage.first.find_zone(target.key, target.bounds)
    stage.screen.say(f"The warning will be about {target.name}, for everybody within {_REACH_M:,} m of it.")
    return zone


async def _register(stage: Stage, fleet: Fleet) -> None:
    began = time.monotonic()
    testers = sum(phone.owner.tester and phone.owner.registers for phone in fleet.phones)
    codes = await stage.first.issue_tester_codes(testers)
    await stage.provider.switch(fleet.phones, online=True)
    many = len(fleet.phones)
    await fleet.register(codes, on_change=lambda done: stage.screen.advance("phones registered", done, many))
    followers = [phone for phone in fleet.phones if phone.topics and phone.owner.network is not Network.GONE]
    await stage.provider.follow(followers)
    seconds = time.monotonic() - began
    stage.screen.say(
        f"{many:,} phones are ready after {seconds:.1f} s; {testers:,} of them have registered for the exercise, "
        f"{len(followers):,} are known to nobody and follow its topics."
    )


async def _register_numbers(stage: Stage, fleet: Fleet, readers: Readers, units: Mapping[str, UUID]) -> None:
    people = readers.people
    await _until_known(stage, units)
    without_data = [one for one in people if one.village is not None]
    codes = await stage.first.issue_tester_codes(sum(one.owner.tester for one in without_data))
    apps = {phone.owner.number: phone for phone in fleet.phones}
    many = len(people)
    await readers.register(
        units, apps, iter(codes), on_change=lambda done: stage.screen.advance("numbers proved", done, many)
    )
    stage.screen.say(
        f"{many:,} numbers are proved by a code that came by text: {len(without_data):,} of people without data, "
        f"registered for a municipality or a larger unit, {many - len(without_data):,} beside an app."
    )


async def _until_known(stage: Stage, units: Mapping[str, UUID]) -> None:
    """Wait until the API has read the places, which it does every few seconds: nobody names one before."""
    for unit in list(units.values())[:1]:  # all are read at once
        async with asyncio.timeout(_MOST_SECONDS_FOR_PLACES):
            while not (await stage.api.ask(Ask("GET", f"/v1/places/{unit}"))).ok:  # noqa: ASYNC110 - the API is asked
                await asyncio.sleep(_PLACES_LOOK_SECONDS)


async def _write(stage: Stage, readers: Readers, wishes: tuple[Wish, ...], target: Target) -> None:
    wrote = await readers.write(wishes, place=target.name[:60])
    stage.screen.say(f"{wrote:,} people have written to the service ({', '.join(wishes)}).")


async def _switch_off(stage: Stage, fleet: Fleet) -> None:
    """Turn some off when it matters, some full of other messages; some will never be back."""
    await stage.provider.switch(_in(fleet, Network.AWAY, Network.OFF), online=False)
    await stage.provider.switch(_in(fleet, Network.CROWDED), online=False, waiting=_WAITING_AT_GOOGLE)
    await stage.provider.uninstall(_in(fleet, Network.GONE))


def _in(fleet: Fleet, *networks: Network) -> list[Phone]:
    return [phone for phone in fleet.phones if phone.owner.network in networks]


async def _draft(stage: Stage, target: Target, zone: str) -> str:
    """Draft and submit as the first operator, and be refused by R17 on approving; return the alert's id."""
    first = stage.first
    wanted = {
        "zone_id": zone,
        "template": "hazard_near",
        "severity": "severe",
        "exercise": True,
        "reach_m": _REACH_M,
        "place": target.name[:80],
        "place_names": _NAMES.get(target.name, {}),
        "escalate_after_minutes": ESCALATE_MINUTES,
    }
    alert = await first.draft(wanted)
    stage.screen.say(f"{first.name} has drafted and submitted a warning about {target.name}.")
    refusal = await first.ask("POST", f"/v1/alerts/{alert}/approve")
    if refusal.status != 403 or refusal.body.get("type") != REFUSED_TO_SAME_PERSON:  # noqa: PLR2004 - HTTP's forbidden
        detail = f"The operator who wrote the warning could approve it: {refusal.status}."
        raise Refused(Kind.CONFLICT, "demo-two-people", detail, remedy="This must not happen; look at api.log.")
    stage.screen.say(f"{first.name} tries to approve it and is refused: {refusal.body['detail']}")
    return alert


async def _approve(stage: Stage, alert: str) -> None:
    await stage.second.do("POST", f"/v1/alerts/{alert}/approve")
    stage.screen.say(f"{stage.second.name} has approved it.")


async def _watch(stage: Stage, fleet: Fleet, alert: str, began: float) -> None:
    """Show how the warning travels until all is sent and the phones have fallen silent, or patience ends."""
    back = asyncio.create_task(_come_back(stage, fleet))
    give_up = began + _PATIENCE_SECONDS + len(fleet.phones) / _PHONES_A_SECOND
    while time.monotonic() < give_up:
        await asyncio.sleep(_LOOK_SECONDS)
        look = await stage.look(alert)
        shown = sum(bool(phone.shown) for phone in fleet.phones)
        stage.screen.sending(time.monotonic() - began, look.tallies, look.fate, shown)
        state = (await stage.first.do("GET", f"/v1/alerts/{alert}"))["state"]
        if state == "sent" and back.done() and look.texts_arrived and _is_quiet(fleet):
            break
    await back
    stage.screen.say(f"The service has sent all in {time.monotonic() - began:.1f} s; the phones are silent.")


def _is_quiet(fleet: Fleet) -> bool:
    return not fleet.busy and time.monotonic() - fleet.last_heard > _QUIET_SECONDS


async def _come_back(stage: Stage, fleet: Fleet) -> None:
    await asyncio.sleep(_AWAY_SECONDS)
    await stage.provider.switch(_in(fleet, Network.AWAY, Network.CROWDED), online=True)


async def _last_sync(stage: Stage, fleet: Fleet, alert: str) -> None:
    """Let everybody who has not shown the warning look for news, as the app does by itself; those off come back."""
    await stage.provider.switch(_in(fleet, Network.OFF), online=True)
    asking = [phone for phone in fleet.phones if alert not in {known for known, _ in phone.shown}]
    await fleet.sync(asking, on_change=lambda done: stage.screen.advance("phones synced", done, len(asking)))
    learned = sum(alert in {known for known, _ in phone.shown} for phone in asking)
    stage.screen.say(
        f"{len(asking):,} phones without the warning have looked for news; {learned:,} of them show it now."
    )
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if _is_quiet(fleet):
            return
