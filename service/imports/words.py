"""What operators read about the rows of an import: what is wrong with the row, and how to mend it."""

from service.imports.reasons import Doubt, Note, Reason
from service.intake.model import Unread
from service.kit.geo import Flaw, Mend

QUARANTINE: dict[Doubt, tuple[str, str]] = {
    Unread.UNREADABLE: ("The row cannot be read: {why}.", "Mend the file at this row and import it again."),
    Unread.KEYS_TWICE: ("The row names the key {why} twice.", "Keep one of them and import the row again."),
    Unread.WRONG_CRS: (
        "The row states the coordinate system {why}.",
        "Convert the file to WGS 84, longitude first (`ogr2ogr -t_srs EPSG:4326`).",
    ),
    Reason.NO_ID: (
        "The row has no id of its own.",
        "Give it one as zone_id, id or external_id, or name the property that holds it with --id-property.",
    ),
    Reason.ID_TWICE: (
        "The id stands in row {why} already, letter case, spaces and width aside.",
        "Give each area an id of its own.",
    ),
    Reason.NO_CLASS: (
        "The row does not say whether the area is suspected (SHA) or confirmed (CHA).",
        "Add a property class with SHA or CHA, or state it for the whole file with --class.",
    ),
    Reason.CLASS_UNKNOWN: ("Nobody knows what {why} means as a class.", "Write SHA or CHA."),
    Reason.FICTIONAL: (
        "The row calls itself fictional, and this is no exercise.",
        "Import it with --exercise; an invented area never stands beside real ones.",
    ),
    Unread.NO_GEOMETRY: ("The row has no geometry.", "Add the outline of the area."),
    Unread.GEOMETRY_BROKEN: (
        "The geometry is no GeoJSON: {why}.",
        "Write a Polygon or MultiPolygon with numbers, longitude first.",
    ),
    Unread.EVENT: (
        "The row is a point: an event or a find, not an area.",
        "Give the area's outline, or take events in with `surefoot incidents import`; --points buffer:METRES widens.",
    ),
    Unread.LINE: ("The row is a line, not an area.", "Give the area as a polygon with its true width."),
    Reason.NOT_FINITE: ("A coordinate is not a finite number.", "Correct the coordinate."),
    Reason.OUT_OF_RANGE: (
        "A coordinate lies beyond 180 degrees of longitude or 90 of latitude.",
        "Write degrees of WGS 84, longitude first.",
    ),
    Reason.AXES_SWAPPED: (
        "Latitude and longitude are swapped: read the other way round, the outline lies where it should.",
        "Write longitude first, or name the two columns in the mapping.",
    ),
    Reason.WRONG_HEMISPHERE: (
        "The outline lies in another hemisphere: with the other sign for {why} it lies where it should.",
        "Correct the sign and import the row again.",
    ),
    Reason.POLAR: ("The outline reaches beyond 85 degrees of latitude or runs around a pole.", "Correct the outline."),
    Reason.ONLY_A_POINT: ("All corners of the outline lie in one point.", "Give the outline of the area."),
    Reason.TOO_MANY_CORNERS: ("The outline has more than 100,000 corners.", "Split the area or thin its outline out."),
    Reason.TOO_TANGLED: ("The outline crosses itself too often to be mended.", "Draw the outline anew."),
    Reason.ABSURD_SIZE: (
        "The outline spans {why} km: a corner is probably wrong.",
        "Correct the corner, or split an area that is truly so large.",
    ),
    Reason.NO_OUTLINE: ("No public outline covers this area.", "Draw the outline anew, without needles."),
    Reason.SHRINKS: (
        "The row takes ground out of a zone that is on record. The zone keeps that ground.",
        "A second person decides: keep it, or release it by a record with authority, date, method and outline.",
    ),
    Reason.MOVES: (
        "The row puts the zone elsewhere. The new ground was added, and the zone keeps the old ground.",
        "A second person decides about the old ground: keep it, release it by a record, or annul what was wrong.",
    ),
    Reason.DOWNGRADED: (
        "The row makes a confirmed area a suspected one. The zone stays confirmed.",
        "A second person has to decide that.",
    ),
    Reason.CLOSED: (
        "The source says {why}. The area stays on the list.",
        "A second person decides: keep it, or release it by a record with authority, date, method and outline.",
    ),
    Reason.MISSING: (
        "The source lists this zone no longer; its data is of {why}. The zone stays, marked as old.",
        "Ask the source why. A second person decides: keep it, release it by a record, or annul what was wrong.",
    ),
    Reason.ENDED: (
        "The zone of this id is on record as {why}, and the row differs from what it was.",
        "If the ground is dangerous, give the area an id of its own; an annulment can be reversed.",
    ),
    Reason.OUTDATED: (
        "The zone on record is of {why}, newer than this file, and differs from it.",
        "Import the newest file, or correct its date.",
    ),
}

STILL = "As it came before: what it asks still waits for a second person."
MISSING = "No longer in the source's list: marked as old, and nothing else."

NOTES: dict[Note, str] = {
    Note.RING_CLOSED: "A ring was not closed; it was closed.",
    Note.UNTANGLED: "The outline crossed itself; all ground that it surrounds was kept.",
    Note.WIDENED: "A part of the outline had no width; it was widened to a strip.",
    Note.HOLE_FILLED: "A hole was unclear; its ground counts as dangerous.",
    Note.PARTS_MERGED: "Parts overlapped; they were merged.",
    Note.HEIGHTS_DROPPED: "Heights were left out.",
    Note.CUT_AT_180: "The outline crosses the antimeridian; it was cut there.",
    Note.POINTS_LEFT_OUT: "Points or lines stood beside the areas; only the areas were taken.",
    Note.LONG_STEP: "Two neighbouring corners lie {why} km apart; one of them may be wrong.",
    Note.SAME_OUTLINE: "Row {why} has the same outline under another id; both were taken.",
    Note.OUTSIDE_AREA: "The outline lies outside the deployment's area. It was taken; look whether it is in its place.",
    Note.POINT_WIDENED: "The point was widened by {why} metres, as {who} stated.",
    Note.NO_RELEASE_RECORD: "The source says {why}, but no release record came with it: the area stays active.",
    Note.RELEASED_GROUND: "The row claims ground that had been released; it counts as dangerous again.",
    Note.CLASS_ASSUMED: "The source says {why}; the area was taken as {taken}.",
    Note.CLASSES_DIFFER: "The source gives two classes; the more dangerous one was taken.",
    Note.HAZARD_UNKNOWN: "The category {why} is not known; it was taken as unknown.",
    Note.VALUE_UNKNOWN: "Nobody knows what {why} means as {what}; it was left out.",
    Note.DATE_BAD: "{why} as {what} is no day that can be trusted; it was left out.",
    Note.TEXT_CUT: "The row's texts are longer than we keep; they were cut.",
    Note.TEXT_MENDED: "Characters that cannot be stored were replaced.",
    Note.MOJIBAKE_MENDED: "The name {why} was garbled; it was mended.",
    Note.MOJIBAKE: "The name {why} looks garbled; state the file's encoding.",
    Note.PUBLICATION_KEPT: "The zone is on record as {why}; an import does not change how it is published.",
}

NOTE_OF_MEND = {
    Mend.CLOSED: Note.RING_CLOSED,
    Mend.UNTANGLED: Note.UNTANGLED,
    Mend.WIDENED: Note.WIDENED,
    Mend.HOLE_FILLED: Note.HOLE_FILLED,
    Mend.MERGED: Note.PARTS_MERGED,
    Mend.FLATTENED: Note.HEIGHTS_DROPPED,
    Mend.CUT_AT_180: Note.CUT_AT_180,
}

REASON_OF_FLAW: dict[Flaw, Doubt] = {
    Flaw.EMPTY: Unread.NO_GEOMETRY,
    Flaw.NOT_FINITE: Reason.NOT_FINITE,
    Flaw.OUT_OF_RANGE: Reason.OUT_OF_RANGE,
    Flaw.TOO_FAR_NORTH: Reason.POLAR,
    Flaw.ONLY_A_POINT: Reason.ONLY_A_POINT,
    Flaw.TOO_MANY_CORNERS: Reason.TOO_MANY_CORNERS,
    Flaw.TOO_TANGLED: Reason.TOO_TANGLED,
}
