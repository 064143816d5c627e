"""Who may do what to an alert, and what phones make of it."""

from collections.abc import Collection
from datetime import datetime

from service.alerts.model import Act, Alert, Phase, Reason, State
from service.operators.model import Operator, Role

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
}

ROLES: dict[Act, tuple[Role, ...]] = {
    Act.CREATE: (Role.AUTHOR,),
    Act.CHANGE: (Role.AUTHOR,),
    Act.SUBMIT: (Role.AUTHOR,),
    Act.APPROVE: (Role.APPROVER,),
    Act.RETURN: (Role.APPROVER,),
    Act.REJECT: (Role.APPROVER,),
    Act.WITHDRAW: (Role.AUTHOR, Role.APPROVER, Role.ADMIN),
}

TOLD = frozenset({State.APPROVED, State.SENDING, State.SENT})


def why_not(alert: Alert, act: Act, operator: Operator) -> Reason | None:
    """Return why this operator cannot do this now; who wrote or submitted a warning never approves it (R17)."""
    if (alert.state, act) not in TRANSITIONS:
        return Reason.NOT_NOW
    if act is Act.APPROVE and operator.id in {alert.author_id, alert.submitter_id}:
        return Reason.SAME_PERSON
    return None


def phase(state: State, expires_at: datetime, *, now: datetime) -> Phase:
    """Say what a phone should make of a told alert: its time passing makes it old, never over (R20)."""
    if state is State.WITHDRAWN:
        return Phase.WITHDRAWN
    return Phase.LIVE if now < expires_at else Phase.OUT_OF_DATE


def nearest(cells: Collection[int], rings: dict[int, int]) -> int | None:
    """Return the nearest ring in which any of the cells lies."""
    return min((rings[cell] for cell in cells if cell in rings), default=None)
