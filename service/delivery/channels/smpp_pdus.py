"""Writes and reads what passes on the wire of SMPP 3.4; the library names the commands, and writes the binds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum, IntFlag
from functools import lru_cache
from struct import Struct

from aiosmpplib import BindReceiver, BindTransceiver, BindTransmitter, SmppCommand, SubmitSm
from aiosmpplib.state import (
    MESSAGE_PAYLOAD,
    MESSAGE_STATE,
    NETWORK_ERROR_CODE,
    RECEIPTED_MESSAGE_ID,
    SAR_MSG_REF_NUM,
    SAR_SEGMENT_SEQNUM,
    SAR_TOTAL_SEGMENTS,
)

from service.delivery.provider_ways import Numbering
from service.kit.hidden import Hidden

# The library's own SubmitSm and DeliverSm are not used: they know no data_coding but their own list and no octets in
# parameters, read a header of 16 bits wrongly, and give up on a text whose letters are not what its data_coding says.
HEADER = Struct("!IIII")
RESPONSE = 0x80000000
LONGEST = 70_000
"""No PDU is longer: a payload of 64 KiB, and what stands around it."""

_ADDRESS = Struct("!BB")
_TLV = Struct("!HH")
_NUL = b"\0"
_HIGHEST_SEQUENCE = 0x7FFFFFFF
_LONGEST_VALIDITY = timedelta(weeks=63) - timedelta(seconds=1)  # the library's bound for the relative form


class Tag(IntEnum):
    """Optional parameters that mean something to us."""

    RECEIPTED_MESSAGE_ID = RECEIPTED_MESSAGE_ID
    SAR_MSG_REF_NUM = SAR_MSG_REF_NUM
    SAR_TOTAL_SEGMENTS = SAR_TOTAL_SEGMENTS
    SAR_SEGMENT_SEQNUM = SAR_SEGMENT_SEQNUM
    NETWORK_ERROR_CODE = NETWORK_ERROR_CODE
    MESSAGE_PAYLOAD = MESSAGE_PAYLOAD
    MESSAGE_STATE = MESSAGE_STATE


class EsmClass(IntFlag):
    """What kind of message it is (5.2.12)."""

    TYPE = 0x3C
    RECEIPT = 0x04
    INTERMEDIATE = 0x20
    HEADER = 0x40


class BadPdu(ValueError):  # noqa: N818 - the PDU is bad
    """What came in is no SMPP; nothing of it stands in the message."""


@dataclass(frozen=True, slots=True)
class Pdu:
    command: int
    status: int
    sequence: int
    body: bytes = field(repr=False)

    def string(self) -> str:
        """Return what the body begins with, as an id in a response."""
        return _latin(self.body.partition(_NUL)[0])


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all parts of a text to one number have in common, as octets before and behind esm_class."""

    before: bytes = field(repr=False)
    coding: int
    priority: int

    def submit_sm(self, part: "Outgoing", *, validity: timedelta) -> bytes:
        """Return the body of submit_sm for a part; only the last one asks for a receipt."""
        esm_class = EsmClass.HEADER if part.headed else 0
        span = _relative(min(validity, _LONGEST_VALIDITY))
        flags = bytes((esm_class, 0, self.priority))
        how = bytes((part.last, 0, self.coding, 0, len(part.octets)))
        return b"".join((self.before, flags, _NUL, span, _NUL, how, part.octets, part.tlvs))


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One part as it goes out; `headed` says that its octets begin with a header of the phone's own."""

    octets: bytes = field(repr=False)
    headed: bool
    last: bool
    tlvs: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Party:
    """A sender or a recipient; the number is shown to nobody."""

    number: str = field(repr=False)
    numbering: Numbering

    def octets(self) -> bytes:
        return _ADDRESS.pack(self.numbering.ton, self.numbering.npi) + self.number.encode("latin-1") + _NUL


@dataclass(frozen=True, slots=True)
class Delivery:
    """What an SMSC hands over: a receipt, or somebody's text."""

    source: Party
    destination: Party
    esm_class: int
    coding: int
    octets: bytes = field(repr=False)
    tlvs: Mapping[int, bytes] = field(repr=False)

    @property
    def is_receipt(self) -> bool:
        """Say whether the SMSC calls it one. What merely looks like one may be anybody's text."""
        kind = self.esm_class & EsmClass.TYPE
        return bool(kind & (EsmClass.RECEIPT | EsmClass.INTERMEDIATE)) or Tag.MESSAGE_STATE in self.tlvs

    def string(self, tag: Tag) -> str:
        return _latin(self.tlvs.get(tag, b"").partition(_NUL)[0]).strip()

    def number(self, tag: Tag) -> int | None:
        value = self.tlvs.get(tag)
        return int.from_bytes(value, "big") if value else None


@lru_cache
def _relative(validity: timedelta) -> bytes:
    """Return a span as SMPP writes it (7.1.1.2): texts of one alert share a few."""
    written: str = SubmitSm.datetime_to_smpp_time(validity)
    return written.encode("ascii")


def envelope(sender: Party, to: Party, *, service_type: str, coding: int, urgent: bool) -> Envelope:
    before = service_type.encode("latin-1") + _NUL + sender.octets() + to.octets()
    return Envelope(before, coding, int(urgent))


def framed(command: int, sequence: int, body: bytes = b"", *, status: int = 0) -> bytes:
    return HEADER.pack(HEADER.size + len(body), command, status, sequence) + body


def bind(kind: SmppCommand, system_id: str, password: Hidden[str], system_type: str) -> bytes:
    """Return the body of a bind request."""
    kinds = {SmppCommand.BIND_TRANSMITTER: BindTransmitter, SmppCommand.BIND_RECEIVER: BindReceiver}
    request = kinds.get(kind, BindTransceiver)()
    # Set afterwards: the library holds to the standard's 8 letters of password, which many SMSCs do not.
    request.system_id, request.password, request.system_type = system_id, password.reveal(), system_type
    octets: bytes = request.pdu()
    return octets[HEADER.size :]


def query_sm(message_id: str, sender: Party) -> bytes:
    return message_id.encode("latin-1", "replace") + _NUL + sender.octets()


def read_query(body: bytes) -> tuple[int, int]:
    """Return state and error of a query_sm_resp; BadPdu if it has none."""
    _, _, rest = body.partition(_NUL)
    _, found, rest = rest.partition(_NUL)
    if not found or not rest:
        raise BadPdu("query_sm_resp is too short")
    return rest[0], rest[1] if len(rest) > 1 else 0


def sar(reference: int, number: int, of: int) -> bytes:
    """Return the parameters that say which part of a text this is."""
    return b"".join(
        (
            tlv(Tag.SAR_MSG_REF_NUM, (reference & 0xFFFF).to_bytes(2, "big")),
            tlv(Tag.SAR_TOTAL_SEGMENTS, bytes((of,))),
            tlv(Tag.SAR_SEGMENT_SEQNUM, bytes((number,))),
        )
    )


def tlv(tag: int, value: bytes) -> bytes:
    return _TLV.pack(tag, len(value)) + value


def read_delivery(pdu: Pdu) -> Delivery:
    """Read deliver_sm or data_sm; BadPdu for what is cut off. A parameter that is cut off is left out."""
    reader = _Reader(pdu.body)
    reader.string()
    source, destination = reader.party(), reader.party()
    esm_class = reader.octet()
    if pdu.command == SmppCommand.DATA_SM:
        reader.skip(1)
        coding, octets = reader.octet(), b""
    else:
        reader.skip(2)
        reader.string()
        reader.string()
        reader.skip(2)
        coding = reader.octet()
        reader.skip(1)
        octets = reader.take(reader.octet())
    tlvs = reader.tlvs()
    return Delivery(source, destination, esm_class, coding, octets or tlvs.get(Tag.MESSAGE_PAYLOAD, b""), tlvs)


def next_sequence(sequence: int) -> int:
    return sequence + 1 if sequence < _HIGHEST_SEQUENCE else 1


class _Reader:
    """Reads octets in turn."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._body):
            raise BadPdu("it is cut off")
        taken = self._body[self._at : end]
        self._at = end
        return taken

    def skip(self, count: int) -> None:
        self.take(count)

    def octet(self) -> int:
        return self.take(1)[0]

    def string(self) -> str:
        end = self._body.find(_NUL, self._at)
        if end < 0:
            raise BadPdu("a string has no end")
        found = self.take(end - self._at)
        self._at += 1
        return _latin(found)

    def party(self) -> Party:
        ton, npi = self.octet(), self.octet()
        return Party(self.string(), Numbering(ton, npi))

    def tlvs(self) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        while self._at + _TLV.size <= len(self._body):
            tag, length = _TLV.unpack_from(self._body, self._at)
            if self._at + _TLV.size + length > len(self._body):
                break
            self._at += _TLV.size
            found.setdefault(tag, self.take(length))
        return found


def _latin(octets: bytes) -> str:
    return octets.decode("latin-1")
