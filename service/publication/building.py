"""Makes and signs what phones pull; only the worker, which holds the keys, can reach this file."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from service.alerts import actions as alerts
from service.atlas.words import CAVEAT
from service.config import Settings
from service.delivery import posting
from service.delivery import topics as naming
from service.guidance import actions as guidance
from service.i18n.catalogues import Catalogues
from service.i18n.model import Rendered
from service.kit import geo
from service.kit.crypto import Signer
from service.kit.db import Tx, transaction
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.kit.jobs import Job, Queue, defer
from service.publication import actions, booklets, geojson, jws, making, printing, rules, store, trust
from service.publication.making import Made
from service.publication.model import ELSEWHERE, REFINE_JOB, Index, PackEntry, Standing, TopicsEntry, World
from service.publication.signing import Seals, sign_index
from service.zones import actions as zones
from service.zones.words import EXERCISE_LABEL, LABEL

_log = structlog.get_logger()
_CELLS_A_COMMIT = 32
_REFINED_A_COMMIT = 8
_KEPT_FOR_OLD_INDEXES = timedelta(days=3)


async def build(house: House, world: World) -> bool:
    """Make the packs that are due and an index that names them, in one commit; say whether more is due.

    A pack whose bytes would be the same keeps its version, and so does an index that would name the same packs.
    """
    async with transaction(house.pool) as tx:
        now = house.clock.now()
        signer = await _signer(tx, house, world, now=now)
        held = await store.lock_standing(tx, world)
        labels = _labels(house.get(Catalogues), world)
        words = rules.fingerprint(labels)
        await _note_at_first(tx, held, words, now=now)
        due = await store.take_due(tx, world=world, limit=_CELLS_A_COMMIT)
        entries = {entry.cell: entry for entry in await store.entries(tx, world)}
        changed, topics = await _keep_topics(tx, house, world, now=now)
        booklet = await printing.keep(tx, house, now=now)
        changed = changed or held.guidance != booklet.fingerprint
        for cell in due:
            content = await _content(tx, cell, labels, world=world, now=now)
            made = await _made(tx, content, entries.get(cell), cell=cell, world=world)
            if made is not None:
                await _keep(tx, made, world=world, now=now)
                entries[cell], changed = made.entry, True
        waiting = await store.oldest_due(tx, world=world)
        # Signed anew only when it says something new or grows old: else its time would tell of a change in secret (R8).
        if changed or _is_late(house, held, now=now):
            index = rules.next_index(
                held,
                sorted(entries.values(), key=lambda one: one.cell),
                changed=changed,
                as_of=min(now, waiting or now),
                now=now,
                stale=house.get(Settings).index_life,
            )
            index = booklet.into(replace(index, topics=topics))
            await _keep_index(tx, signer, index, words)
        if changed:
            await _tidy(tx, before=now - _KEPT_FOR_OLD_INDEXES)
    _log.info("publication.built", world=world.value, looked_at=len(due), changed=changed)
    return waiting is not None


async def _tidy(tx: Tx, *, before: datetime) -> None:
    """Drop what no index in use names any more, and have the rest made smaller."""
    await store.forget(tx, before=before)
    await guidance.forget(tx, before=before)
    await defer(tx, Job(REFINE_JOB, Queue.SLOW, alone=REFINE_JOB))


async def _keep_topics(tx: Tx, house: House, world: World, *, now: datetime) -> tuple[bool, TopicsEntry | None]:
    """Keep what phones are told of topics; say whether it changed, and what the index says of it."""
    document, held = await _topics(tx, house, world, now=now), await store.topics(tx, world)
    if document is None:
        await store.drop_topics(tx, world)
        return held is not None, None
    entry = TopicsEntry(len(document), hashlib.sha256(document).hexdigest())
    if held is not None and held[1] == entry.sha256:
        return False, entry
    await store.set_topics(tx, world, document, entry.sha256)
    return True, entry


async def _topics(tx: Tx, house: House, world: World, *, now: datetime) -> bytes | None:
    settings = house.get(Settings)
    if not settings.topics:
        return None
    held = await posting.generations(tx, exercise=world.exercise, now=now)
    languages = [one.tag for one in house.get(Catalogues).languages()]
    return naming.document(held, languages, default=settings.default_language, exercise=world.exercise)


def _is_late(house: House, held: Standing, *, now: datetime) -> bool:
    return held.made is None or now - held.made >= house.get(Settings).index_renewal


async def _signer(tx: Tx, house: House, world: World, *, now: datetime) -> Signer:
    """Return the key to sign with. Refused if phones would not believe it: nothing is published that they refuse."""
    signer = house.get(Seals).get(world)
    signed = await store.key_set(tx)
    if signer is None or signed is None:
        missing = "its private key" if signer is None else "a published key set"
        detail = f"The packs of the {world} world cannot be signed without {missing}."
        raise Refused(
            Kind.CONFLICT,
            "no-signing-key",
            detail,
            remedy="Make one: `surefoot keys create`, then `surefoot keys publish`.",
        )
    keys = trust.open_keys(signed, house.get(Settings).need_roots())
    key = keys.get(jws.kid_of(signer.public))
    if key is None or not key.fits(world, now):
        detail = f"The key that would sign the {world} world is unknown, revoked or out of its time."
        raise Refused(Kind.CONFLICT, "signing-key-unfit", detail, remedy="Publish a key set that holds it.")
    return signer


async def _note_at_first(tx: Tx, held: Standing, words: str, *, now: datetime) -> None:
    """Before the first index, and when the words changed, every pack is due."""
    if held.labels == words:
        return
    there = {geo.cell_text(cell) for cell in await zones.pack_cells(tx, exercise=held.world.exercise)}
    there |= {entry.cell for entry in await store.entries(tx, held.world)}
    await store.note(tx, {*there, ELSEWHERE}, world=held.world, now=now)


def _labels(catalogues: Catalogues, world: World) -> list[Rendered]:
    messages = (EXERCISE_LABEL if world.exercise else LABEL, CAVEAT)
    return [catalogues.render_together(messages, tag) for tag in sorted(catalogues.sendable(messages))]


async def _content(tx: Tx, cell: str, labels: Sequence[Rendered], *, world: World, now: datetime) -> geojson.Content:
    """Read all that the public may see around a cell; nothing else comes near a pack."""
    if cell == ELSEWHERE:
        return geojson.Content(labels)
    number, exercise = geo.parse_cell(cell), world.exercise
    return geojson.Content(
        labels,
        zones=await zones.public_by_pack(tx, number, exercise=exercise),
        departed=await zones.departed_by_pack(tx, number, exercise=exercise),
        coverage=await zones.coverage_by_pack(tx, number, exercise=exercise),
        alerts=await alerts.live(tx, [number], exercise=exercise, now=now),
    )


async def _made(tx: Tx, content: geojson.Content, held: PackEntry | None, *, cell: str, world: World) -> Made | None:
    """Make the next version of a pack; None if its bytes would be those that phones have."""
    version = held.version if held else 1
    draft = await asyncio.to_thread(geojson.pack, content, cell=cell, world=world, version=version)
    if held is not None and hashlib.sha256(draft).hexdigest() == held.sha256:
        return None
    earlier = await store.documents_of(tx, world=world, cell=cell, until=version) if held else []
    return await asyncio.to_thread(making.next_version, earlier, draft, cell=cell, world=world)


async def _keep(tx: Tx, made: Made, *, world: World, now: datetime) -> None:
    await store.supersede(tx, made.entry.cell, world=world, version=made.entry.version, now=now)
    await store.add(tx, made.documents)
    await store.set_entry(tx, made.entry, world=world)


async def _keep_index(tx: Tx, signer: Signer, index: Index, words: str) -> None:
    document = await asyncio.to_thread(sign_index, signer, index)
    wanted = {"world": index.world.value, "version": index.version, "made": index.made, "labels": words}
    wanted["guidance"] = booklets.fingerprint(index.guidance, index.recalls, index.lessons)
    sha256 = hashlib.sha256(document).hexdigest()
    await store.set_index(tx, wanted | {"document": document, "sha256": sha256})


async def refine(house: House) -> bool:
    """Make some documents as small as they get: the same bytes once unpacked; say whether there may be more.

    While packs are due it does nothing: the build that ends makes refining due again.
    """
    async with transaction(house.pool) as tx:
        for world in house.get(Seals).signers:
            if await store.oldest_due(tx, world=world) is not None:
                return False
        rough = await store.rough(tx, limit=_REFINED_A_COMMIT)
        await store.refine(tx, [await asyncio.to_thread(making.refined, one) for one in rough])
    return bool(rough)


def own_keys(settings: Settings) -> bytes | None:
    """Return the key set that the settings name. Refused if it cannot be believed."""
    if settings.key_set is None:
        return None
    signed = settings.key_set.read_bytes()
    trust.open_keys(signed, settings.need_roots())
    return signed


async def publish_own_keys(house: House) -> None:
    """Publish the key set that the settings name, unless a later one is published."""
    settings = house.get(Settings)
    signed = await asyncio.to_thread(own_keys, settings)
    if signed is None:
        return
    async with transaction(house.pool) as tx:
        try:
            now = house.clock.now()
            await actions.publish_keys(tx, signed, roots=settings.need_roots(), operator=None, now=now)
        except Refused as refused:
            if refused.name != "keys-not-newer":
                raise
            _log.info("publication.later_keys_published")


async def reworded(house: House) -> None:
    """Have every index looked at whose packs hold words: they may be read anew."""
    async with transaction(house.pool) as tx:
        for world in house.get(Seals).signers:
            await defer(tx, actions.build_job(world))


async def keep_up(tx: Tx, house: House) -> None:
    """Have made what is due and not under way, and sign an index anew that phones would soon show as old."""
    now = house.clock.now()
    for standing in await store.standing(tx):
        if house.get(Seals).get(standing.world) is None:
            continue
        late = _is_late(house, standing, now=now)
        waits = await store.oldest_due(tx, world=standing.world) is not None
        held = await store.topics(tx, standing.world)
        renamed = await _topics(tx, house, standing.world, now=now) != (held and held[0])
        if late or waits or renamed or await printing.is_due(tx, house, standing, now=now):
            await defer(tx, actions.build_job(standing.world))
