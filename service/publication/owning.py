"""Keys of its own for a data folder: packs are signed and believed without anybody making keys by hand."""

from datetime import datetime, timedelta

from service.kit.crypto import Signer
from service.kit.data_folder import DataFolder
from service.publication import jws, signing
from service.publication.model import KeySet, PublishedKey, World

_LIFE = timedelta(days=3650)


def own_trust(folder: DataFolder, *, now: datetime) -> dict[str, str]:
    """Return the settings of keys that lie in the folder, with a key set signed by a root key that lies there too.

    For trying things and for the demo: the root key of a deployment that phones rely on is made offline.
    """
    root = Signer(folder.secret("root_key"))
    secrets = {World.LIVE: folder.secret("signing_key"), World.EXERCISE: folder.secret("exercise_signing_key")}
    file = folder.path / "keys.json"
    if not file.exists():
        publics = {world: Signer(secret).public for world, secret in secrets.items()}
        keys = tuple(
            PublishedKey(jws.kid_of(public), public, world, now - _LIFE, now + _LIFE)
            for world, public in publics.items()
        )
        folder.write("keys.json", signing.sign_keys(root, KeySet(1, now, keys)))
    return {
        "SUREFOOT_SIGNING_KEY": secrets[World.LIVE].hex(),
        "SUREFOOT_EXERCISE_SIGNING_KEY": secrets[World.EXERCISE].hex(),
        "SUREFOOT_ROOT_KEY": root.public.hex(),
        "SUREFOOT_KEY_SET": str(file),
    }
