"""Reads what an SMSC reports of a text: by its text form (SMPP 3.4, appendix B), by its parameters, or by query_sm."""

import re
from collections.abc import Mapping

from service.delivery.channels.smpp_pdus import Delivery, Tag
from service.delivery.provider_ways import IdBase, SmppWay
from service.delivery.sms import Arrival, Report

_FIELD = re.compile(r"\b(id|stat|err):\s*([^\s]+)", re.IGNORECASE)
_BODY = re.compile(r"\btext:", re.IGNORECASE)
_STATES: Mapping[int, Arrival] = {
    0: Arrival.UNDERWAY,  # scheduled
    1: Arrival.UNDERWAY,  # en route
    2: Arrival.DELIVERED,
    3: Arrival.EXPIRED,
    4: Arrival.FAILED,  # deleted
    5: Arrival.FAILED,  # undeliverable
    6: Arrival.UNDERWAY,  # accepted: by the standard read out to the subscriber, by most SMSCs only under way
    7: Arrival.UNKNOWN,
    8: Arrival.FAILED,  # rejected
    9: Arrival.FAILED,  # skipped
}
_WORDS: Mapping[str, Arrival] = {
    "SCHEDUL": Arrival.UNDERWAY,
    "ENROUTE": Arrival.UNDERWAY,
    "ACCEPTD": Arrival.UNDERWAY,
    "ACCEPTE": Arrival.UNDERWAY,
    "DELIVRD": Arrival.DELIVERED,
    "DELIVER": Arrival.DELIVERED,
    "EXPIRED": Arrival.EXPIRED,
    "DELETED": Arrival.FAILED,
    "UNDELIV": Arrival.FAILED,
    "REJECTD": Arrival.FAILED,
    "REJECTE": Arrival.FAILED,
    "FAILED": Arrival.FAILED,
    "SKIPPED": Arrival.FAILED,
}
_NOT_ARRIVED = frozenset({Arrival.FAILED, Arrival.EXPIRED, Arrival.UNKNOWN})
_GSM, _UNKNOWN_SUBSCRIBER = 3, 1
_BASES = {IdBase.HEX: 16, IdBase.DECIMAL: 10}


def canonical(message_id: str, base: IdBase) -> str:
    """Return the form in which ids of one provider are compared: decimal where a base is told, else as it is.

    An id that is no number of that base is left as it is.
    """
    message_id = message_id.strip()
    if base is IdBase.TEXT or not message_id.isascii() or not message_id.isalnum():
        return message_id
    try:
        return str(int(message_id, _BASES[base]))
    except ValueError:
        return message_id


def in_base(message_id: str, base: IdBase) -> str:
    """Return an id as the SMSC wrote it in its answer, as near as can be told from its canonical form."""
    if base is IdBase.HEX and message_id.isdecimal():
        return f"{int(message_id):X}"
    return message_id


def read_receipt(provider: str, delivery: Delivery, text: str, way: SmppWay) -> Report | None:
    """Read a receipt; None where it does not say which text it is about.

    A parameter counts before the text: receipted_message_id is by the standard the id of submit_sm_resp itself.
    """
    said = _said(text)
    own = delivery.string(Tag.RECEIPTED_MESSAGE_ID)
    message_id = canonical(own, way.submitted_ids) if own else canonical(said.get("id", ""), way.reported_ids)
    if not 0 < len(message_id) <= _LONGEST_ID:
        return None
    state = delivery.number(Tag.MESSAGE_STATE)
    arrival = _STATES.get(state, Arrival.UNKNOWN) if state is not None else _arrival(said.get("stat", ""))
    network, code = _network_error(delivery)
    error = said.get("err", "") or code
    if network == _GSM and code == str(_UNKNOWN_SUBSCRIBER) and arrival in _NOT_ARRIVED:
        arrival = Arrival.UNKNOWN_SUBSCRIBER
    return Report(provider, message_id, _by_error(arrival, (error, code), way.errors), error[:_LONGEST_ERROR])


def read_state(provider: str, asked: str, state: int, error: int, way: SmppWay) -> Report:
    """Read the answer to query_sm about the text `asked`."""
    code = str(error) if error else ""
    return Report(provider, asked, _by_error(_STATES.get(state, Arrival.UNKNOWN), (code,), way.errors), code)


_LONGEST_ERROR = 20
_LONGEST_ID = 128  # twice the standard's: whatever is longer is no id, and must not spoil the commit of its neighbours


def _said(text: str) -> dict[str, str]:
    """Return the first of each field; what stands behind `text:` are words of a message, and nobody's report."""
    head = _BODY.split(text, maxsplit=1)[0]
    said: dict[str, str] = {}
    for name, value in _FIELD.findall(head):
        said.setdefault(name.lower(), value)
    return said


def _arrival(word: str) -> Arrival:
    return _WORDS.get(word.upper()[:7], Arrival.UNKNOWN)


def _network_error(delivery: Delivery) -> tuple[int, str]:
    """Return the type of network and its code (5.3.2.31); no code where none is told."""
    octets = delivery.tlvs.get(Tag.NETWORK_ERROR_CODE, b"")
    if len(octets) != 3:  # noqa: PLR2004 - the standard's length
        return 0, ""
    return octets[0], str(int.from_bytes(octets[1:], "big"))


def _by_error(arrival: Arrival, codes: tuple[str, ...], errors: Mapping[str, Arrival]) -> Arrival:
    """Let the provider's table say more of what did not arrive; what arrived did, whatever code stands beside it."""
    if arrival not in _NOT_ARRIVED:
        return arrival
    for code in codes:
        known = errors.get(code) or errors.get(code.lstrip("0"))
        if code and known:
            return known
    return arrival
