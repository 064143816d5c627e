"""The words of each refusal about operators, and how to mend it."""

from typing import Final

from service.kit.errors import Kind, Refused
from service.operators.model import Reason

_WORDS: Final[dict[Reason, tuple[Kind, str, str]]] = {
    Reason.KEY_MISSING: (
        Kind.UNAUTHENTICATED,
        "This needs an operator's API key, and none was given.",
        "Send it as `Authorization: Bearer sf_…`; on the command line set SUREFOOT_KEY.",
    ),
    Reason.KEY_UNKNOWN: (
        Kind.UNAUTHENTICATED,
        "This API key is not known, or no longer valid.",
        "Ask an admin for a new key.",
    ),
    Reason.ROLE_MISSING: (
        Kind.FORBIDDEN,
        "Your roles do not allow this.",
        "Ask somebody who holds the role that is named, or ask two admins to give it to you.",
    ),
    Reason.NAME_UNFIT: (
        Kind.INVALID,
        "An operator's name has 1 to 80 printable characters.",
        "Give the name by which colleagues know this person.",
    ),
    Reason.NAME_TAKEN: (
        Kind.CONFLICT,
        "There is, or was, an operator of this name.",
        "Choose a name that nobody has had: the audit trail must tell people apart.",
    ),
    Reason.NO_ROLE: (
        Kind.INVALID,
        "An operator needs at least one role.",
        "Name one or more of author, approver, editor, admin; to end all rights, revoke the operator.",
    ),
    Reason.FIRST_NEEDS_ADMIN: (
        Kind.INVALID,
        "The first operator must hold the role admin, or nobody could ever add another.",
        "Add the role admin; one person may hold several, as in `--role admin --role author`.",
    ),
    Reason.TOO_FEW_ADMINS: (
        Kind.CONFLICT,
        "Where two or more operators exist, two must be admins, so that one can confirm what the other changes.",
        "Give the role admin to a second person too, as in `--role admin --role approver`.",
    ),
    Reason.LAST_ADMIN: (
        Kind.CONFLICT,
        "This would leave nobody with the role admin.",
        "Make somebody else admin first.",
    ),
    Reason.OPERATOR_UNKNOWN: (
        Kind.NOT_FOUND,
        "There is no such operator.",
        "See the list of operators for their names and ids.",
    ),
    Reason.OPERATOR_REVOKED: (
        Kind.CONFLICT,
        "This operator's rights have ended for good.",
        "Add the person again under a new name.",
    ),
    Reason.NOTHING_CHANGES: (
        Kind.CONFLICT,
        "The operator holds exactly these roles already.",
        "Nothing needs to be done.",
    ),
    Reason.CHANGE_UNKNOWN: (
        Kind.NOT_FOUND,
        "There is no such change.",
        "See the list of operators: it shows what waits for confirmation.",
    ),
    Reason.CHANGE_WAITS: (
        Kind.CONFLICT,
        "The same sort of change for this operator waits for confirmation already.",
        "Have a second admin confirm it, or wait until it lapses after 7 days.",
    ),
    Reason.CHANGE_DONE: (
        Kind.CONFLICT,
        "This change has been confirmed already.",
        "Nothing needs to be done; a lost key is replaced by asking for a new one.",
    ),
    Reason.CHANGE_EXPIRED: (
        Kind.GONE,
        "Nobody confirmed this change within 7 days, so it has lapsed.",
        "Ask for it again.",
    ),
    Reason.SAME_PERSON: (
        Kind.FORBIDDEN,
        "Who asks for a change never confirms it.",
        "Have another admin confirm it with their own key.",
    ),
    Reason.ASKER_GONE: (
        Kind.CONFLICT,
        "Who asked for this change is no longer an admin.",
        "Ask for it again as an admin, and have another confirm it.",
    ),
}


def refusal(reason: Reason, *, where: str | None = None) -> Refused:
    """Make the exception for a reason; `where` names what it is about, such as the role needed."""
    kind, detail, remedy = _WORDS[reason]
    return Refused(kind, reason.value, detail, where=where, remedy=remedy)
