"""Turns what an SMSC hands over into a report, or into what somebody wrote; never logs either."""

from datetime import datetime

from service.delivery.channels.smpp_letters import read
from service.delivery.channels.smpp_pdus import Delivery, EsmClass, Party, Pdu, Tag, read_delivery
from service.delivery.channels.smpp_receipts import read_receipt
from service.delivery.provider_ways import SmppWay
from service.delivery.providers import Provider
from service.delivery.sms import Inbound, Part, Report
from service.kit.hidden import Hidden
from service.kit.sms import BadHeader, Concatenation, read_header

_INTERNATIONAL, _UNKNOWN = 1, 0
_SHORTEST_INTERNATIONAL = 10
_WIDE, _SAR = 1 << 16, 1 << 17
"""References of 8 bits, of 16 bits, and of parameters are different ones even where their figures are alike."""


def read_inbound(provider: Provider, way: SmppWay, pdu: Pdu, *, now: datetime) -> Report | Inbound | None:
    """Read deliver_sm or data_sm; None for a receipt of nothing. BadPdu for what is no message at all."""
    delivery = read_delivery(pdu)
    header, body, concatenation = _headed(delivery)
    if delivery.is_receipt:
        # By the standard in ASCII, whatever its data_coding says: an id may hold what GSM-7 has elsewhere, as `_`.
        plain = body.decode("ascii") if body.isascii() and b"\0" not in body.rstrip(b"\0") else ""
        return read_receipt(provider.name, delivery, plain or read(body, delivery.coding, way, header=header), way)
    text = read(body, delivery.coding, way, header=header)
    return Inbound(
        provider=provider.name,
        sender=Hidden(_e164(delivery.source)),
        to=delivery.destination.number,
        text=Hidden(text),
        at=now,
        part=_part(concatenation, delivery),
        id=delivery.string(Tag.RECEIPTED_MESSAGE_ID),
    )


def _headed(delivery: Delivery) -> tuple[int, bytes, Concatenation | None]:
    """Return the octets of the header, what stands behind it, and which part this is."""
    octets = delivery.octets
    if not delivery.esm_class & EsmClass.HEADER or not octets:
        return 0, octets, None
    try:
        concatenation, rest = read_header(octets)
    except BadHeader as bad:
        concatenation, rest = None, bad.rest
    return len(octets) - len(rest), rest, concatenation


def _part(concatenation: Concatenation | None, delivery: Delivery) -> Part | None:
    if concatenation is not None:
        kind = _WIDE if concatenation.wide else 0
        found = Part(concatenation.reference | kind, concatenation.number, concatenation.of)
        return found if found.of > 1 else None
    reference = delivery.number(Tag.SAR_MSG_REF_NUM)
    number, of = delivery.number(Tag.SAR_SEGMENT_SEQNUM), delivery.number(Tag.SAR_TOTAL_SEGMENTS)
    if reference is None or number is None or of is None or not 1 <= number <= of or of == 1:
        return None
    return Part(reference | _SAR, number, of)


def _e164(party: Party) -> str:
    """Return a number with its plus; short codes and names are left as they are."""
    number = party.number
    if not number.isdecimal() or not number.isascii():
        return number
    ton = party.numbering.ton
    if ton == _UNKNOWN and number.startswith("00"):
        number = number.removeprefix("00")
    international = ton == _INTERNATIONAL or (ton == _UNKNOWN and len(number) >= _SHORTEST_INTERNATIONAL)
    return f"+{number}" if international else number
