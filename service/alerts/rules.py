"""Who may do what to an alert, and what phones make of it."""

from collections.abc import Collection
from datetime import datetime

from service.alerts.later_texts import TAKEN_BACK
from service.alerts.model import Act, Alert, Phase, Reason, State
from service.alerts.texts import Wrong
from service.delivery.model import Message
from service.kit.errors import Kind, Refused
from service.operators.model import Operator, Role

_TOLD = (State.APPROVED, State.SENDING, State.SENT)
TOLD = frozenset(_TOLD)

# Every change of state there is; what is not here cannot happen.
TRANSITIONS: dict[tuple[State, Act], State] = {
    (State.DRAFT, Act.CHANGE): State.DRAFT,
    (State.RETURNED, Act.CHANGE): State.DRAFT,
    (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Act.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Act.APPROVE): State.APPROVED,
    (State.SUBMITTED, Act.RETURN): State.RETURNED,
    (State.SUBMITTED, Act.REJECT): State.REJECTED,
    (State.APPROVED, Act.PLAN): State.SENDING,
    (State.SENDING, Act.FINISH): State.SENT,
    (State.DRAFT, Act.WITHDRAW): State.WITHDRAWN,
    (State.RETURNED, Act.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.APPROVED, Act.WITHDRAW): State.WITHDRAWN,
    (State.SENDING, Act.WITHDRAW): State.WITHDRAWN,
    (State.SENT, Act.WITHDRAW): State.WITHDRAWN,
    # One person sends a correction, once it was looked at; no other message has this way (R17).
    (State.DRAFT, Act.CONFIRM): State.APPROVED,
    # A draft of what follows changes nothing yet; its approval, or a correction, takes the earlier message's place.
    **{(state, act): state for state in _TOLD for act in (Act.UPDATE, Act.END, Act.RENEW, Act.REMIND)},
    **{(state, Act.REPLACE): State.REPLACED for state in _TOLD},
    **{(state, Act.CORRECT): State.REPLACED for state in (*_TOLD, State.WITHDRAWN)},
}

# Which message may take whose place. A correction of an end, or of a correction, says that the warning stands.
FOLLOWERS: dict[Message, frozenset[Message]] = {
    Message.WARNING: frozenset({Message.UPDATE, Message.CORRECTION, Message.END}),
    Message.UPDATE: frozenset({Message.UPDATE, Message.CORRECTION, Message.END}),
    Message.CORRECTION: frozenset({Message.CORRECTION}),
    Message.END: frozenset({Message.CORRECTION}),
}
FOLLOWING: dict[Act, Message] = {
    Act.UPDATE: Message.UPDATE,
    Act.CORRECT: Message.CORRECTION,
    Act.END: Message.END,
}

ROLES: dict[Act, tuple[Role, ...]] = {
    Act.CREATE: (Role.AUTHOR,),
    Act.CHANGE: (Role.AUTHOR,),
    Act.SUBMIT: (Role.AUTHOR,),
    Act.APPROVE: (Role.APPROVER,),
    Act.RETURN: (Role.APPROVER,),
    Act.REJECT: (Role.APPROVER,),
    Act.WITHDRAW: (Role.AUTHOR, Role.APPROVER, Role.ADMIN),
    Act.UPDATE: (Role.AUTHOR,),
    Act.CORRECT: (Role.AUTHOR, Role.APPROVER, Role.ADMIN),
    Act.CONFIRM: (Role.AUTHOR, Role.APPROVER, Role.ADMIN),
    Act.END: (Role.AUTHOR,),
    Act.RENEW: (Role.AUTHOR, Role.APPROVER),
}


def why_not(alert: Alert, act: Act, operator: Operator) -> Reason | None:
    """Return why this operator cannot do this now; who wrote or submitted a warning never approves it (R17)."""
    if not _may_happen(alert, act):
        return Reason.NOT_NOW
    if act is Act.APPROVE and operator.id in {alert.author_id, alert.submitter_id}:
        return Reason.SAME_PERSON
    return None


def _may_happen(alert: Alert, act: Act) -> bool:
    """Say whether the table lets an act happen to this message; what was never told has nothing to follow it."""
    if (alert.state, act) not in TRANSITIONS or (act is Act.CORRECT and alert.approved_at is None):
        return False
    if act is Act.CONFIRM:
        return alert.message is Message.CORRECTION
    if act in {Act.RENEW, Act.REMIND}:
        return warns(alert)
    return act not in FOLLOWING or FOLLOWING[act] in FOLLOWERS.get(alert.message, frozenset())


def warns(alert: Alert) -> bool:
    """Say whether a message tells of danger that stands, and so grows old without being renewed."""
    return alert.message in {Message.WARNING, Message.UPDATE} or alert.draft.template == TAKEN_BACK


def correcting(alert: Alert, wrong: Wrong) -> str:
    """Name the text that takes a message back. Refused where this cannot have been the mistake.

    Who takes back that a warning ended, or was wrong, says that the warning stands.
    """
    if not warns(alert) or alert.draft.template == TAKEN_BACK:
        if wrong is not Wrong.MISTAKE:
            detail = "An end or a correction can only have been sent by mistake."
            raise Refused(Kind.CONFLICT, Reason.NO_SUCH_MISTAKE, detail, where="wrong", remedy="Say mistake instead.")
        return TAKEN_BACK
    if alert.draft.exercise and wrong is Wrong.EXERCISE:
        detail = "What was known as an exercise cannot be taken back for having been one."
        raise Refused(Kind.CONFLICT, Reason.NO_SUCH_MISTAKE, detail, where="wrong", remedy="Say mistake instead.")
    return f"wrong_{wrong.value}"


def phase(alert: Alert, expires_at: datetime, *, now: datetime) -> Phase:
    """Say what a phone should make of a told alert: its time passing makes it old, never over (R20)."""
    if alert.state is State.WITHDRAWN:
        return Phase.WITHDRAWN
    if warns(alert):
        return Phase.LIVE if now < expires_at else Phase.OUT_OF_DATE
    return Phase.ENDED if alert.message is Message.END else Phase.WITHDRAWN


def nearest(cells: Collection[int], rings: dict[int, int]) -> int | None:
    """Return the nearest ring in which any of the cells lies."""
    return min((rings[cell] for cell in cells if cell in rings), default=None)
