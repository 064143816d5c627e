"""The part of a provider that SMPP needs."""

from service.delivery.provider_file.tables import Table
from service.delivery.provider_ways import (
    ALPHANUMERIC,
    INTERNATIONAL,
    Bind,
    IdBase,
    Joining,
    Meaning,
    Numbering,
    SmppWay,
)
from service.delivery.sms import Arrival

_OCTET = 255
_MOST_PORT = 65_535
_STATUS_REMEDY = "Write the command_status as a number or as 0x and hex digits, in quotes."
_NATIONAL_OR_SHORT = Numbering(0, 1)


def read(table: Table, *, sender: str) -> SmppWay:
    """Read `[provider.smpp]`; how a sender is numbered follows from its form where the file does not say."""
    made = SmppWay(
        host=table.text("host", fits=r"[A-Za-z0-9.:-]+", remedy="Write the SMSC's name or address."),
        port=table.whole("port", 1, _MOST_PORT),
        system_id=table.text("system_id", fits=r"[\x21-\x7e]{1,15}", remedy="Write at most 15 letters of ASCII."),
        password=table.secret("password"),
        tls=table.flag("tls", default=True),
        ca=table.path("ca"),
        system_type=table.text("system_type", "", fits=r"[\x20-\x7e]{0,12}", remedy="Write at most 12 letters."),
        service_type=table.text("service_type", "", fits=r"[\x20-\x7e]{0,5}", remedy="Write at most 5 letters."),
        bind=table.word("bind", Bind, Bind.TRANSCEIVER),
        window=table.whole("window", 1, 1_000, 10),
        enquire_link_s=table.whole("enquire_link_s", 1, 600, 30),
        source=_numbering(table, "source", _of(sender)),
        destination=_numbering(table, "destination", INTERNATIONAL),
        gsm7_coding=table.whole("gsm7_coding", 0, _OCTET, 0),
        ucs2_coding=table.whole("ucs2_coding", 0, _OCTET, 8),
        gsm7_packed=table.flag("gsm7_packed", default=False),
        message_payload=table.flag("message_payload", default=False),
        joining=table.word("joining", Joining, Joining.UDH_8),
        submitted_ids=table.word("submitted_ids", IdBase, IdBase.TEXT),
        reported_ids=table.word("reported_ids", IdBase, IdBase.TEXT),
        statuses=_statuses(table),
        errors=table.translation("errors", Arrival),
    )
    if not made.tls and made.ca is not None:
        table.note("ca", "has no meaning without TLS", "Remove it, or set tls = true.")
    if (made.submitted_ids is IdBase.TEXT) is not (made.reported_ids is IdBase.TEXT):
        table.note("reported_ids", "can never be compared with the other's", "Name the bases of both, or of neither.")
    table.done()
    return made


def _of(sender: str) -> Numbering:
    if sender.startswith("+"):
        return INTERNATIONAL
    return _NATIONAL_OR_SHORT if sender.isdigit() else ALPHANUMERIC


def _numbering(table: Table, key: str, default: Numbering) -> Numbering:
    inner = table.table(key)
    if inner is None:
        return default
    made = Numbering(inner.whole("ton", 0, 6), inner.whole("npi", 0, 18))
    inner.done()
    return made


def _statuses(table: Table) -> dict[int, Meaning]:
    inner = table.table("statuses")
    if inner is None:
        return {}
    made: dict[int, Meaning] = {}
    for key in inner.names():
        meaning = inner.word(key, Meaning)
        if meaning is Meaning.TAKEN:
            inner.note(key, "is an error, and cannot mean that a text was taken", "Only 0 says that.")
        try:
            made[int(key, 0)] = meaning
        except ValueError:
            inner.note(key, "is no command_status", _STATUS_REMEDY)
    return made
