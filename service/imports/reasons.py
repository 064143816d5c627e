"""Why a row of a source has to wait, and what was noticed about one that was taken."""

from enum import StrEnum
from typing import TypeAlias

from service.intake.model import Unread


class Reason(StrEnum):
    """Why a row was not taken, or not wholly: it waits in quarantine for a person."""

    NO_ID = "id-missing"
    ID_TWICE = "id-twice"
    NO_CLASS = "class-missing"
    CLASS_UNKNOWN = "class-unknown"
    FICTIONAL = "fictional-in-live"
    NOT_FINITE = "coordinate-not-finite"
    OUT_OF_RANGE = "coordinate-out-of-range"
    AXES_SWAPPED = "axes-swapped"
    WRONG_HEMISPHERE = "wrong-hemisphere"
    POLAR = "too-near-a-pole"
    ONLY_A_POINT = "outline-only-a-point"
    TOO_MANY_CORNERS = "too-many-corners"
    TOO_TANGLED = "outline-too-tangled"
    ABSURD_SIZE = "size-absurd"
    NO_OUTLINE = "no-public-outline"
    SHRINKS = "would-shrink"
    MOVES = "would-leave-its-ground"
    DOWNGRADED = "would-reclassify-downward"
    CLOSED = "closed-without-record"
    MISSING = "missing-from-its-source"
    ENDED = "zone-has-ended"
    OUTDATED = "older-than-known"


REMOVING = frozenset({Reason.SHRINKS, Reason.MOVES, Reason.DOWNGRADED, Reason.CLOSED, Reason.MISSING})
"""What would take danger off the list: only a second person may (R2, R6)."""

Doubt: TypeAlias = Reason | Unread


class Note(StrEnum):
    """What was noticed about a row that was taken."""

    RING_CLOSED = "ring-closed"
    UNTANGLED = "self-crossing-untangled"
    WIDENED = "part-without-width-widened"
    HOLE_FILLED = "unclear-hole-filled"
    PARTS_MERGED = "overlapping-parts-merged"
    HEIGHTS_DROPPED = "heights-dropped"
    CUT_AT_180 = "cut-at-the-antimeridian"
    POINTS_LEFT_OUT = "points-and-lines-left-out"
    LONG_STEP = "long-step"
    SAME_OUTLINE = "same-outline-as-another"
    OUTSIDE_AREA = "outside-the-deployments-area"
    POINT_WIDENED = "point-widened"
    NO_RELEASE_RECORD = "no-release-record"
    RELEASED_GROUND = "released-ground-claimed-again"
    CLASS_ASSUMED = "class-assumed"
    CLASSES_DIFFER = "classes-differ"
    HAZARD_UNKNOWN = "hazard-unknown"
    VALUE_UNKNOWN = "value-unknown"
    DATE_BAD = "date-bad"
    TEXT_CUT = "text-cut"
    TEXT_MENDED = "text-mended"
    MOJIBAKE_MENDED = "garbled-text-mended"
    MOJIBAKE = "garbled-text"
    PUBLICATION_KEPT = "publication-kept"
