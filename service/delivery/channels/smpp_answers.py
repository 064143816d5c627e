"""Judges what an SMSC says of a text by what follows from it (SMPP 3.4, 5.1.3)."""

from collections.abc import Mapping

from aiosmpplib import SmppCommandStatus as Status

from service.delivery.provider_ways import Meaning
from service.delivery.sms import Answer, NotNow, NumberDead, OptedOut, TextRefused, Unanswered

OK = int(Status.ESME_ROK)

_WAIT = frozenset({Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL})
_OURS = (
    Status.ESME_RINVCMDLEN,
    Status.ESME_RINVCMDID,
    Status.ESME_RINVPRTFLG,
    Status.ESME_RINVREGDLVFLG,
    Status.ESME_RINVSRCADR,
    Status.ESME_RINVSERTYP,
    Status.ESME_RINVESMCLASS,
    Status.ESME_RINVSRCTON,
    Status.ESME_RINVSRCNPI,
    Status.ESME_RINVDSTTON,
    Status.ESME_RINVDSTNPI,
    Status.ESME_RINVREPFLAG,
    Status.ESME_RINVSCHED,
    Status.ESME_RINVEXPIRY,
    Status.ESME_RINVOPTPARSTREAM,
    Status.ESME_ROPTPARNOTALLWD,
    Status.ESME_RINVPARLEN,
    Status.ESME_RMISSINGOPTPARAM,
    Status.ESME_RINVOPTPARAMVAL,
)
"""Every text would be refused so: the provider's file, or what was agreed with the operator, has to be mended."""

_STANDARD: Mapping[int, Meaning] = {
    **dict.fromkeys(_OURS, Meaning.OURS),
    Status.ESME_RINVDSTADR: Meaning.NUMBER_DEAD,
    Status.ESME_RINVMSGLEN: Meaning.REFUSED,
}
_BIND_REFUSED = frozenset(
    {
        Status.ESME_RBINDFAIL,
        Status.ESME_RINVPASWD,
        Status.ESME_RINVSYSID,
        Status.ESME_RINVSYSTYP,
        Status.ESME_RINVSERTYP,
    }
)


def name_of(status: int) -> str:
    """Return the standard's name of a command_status, or its number where it is the operator's own."""
    known = Status._value2member_map_.get(status)
    return known.name if isinstance(known, Status) else f"0x{status:08X}"


def took(status: int, own: Mapping[int, Meaning]) -> bool:
    """Say whether a part was taken; an operator may have a status of his own for that, as for a repeat."""
    return own.get(status, Meaning.TAKEN if status == OK else None) is Meaning.TAKEN


def waits(status: int, own: Mapping[int, Meaning]) -> bool:
    """Say whether the SMSC only asks for time: the same part may be handed over again in a moment."""
    return status in _WAIT and status not in own


def judge(status: int, ids: tuple[str, ...], own: Mapping[int, Meaning]) -> Answer:
    """Say what becomes of a text of which the parts `ids` were taken and the next was not.

    `own` is the provider's table, which counts before the standard's. What neither knows is tried again.
    """
    reason = name_of(status)
    match own.get(status) or _STANDARD.get(status, Meaning.NOT_NOW):
        case Meaning.NUMBER_DEAD:
            return NumberDead(reason)
        case Meaning.OPTED_OUT:
            return OptedOut(reason)
        case Meaning.REFUSED:
            return TextRefused(reason)
        case Meaning.UNANSWERED:
            return Unanswered(ids, reason)
        case Meaning.OURS if not ids:
            return NotNow(None, reason, ours=True)
        case _:
            return Unanswered(ids, reason) if ids else NotNow(None, reason)


def is_ours(status: int) -> bool:
    """Say whether a refused bind is a matter of our name, password or type, which no waiting mends."""
    return status in _BIND_REFUSED
