"""Cuts a text as one SMSC wants it: headers of 8 or 16 bits, parameters, or one payload; septets packed or not."""

from dataclasses import dataclass, field

from service.delivery.channels.smpp_letters import pack
from service.delivery.channels.smpp_pdus import Outgoing, Tag, sar, tlv
from service.delivery.provider_ways import Joining, SmppWay
from service.kit.sms import Encoding, Split, split


@dataclass(frozen=True, slots=True)
class Cut:
    """The parts of one text, and the data_coding of all of them."""

    coding: int
    parts: tuple[Outgoing, ...] = field(repr=False)


def cut(text: str, way: SmppWay, *, reference: int) -> Cut:
    """Return the parts of a text; Refused `text-too-long` if there would be more than the standard allows."""
    whole = split(text, reference=reference, wide=way.joining is Joining.UDH_16)
    packed = way.gsm7_packed and whole.encoding is Encoding.GSM_7
    coding = way.ucs2_coding if whole.encoding is Encoding.UCS_2 else way.gsm7_coding
    if whole.segments == 1:
        body = pack(whole.parts[0]) if packed else whole.parts[0]
        return Cut(coding, (Outgoing(body, headed=False, last=True),))
    if way.message_payload:
        bodies = b"".join(part[whole.header :] for part in whole.parts)
        payload = tlv(Tag.MESSAGE_PAYLOAD, pack(bodies) if packed else bodies)
        return Cut(coding, (Outgoing(b"", headed=False, last=True, tlvs=payload),))
    made = _by_parameters if way.joining is Joining.SAR else _by_headers
    return Cut(coding, made(whole, reference, packed=packed))


def _by_headers(whole: Split, _: int, *, packed: bool) -> tuple[Outgoing, ...]:
    size = whole.header
    return tuple(
        Outgoing(part[:size] + pack(part[size:], size) if packed else part, headed=True, last=number == whole.segments)
        for number, part in enumerate(whole.parts, 1)
    )


def _by_parameters(whole: Split, reference: int, *, packed: bool) -> tuple[Outgoing, ...]:
    bodies = [part[whole.header :] for part in whole.parts]
    return tuple(
        Outgoing(
            pack(body) if packed else body,
            headed=False,
            last=number == whole.segments,
            tlvs=sar(reference, number, whole.segments),
        )
        for number, body in enumerate(bodies, 1)
    )
