"""What an operator is told when an act on zones is refused: what is wrong, where, and how to mend it."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.kit.errors import Kind, Refused
from service.kit.geo import NotOutward, TooFarNorth
from service.zones.records import LONGEST_NAME, Reason

_WORDS: dict[Reason, tuple[Kind, str, str]] = {
    Reason.ZONE_UNKNOWN: (Kind.NOT_FOUND, "There is no such zone{holes}.", "`surefoot zones list` names them."),
    Reason.ZONE_ENDED: (
        Kind.CONFLICT,
        "Zone {holes} is no longer active.",
        "Look at its history; a revoked record or a reinstatement brings it back.",
    ),
    Reason.ZONE_NOT_ENDED_SO: (Kind.CONFLICT, "Zone {holes} is not annulled.", "Only an annulled zone is reinstated."),
    Reason.ZONE_TAKEN: (
        Kind.CONFLICT,
        "The authority has a zone {holes} already, or it is named twice.",
        "Give another id, or extend that zone.",
    ),
    Reason.ZONE_UNTOUCHED: (
        Kind.INVALID,
        "The outline does not touch zone {holes}.",
        "Leave the zone out, or check the outline's coordinates: longitude first, on the right hemisphere.",
    ),
    Reason.ZONE_SURVEYED_LATER: (
        Kind.CONFLICT,
        "Zone {holes}, after the date of this record.",
        "A later survey counts: give a record of after that day.",
    ),
    Reason.ZONES_DIFFER: (
        Kind.CONFLICT,
        "The zones differ in {holes}.",
        "Only zones of one authority and one publication become one.",
    ),
    Reason.ZONES_TOO_FEW: (
        Kind.INVALID,
        "{holes}",
        "Name at least two; a zone that only grows is extended.",
    ),
    Reason.WORLDS_MIXED: (
        Kind.CONFLICT,
        "Exercise zones and real ones never stand in one act (R27).",
        "Give one record for each.",
    ),
    Reason.NOTHING_CHANGES: (Kind.CONFLICT, "Zone {holes} is so already.", "Nothing needs to be done."),
    Reason.NEEDS_PROPOSAL: (
        Kind.CONFLICT,
        "Zone {holes} is confirmed; making it a suspected area needs a second person.",
        "Propose it: an approver decides.",
    ),
    Reason.WOULD_NARROW: (
        Kind.CONFLICT,
        "{holes}",
        "Give a release record for the ground that is no longer dangerous.",
    ),
    Reason.RELEASED_ALREADY: (
        Kind.CONFLICT,
        "Other records cover all that the outline touches of zone {holes}.",
        "Look at the zone's history.",
    ),
    Reason.RELEASED_GROUND: (
        Kind.CONFLICT,
        "Part {holes} m² of ground that a release record covers.",
        "Leave that ground out, or revoke the record first.",
    ),
    Reason.GROUND_MISSING: (
        Kind.CONFLICT,
        "The parts leave out {holes} m² of the zone.",
        "Widen the parts until they cover the zone together; ground leaves the record only by a release record.",
    ),
    Reason.DATE_IN_FUTURE: (Kind.INVALID, "The date {holes} is in the future.", "Give the day on the record."),
    Reason.DATE_TOO_OLD: (Kind.INVALID, "The date is {holes}; no record is so old.", "Write it as 2026-07-31."),
    Reason.DEPTH_MISSING: (
        Kind.INVALID,
        "A record of clearance says how deep was searched.",
        "Give the depth in centimetres.",
    ),
    Reason.DEPTH_ODD: (
        Kind.INVALID,
        "Only clearance has a depth; ground that was {holes} was not searched by deminers.",
        "Leave the depth out, or choose cleared.",
    ),
    Reason.OUTLINE_UNFIT: (
        Kind.INVALID,
        "The outline cannot be read: {holes}.",
        "Give a GeoJSON Polygon or MultiPolygon in WGS 84, longitude first.",
    ),
    Reason.OUTLINE_MENDED: (
        Kind.INVALID,
        "The outline is not exact ({holes}): ground is never released or claimed by a guess.",
        "Draw it so that no ring crosses itself and every part has width.",
    ),
    Reason.NO_OUTLINE: (
        Kind.INVALID,
        "No public outline can be made that covers {holes}.",
        "Check the outline: parts without width, or within five degrees of a pole.",
    ),
    Reason.AUTHORITY_UNFIT: (
        Kind.INVALID,
        f"The authority has to be named in 1 to {LONGEST_NAME} printable characters.",
        "Say whose record this is.",
    ),
    Reason.ID_UNFIT: (
        Kind.INVALID,
        f"The id has to be 1 to {LONGEST_NAME} printable characters.",
        "Give the authority's own id.",
    ),
    Reason.ACCURACY_UNFIT: (
        Kind.INVALID,
        "The accuracy has to lie between 0 and {holes} metres.",
        "Give the survey's error in metres.",
    ),
    Reason.RELEASE_UNKNOWN: (
        Kind.NOT_FOUND,
        "There is no such release record.",
        "`surefoot zones history` names a zone's records.",
    ),
    Reason.RELEASE_KNOWN: (
        Kind.CONFLICT,
        "The authority's record {holes} is in force already.",
        "Nothing needs to be done; a wrong record is revoked.",
    ),
    Reason.RELEASE_REVOKED: (Kind.CONFLICT, "This record was revoked already.", "Nothing needs to be done."),
    Reason.PROPOSAL_UNKNOWN: (
        Kind.NOT_FOUND,
        "There is no such proposal.",
        "`surefoot zones proposals` names those that wait.",
    ),
    Reason.PROPOSAL_DECIDED: (
        Kind.CONFLICT,
        "This proposal was decided already.",
        "Look at the zone's history.",
    ),
    Reason.PROPOSAL_OUTDATED: (
        Kind.CONFLICT,
        "The zones have changed since this was proposed: {holes}.",
        "Refuse this one and propose again on what is on record now.",
    ),
    Reason.SAME_PERSON: (
        Kind.FORBIDDEN,
        "Whoever proposed this cannot approve it.",
        "Ask another operator with the role approver or admin.",
    ),
    Reason.ASKER_GONE: (
        Kind.CONFLICT,
        "Whoever proposed this is no longer an operator.",
        "Refuse it and propose it anew.",
    ),
    Reason.COVERAGE_UNKNOWN: (
        Kind.NOT_FOUND,
        "There is no such coverage area.",
        "`surefoot coverage list` names them.",
    ),
    Reason.COVERAGE_ENDED: (Kind.CONFLICT, "This coverage area has ended already.", "Nothing needs to be done."),
    Reason.COVERAGE_TOO_THIN: (
        Kind.INVALID,
        "Nothing is left of this outline once it is rounded inward.",
        "Draw the ground that the authority keeps the record of.",
    ),
}


def refusal(reason: Reason, holes: str = "", *, where: str | None = None) -> Refused:
    """Return the refusal with its words; `holes` fills the sentence."""
    kind, detail, remedy = _WORDS[reason]
    return Refused(kind, reason.value, detail.format(holes=holes), where=where, remedy=remedy)


@contextmanager
def outlined(named: str) -> Iterator[None]:
    """Refuse where no outline can be made that covers what it must: nothing is published from less."""
    try:
        yield
    except (NotOutward, TooFarNorth) as error:
        raise refusal(Reason.NO_OUTLINE, named, where="outline") from error
