"""Registrations that stand for nobody: what makes one a canary, and a phone again."""

from uuid import UUID

from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.residents.model import Registration
from service.residents.store import registrations as store


async def take_out(tx: Tx, registration: UUID) -> Registration:
    """Take a registration out of every place: without cells no alert is planned for it, and no audience counts it.

    Nobody else changes it until the commit. Refused when there is none, or none that can be sent to.
    """
    await store.hold(tx, registration, hashed=None)
    found = await store.find(tx, registration)
    if found is None or found.held is None or found.by_text:
        detail = "There is no registration with this id that can be sent to."
        remedy = "Register the phone first; its app knows the id."
        raise Refused(Kind.NOT_FOUND, "registration-unknown", detail, where="registration", remedy=remedy)
    await store.set_cells(tx, found.number, ())
    return found
