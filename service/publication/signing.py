"""Making signatures: for the worker and for whoever holds the offline root key. The API cannot reach this file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.kit.crypto import Signer
from service.publication import jws
from service.publication.model import Index, KeySet, World
from service.publication.trust import index_as_json, keys_as_json


@dataclass(frozen=True, slots=True)
class Seals:
    """The private keys that this process signs indexes with, one for each world that it may sign for."""

    signers: Mapping[World, Signer]

    def get(self, world: World) -> Signer | None:
        return self.signers.get(world)


def sign_keys(root: Signer, keys: KeySet) -> bytes:
    """Return the signed key set as phones fetch it."""
    return _sign(root, "keys", keys_as_json(keys))


def sign_index(signer: Signer, index: Index) -> bytes:
    """Return the signed index as phones fetch it."""
    return _sign(signer, "index", index_as_json(index))


def _sign(signer: Signer, what: str, payload: dict[str, Any]) -> bytes:
    protected = jws.encoded(jws.header(jws.kid_of(signer.public), what))
    body = jws.encoded(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode())
    signature = jws.encoded(signer.sign(f"{protected}.{body}".encode()))
    document = {"protected": protected, "payload": body, "signature": signature}
    return json.dumps(document, separators=(",", ":")).encode()
