"""What can be done with the mapping of a source: keep it, read it."""

from datetime import datetime
from pathlib import Path

from service.imports import mapping
from service.imports.store import sources as store
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.operators import actions as operators
from service.operators.model import Operator


async def get(tx: Tx, source: tuple[str, str]) -> str | None:
    """Return the mapping that this source's (authority, feed) files are read by."""
    return await store.mapping(tx, *source)


async def put(tx: Tx, operator: Operator, source: tuple[str, str], body: bytes, *, now: datetime) -> None:
    """Keep a mapping. Raises Refused for one that cannot be used, naming the line."""
    text = _text(body, where="mapping")
    mapping.load(text)
    if await store.put_mapping(tx, source, text, by=operator.id, now=now):
        detail = {"authority": source[0], "feed": source[1]}
        await operators.record(tx, operator, "zones.mapping.put", "", detail, now=now)


def text_of(file: Path) -> str:
    """Read a mapping file. Raises Refused for one that is too long or not UTF-8."""
    with file.open("rb") as opened:
        return _text(opened.read(mapping.LONGEST + 1), where=str(file))


def _text(body: bytes, *, where: str) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        detail = "The mapping is not UTF-8."
        raise Refused(Kind.INVALID, "mapping-unfit", detail, where=where, remedy="Save it as UTF-8.") from None
