"""What a phone believes: a key set if the root key signed it, an index if a key of that set did."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from service.kit.crypto import KEY_BYTES
from service.kit.errors import Kind, Refused
from service.publication import booklets, jws
from service.publication.model import Index, KeySet, PackEntry, PublishedKey, Revoked, TopicsEntry, World

T = TypeVar("T")
_FORMAT = 1
_HASH_DIGITS = 64
_LARGEST = 2**53
_LONGEST_LIFE = timedelta(days=31)


def open_keys(document: bytes, roots: Collection[bytes], *, least: int = 0) -> KeySet:
    """Return a key set that one of the root keys signed.

    Refused `document-malformed`, `root-unknown`, `signature-wrong`, or `keys-older` if its version is below `least`.
    """
    signed = jws.parse(document, "keys")
    root = next((public for public in roots if jws.kid_of(public) == signed.kid), None)
    if root is None:
        raise _refused("root-unknown", f"The key set is signed by {signed.kid}, which is no root key of this app.")
    keys = _read(signed.demand(root), _key_set)
    if keys.version < least:
        detail = f"The key set has version {keys.version}; version {least} is known already."
        raise _refused("keys-older", detail)
    return keys


def open_index(document: bytes, keys: KeySet, world: World) -> tuple[Index, PublishedKey]:
    """Return an index that a key of this world signed, and that key.

    Refused `document-malformed`, `key-unknown`, `key-revoked`, `signature-wrong`, `world-wrong`, `key-not-valid`,
    `index-times-wrong`.
    """
    signed = jws.parse(document, "index")
    key = keys.get(signed.kid)
    if key is None:
        raise _refused("key-unknown", f"The index is signed by {signed.kid}, which the key set does not hold.")
    if key.revoked is not None:
        raise _refused("key-revoked", f"The index is signed by {signed.kid}, which was revoked: {key.revoked.reason}")
    index = _read(signed.demand(key.public), _index)
    if index.world is not world or key.world is not world:
        detail = f"This is an index of {index.world}, signed for {key.world}; this app is for {world}."
        raise _refused("world-wrong", detail)
    if not key.fits(world, index.made):
        raise _refused("key-not-valid", f"The index was made when its key {signed.kid} was not valid.")
    # Whoever finds a key after its time can sign for that time only: what was made then must show as old today.
    if not index.data_as_of <= index.made <= index.stale_after <= index.made + _LONGEST_LIFE:
        raise _refused("index-times-wrong", "The index claims to be current for longer than any index is.")
    return index, key


def keys_as_json(keys: KeySet) -> dict[str, Any]:
    """Return what the root key signs."""
    return {
        "surefoot": _FORMAT,
        "version": keys.version,
        "issued": moment(keys.issued),
        "keys": [_key_as_json(key) for key in keys.keys],
    }


def _key_as_json(key: PublishedKey) -> dict[str, Any]:
    revoked = key.revoked and {"at": moment(key.revoked.at), "reason": key.revoked.reason}
    return {
        "kid": key.kid,
        "public": jws.encoded(key.public),
        "world": key.world.value,
        "from": moment(key.valid_from),
        "until": moment(key.valid_until),
        "revoked": revoked,
    }


def index_as_json(index: Index) -> dict[str, Any]:
    """Return what a signing key signs."""
    topics = {"topics": {"size": index.topics.size, "sha256": index.topics.sha256}} if index.topics else {}
    return {
        "surefoot": _FORMAT,
        "world": index.world.value,
        "version": index.version,
        "made": moment(index.made),
        "data_as_of": moment(index.data_as_of),
        "stale_after": moment(index.stale_after),
        "packs": {
            entry.cell: {
                "version": entry.version,
                "size": entry.size,
                "sha256": entry.sha256,
                "deltas_from": entry.deltas_from,
            }
            for entry in index.packs
        },
        **topics,
        **booklets.as_json(index.guidance, index.recalls, index.lessons),
    }


def moment(at: datetime) -> str:
    """Write a moment in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read(payload: bytes, form: Callable[[Mapping[str, Any]], T]) -> T:
    """Read a payload that is signed; Refused all the same if it is not of the form that this app knows."""
    try:
        found = json.loads(payload)
        if found["surefoot"] != _FORMAT:
            raise _refused("document-malformed", "This document needs a newer app.")
        return form(found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _refused("document-malformed", "The document does not hold what such a document must.") from error


def _key_set(found: Mapping[str, Any]) -> KeySet:
    return KeySet(_whole(found["version"]), _moment(found["issued"]), tuple(_key(one) for one in found["keys"]))


def _key(found: Mapping[str, Any]) -> PublishedKey:
    public = jws.decoded(found["public"])
    if len(public) != KEY_BYTES or found["kid"] != jws.kid_of(public):
        raise ValueError("a key's id is made from the key")
    given_up = found["revoked"]
    return PublishedKey(
        kid=found["kid"],
        public=public,
        world=World(found["world"]),
        valid_from=_moment(found["from"]),
        valid_until=_moment(found["until"]),
        revoked=None if given_up is None else Revoked(_moment(given_up["at"]), str(given_up["reason"])),
    )


def _index(found: Mapping[str, Any]) -> Index:
    return Index(
        world=World(found["world"]),
        version=_whole(found["version"]),
        made=_moment(found["made"]),
        data_as_of=_moment(found["data_as_of"]),
        stale_after=_moment(found["stale_after"]),
        packs=tuple(_entry(cell, entry) for cell, entry in found["packs"].items()),
        topics=_topics(found["topics"]) if "topics" in found else None,
        guidance=booklets.bundles_of(found),
        recalls=booklets.recalls_of(found),
        lessons=booklets.lessons_of(found),
    )


def _topics(found: Mapping[str, Any]) -> TopicsEntry:
    return TopicsEntry(_whole(found["size"]), _hash(found["sha256"]))


def _entry(cell: str, found: Mapping[str, Any]) -> PackEntry:
    if not cell.isalnum() or not cell.isascii():
        raise ValueError("a pack is named by a cell")
    numbers = {name: _whole(found[name]) for name in ("version", "size", "deltas_from")}
    return PackEntry(cell=cell, sha256=_hash(found["sha256"]), **numbers)


def _hash(text: str) -> str:
    if len(text) != _HASH_DIGITS or bytes.fromhex(text).hex() != text:
        raise ValueError("a hash is 64 hexadecimal digits")
    return text


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise ValueError("a whole number was expected")
    return value


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at


def _refused(name: str, detail: str) -> Refused:
    remedy = "Keep what you have and fetch it again, from another place if this goes on."
    return Refused(Kind.INVALID, name, detail, remedy=remedy)
