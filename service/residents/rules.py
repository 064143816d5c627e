"""Who is meant, what may be registered, and what proves that an address is the caller's."""

import base64
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import h3

from service.kit.crypto import Keyring, same
from service.kit.errors import Fault, Kind, Refused
from service.places.gazetteer import Gazetteer
from service.residents import web_push
from service.residents.model import (
    CELL_RESOLUTION,
    MOST_CELLS,
    MOST_LANGUAGES,
    MOST_PLACES,
    Address,
    AddressKind,
    Change,
    Platform,
    Reason,
    Registration,
    Resident,
)

_CODE_BYTES = 16
_NO_CODE = bytes(32)
_CELL = re.compile(r"[0-9a-f]{15}", re.ASCII)
# Google gives installation ids as 22 characters of base64url; of a token only the letters are promised.
_ADDRESS = {
    AddressKind.FID: re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII),
    AddressKind.TOKEN: re.compile(r"[A-Za-z0-9_:.~-]{100,4096}", re.ASCII),
}


def is_meant(resident: Resident, rings: Mapping[int, int], *, exercise: bool, now: datetime) -> int | Reason:
    """Return the ring of the resident's nearest cell, or why an alert with this area is not for them.

    `rings` maps the area's cells to their rings; the smallest counts. Verified or not changes only how soon.
    """
    ring = min((rings[cell] for cell in resident.cells.reveal() if cell in rings), default=None)
    if ring is None:
        return Reason.NOT_IN_AREA
    if exercise and (resident.tester_until is None or resident.tester_until <= now):
        return Reason.NOT_A_TESTER
    if not resident.has_address:
        return Reason.NO_ADDRESS
    if resident.capped:
        return Reason.CAPPED
    return ring


def cells_of(kept: Sequence[int]) -> tuple[int, ...]:
    """Return those of the kept numbers that are cells."""
    return tuple(one for one in kept if one > 0)


def units_of(kept: Sequence[int]) -> tuple[int, ...]:
    """Return those of the kept numbers that stand for units of places; they are negative."""
    return tuple(one for one in kept if one < 0)


def demand_any(kept: Sequence[int]) -> None:
    """Refuse a registration that wants to hear about nothing."""
    if not kept:
        detail = f"A registration names 1 to {MOST_CELLS} cells, or places."
        raise _refused("cells-number", detail, "cells", "Send cells, or places.")


def demand_fitting(kind: AddressKind, platform: Platform, *, cells: bool, replaces: bool) -> None:
    """Refuse a number together with what cannot be beside it, and the platform sms without one."""
    if (kind is AddressKind.SMS) != (platform is Platform.SMS):
        detail = "The platform sms, and no other, goes with an address of kind sms."
        remedy = "Send both, or name the number as the fallback of an app: PUT /v1/registrations/{id}/phone."
        raise _refused("platform-unfit", detail, "platform", remedy)
    if kind is not AddressKind.SMS:
        return
    if cells:
        raise cells_by_text()
    if replaces:
        detail = "A registration by text replaces none: until its code comes back nobody would be warned."
        remedy = "Leave `replaces` out; once its number is proved, whatever had the number before is forgotten."
        raise _refused("replaces-by-text", detail, "replaces", remedy)


def demand_consent(kind: AddressKind, *, given: bool) -> None:
    """Refuse a number whose owner agreed to nothing, and consent to texts where there is no number."""
    if given != (kind is AddressKind.SMS):
        detail = "Consent to texts comes with an address of kind sms, and such an address with consent."
        raise _refused("consent-unfit", detail, "consent", "Send the wording that was agreed to, and its language.")


def demand_reached(one: Registration, wanted: Change) -> None:
    """Refuse cells, and an address, for whoever is reached by text alone: there only municipalities or larger."""
    if not one.by_text:
        return
    if wanted.cells is not None and wanted.cells.reveal():
        raise cells_by_text()
    if wanted.address is not None:
        detail = "This registration is reached by text alone."
        remedy = "Register the address anew, and name the number as its fallback: PUT /v1/registrations/{id}/phone."
        raise _refused("address-by-text", detail, "address", remedy)


def cells_by_text() -> Refused:
    detail = "Beside a number a cell would tell where somebody is; this service refuses to know it."
    return _refused("cells-by-text", detail, "cells", "Send places: municipalities or larger.")


def check_units(units: Sequence[UUID], gazetteer: Gazetteer) -> None:
    """Refuse units that are unknown, smaller than a municipality, or of which nobody knows where they lie."""
    faults = [fault for index, one in enumerate(units) if (fault := _fault_of_unit(f"places[{index}]", one, gazetteer))]
    if faults:
        raise Refused(Kind.INVALID, "places-refused", faults[0].detail, where="places", faults=faults)


def _fault_of_unit(where: str, unit: UUID, gazetteer: Gazetteer) -> Fault | None:
    place = gazetteer.get(unit)
    if place is None:
        return Fault(where, "There is no such place.", "Take an id from GET /v1/places?name=….")
    if not place.is_municipality_or_larger:
        detail = "This place is smaller than a municipality and would tell where somebody is; this service refuses it."
        return Fault(where, detail, "Send the municipality that it lies in: GET /v1/places/{id} names it in `above`.")
    if gazetteer.standing_for(unit) is None:
        return Fault(where, "Nobody knows where this place lies, so no warning would find it.", "Send cells instead.")
    return None


def read_places(units: Sequence[UUID]) -> tuple[UUID, ...]:
    """Return the units in the given order; Refused unless at most 10 different ones."""
    if len(units) > MOST_PLACES:
        detail = f"A registration names at most {MOST_PLACES} places."
        raise _refused("places-number", detail, "places", "Send the unit that holds several of them.")
    if len(set(units)) < len(units):
        raise _refused("places-repeated", "A place is named more than once.", "places", "Send each place once.")
    return tuple(units)


def read_cells(texts: Sequence[str], *, least: int = 1) -> tuple[int, ...]:
    """Return the cells as numbers in the given order; Refused unless so many to 20 different cells of resolution 7."""
    if not least <= len(texts) <= MOST_CELLS:
        detail = f"A registration names 1 to {MOST_CELLS} cells, or places."
        raise _refused("cells-number", detail, "cells", "Send so many cells.")
    faults = [fault for index, text in enumerate(texts) if (fault := _fault_of_cell(f"cells[{index}]", text))]
    if faults:
        raise Refused(Kind.INVALID, "cells-refused", faults[0].detail, where="cells", faults=faults)
    cells = tuple(h3.str_to_int(text) for text in texts)
    if len(set(cells)) < len(cells):
        raise _refused("cells-repeated", "A cell is named more than once.", "cells", "Send each cell once.")
    return cells


def _fault_of_cell(where: str, text: str) -> Fault | None:
    if not _CELL.fullmatch(text) or not h3.is_valid_cell(text):
        return Fault(where, "This is not an H3 cell.", "Send 15 hexadecimal digits in small letters.")
    resolution = h3.get_resolution(text)
    remedy = f"Send cells of resolution {CELL_RESOLUTION} (about 5 km²); the phone itself refines."
    if resolution > CELL_RESOLUTION:
        detail = f"A cell of resolution {resolution} would tell where somebody is; this service refuses to know it."
        return Fault(where, detail, remedy)
    if resolution < CELL_RESOLUTION:
        return Fault(where, f"A cell of resolution {resolution} is too large to tell who is near a danger.", remedy)
    return None


def read_languages(tags: Sequence[str], known: Callable[[str], str | None]) -> tuple[str, ...]:
    """Return the normalised tags in the order of preference, repeated ones once; Refused names those nobody knows."""
    if not 1 <= len(tags) <= MOST_LANGUAGES:
        detail = f"A registration names 1 to {MOST_LANGUAGES} languages."
        raise _refused("languages-number", detail, "languages", "Send so many languages, the best first.")
    found = [known(tag) for tag in tags]
    detail = "This is not a language that BCP 47 knows."
    remedy = "Send a tag such as uk, en or sr-Latn."
    faults = [Fault(f"languages[{index}]", detail, remedy) for index, tag in enumerate(found) if tag is None]
    if faults:
        which = ", ".join(fault.where for fault in faults)
        raise Refused(
            Kind.INVALID, "languages-unknown", f"Not a known language: {which}.", where="languages", faults=faults
        )
    return tuple(dict.fromkeys(tag for tag in found if tag is not None))


def check_address(address: Address) -> Address:
    """Return FCM's address if it has the form that FCM gives out; Refused never repeats it."""
    if not _ADDRESS[address.kind].fullmatch(address.value.reveal()):
        detail = f"The address does not have the form of a {address.kind.value}."
        raise _refused("address-malformed", detail, "address.value", "Send what the messaging library gave, unchanged.")
    return address


def _refused(name: str, detail: str, where: str, remedy: str) -> Refused:
    return Refused(Kind.INVALID, name, detail, where=where, remedy=remedy)


def address_hash(keyring: Keyring, address: Address) -> bytes:
    """Return the 32 bytes under which equal addresses meet; without the server's key they tell nothing."""
    value = web_push.endpoint(address) if address.kind is AddressKind.WEBPUSH else address.value.reveal()
    return keyring.mac("address", address.kind.value.encode(), value.encode())


def network_hash(keyring: Keyring, network: str) -> bytes:
    """Return the 32 bytes that stand for the network a wish came from."""
    return keyring.mac("network", network.encode())


def verification_code(keyring: Keyring, registration: UUID, hashed_address: bytes) -> str:
    """Return the code (22 characters) that only a push to this address can tell; a new address makes a new code."""
    whole = keyring.mac("verification", registration.bytes, hashed_address)
    return base64.urlsafe_b64encode(whole[:_CODE_BYTES]).rstrip(b"=").decode()


def code_hash(keyring: Keyring, registration: UUID, code: str) -> bytes:
    """Return the 32 bytes by which a code that went out by text is known; digits of any script are the same."""
    plain = "".join(str(unicodedata.decimal(letter, "")) for letter in code)
    return keyring.mac("phone-code", registration.bytes, plain.encode())


def is_code(keyring: Keyring, registration: UUID, code: str, kept: bytes | None) -> bool:
    """Say, always in the same time, whether this is the code that is kept; None: none waits."""
    made = code_hash(keyring, registration, code)
    return same(made, kept or _NO_CODE) and kept is not None


def tester_hash(keyring: Keyring, code: str) -> bytes:
    """Return the 32 bytes by which a tester's code is known; hyphens, spaces and case do not count."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return keyring.mac("tester-code", plain.encode())
