"""What an operator is told when an act on rights and keys is refused."""

from service.kit.errors import Kind, Refused
from service.operators.model import LONGEST_NAME, Reason

_WORDS: dict[Reason, tuple[Kind, str, str]] = {
    Reason.KEY_MISSING: (
        Kind.UNAUTHENTICATED,
        "This needs an operator's key.",
        "Send it as `Authorization: Bearer KEY`; on the command line set SUREFOOT_KEY.",
    ),
    Reason.KEY_UNKNOWN: (
        Kind.UNAUTHENTICATED,
        "This key is not known, or it was revoked.",
        "Ask an admin for a new key.",
    ),
    Reason.ROLE_MISSING: (Kind.FORBIDDEN, "This needs the role admin.", "Ask an admin to do it."),
    Reason.NAME_UNFIT: (
        Kind.INVALID,
        f"The name is not 1 to {LONGEST_NAME} printable characters.",
        "Give a name that colleagues will know.",
    ),
    Reason.NAME_TAKEN: (Kind.CONFLICT, "Somebody of this name exists or existed.", "Give another name."),
    Reason.NO_ROLE: (
        Kind.INVALID,
        "An operator needs a role.",
        "Give author, approver, editor, admin, educator or information-officer.",
    ),
    Reason.FIRST_NEEDS_ADMIN: (
        Kind.INVALID,
        "The first operator must hold the role admin, else nobody could ever be added.",
        "Add `--role admin`; one person may hold several roles.",
    ),
    Reason.TOO_FEW_ADMINS: (
        Kind.CONFLICT,
        "This would leave fewer than two admins, and then no change could ever be confirmed.",
        "Make the second operator an admin too.",
    ),
    Reason.LAST_ADMIN: (Kind.CONFLICT, "This would leave no admin.", "Make somebody else an admin first."),
    Reason.OPERATOR_UNKNOWN: (Kind.NOT_FOUND, "There is no such operator.", "`surefoot operators list` names them."),
    Reason.OPERATOR_REVOKED: (Kind.GONE, "This operator's access has ended.", "Add a new operator."),
    Reason.NOTHING_CHANGES: (Kind.CONFLICT, "The operator holds exactly these roles.", "Nothing needs to be done."),
    Reason.CHANGE_UNKNOWN: (
        Kind.NOT_FOUND,
        "No such change waits.",
        "`surefoot operators list` names the changes that wait.",
    ),
    Reason.CHANGE_WAITS: (
        Kind.CONFLICT,
        "The same change waits for a second admin already.",
        "Let a second admin confirm it.",
    ),
    Reason.CHANGE_DONE: (Kind.CONFLICT, "This change was confirmed already.", "Nothing needs to be done."),
    Reason.CHANGE_EXPIRED: (Kind.GONE, "This change waited too long.", "Ask for it anew."),
    Reason.SAME_PERSON: (
        Kind.FORBIDDEN,
        "Whoever asked for a change cannot confirm it.",
        "Ask another admin.",
    ),
    Reason.ASKER_GONE: (Kind.CONFLICT, "Whoever asked for this is no longer an admin.", "Ask for it anew."),
}


def refusal(reason: Reason) -> Refused:
    """Return the refusal with its words."""
    kind, detail, remedy = _WORDS[reason]
    return Refused(kind, reason.value, detail, remedy=remedy)
