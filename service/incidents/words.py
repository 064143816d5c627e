"""What operators read about the rows of an import, and what everybody reads beside the totals."""

from service.i18n.model import Message
from service.incidents.model import Doubt, Note, Reason, Shown
from service.intake.model import Unread

QUARANTINE: dict[Doubt, tuple[str, str]] = {
    Unread.UNREADABLE: ("The row cannot be read: {why}.", "Mend the file at this row and import it again."),
    Unread.KEYS_TWICE: ("The row names the key {why} twice.", "Keep one of them and import the row again."),
    Unread.WRONG_CRS: ("The row states the coordinate system {why}.", "Convert the file to WGS 84, longitude first."),
    Reason.ID_TWICE: (
        "The id stands in row {why} already, with other content.",
        "Give each incident an id of its own, or keep the row that is right.",
    ),
    Reason.NO_DATE: (
        "The row does not say when it happened.",
        "Add a date or a year, or name the column that holds it in the mapping.",
    ),
    Reason.BAD_DATE: ("No date can be read from {why}.", "Write it as 2026-07-31, 2026-07 or 2026."),
    Reason.DATES_DIFFER: ("The row's date is {why}, and its year is another one.", "Correct one of them."),
    Reason.AFTER_FILE: (
        "The incident is dated {why}, after the day that the data is of.",
        "Correct the date, or the day that was stated of the file.",
    ),
    Reason.NOWHERE: (
        "The row says neither in which district it was nor where.",
        "Add a district or a point, or name the column that holds it in the mapping.",
    ),
    Reason.FICTIONAL: (
        "The row calls itself fictional, and this is no exercise.",
        "Import it with --exercise; an invented incident never stands beside real ones.",
    ),
    Reason.OUTDATED: (
        "The incident on record is of {why}, newer than this file, and differs from it.",
        "Import the newest file, or correct its date.",
    ),
}

NOTES: dict[Note, str] = {
    Note.NO_ID: "The row has no id of its own: it is known by its content, and corrected it would count as another.",
    Note.SAME_ROW: "The row repeats an earlier one with the same id; it was taken once.",
    Note.LOOKS_TWICE: "The row says the same as an earlier one and neither has an id; both were taken.",
    Note.KIND_UNKNOWN: "The kind {why} is not known; it was taken as unknown. The mapping can say what it means.",
    Note.DATE_SHORTENED: "Day and month could be either in the date; only its year was taken.",
    Note.NO_DISTRICT: "The row names no district: it stands in no total.",
    Note.ZERO_POINT: "The point is 0, 0: it was left out, the incident was taken.",
    Note.POINT_OUT_OF_RANGE: "The point lies on no map: it was left out, the incident was taken.",
    Note.WRONG_HEMISPHERE: "A sign of the point is wrong, as the other rows show: it was left out, the incident taken.",
    Note.AXES_SWAPPED: "Latitude and longitude are swapped, as the other rows show: the point was left out.",
    Note.FAR_AWAY: "The point lies more than 10 degrees from most others of the file; look whether it is right.",
    Note.NO_POINT: "The geometry is no point: it was left out, the incident was taken.",
    Note.COUNT_UNREAD: "The number of people {why} cannot be read; it was taken as not stated.",
    Note.TEXT_MENDED: "Text was garbled by a wrong encoding; it was mended.",
    Note.TEXT_CUT: "The row's texts are longer than we keep; they were cut.",
}

_FIGURE = "Stands instead of a number in a table of recorded events. It must not sound as if all were well there."
CAVEAT = Message(
    "incidents.caveat",
    "These figures count only accidents and finds that were reported and recorded. Events that nobody reported are "
    "missing, and danger can lie where no event is on record. Small figures are not shown.",
    "Stands under every table of recorded events. It must not sound as if a low figure meant little danger.",
)
FIGURES = {
    Shown.NOT_SHOWN: Message(
        "incidents.not_shown", "This figure is not shown, so that nobody can be recognised by it.", _FIGURE
    ),
    Shown.NO_RECORD: Message(
        "incidents.no_record",
        "No event is on record here for this year. It is unknown whether this area is dangerous.",
        _FIGURE,
    ),
    Shown.UNKNOWN: Message(
        "incidents.unknown",
        "No figures are published for this. It is unknown whether this area is dangerous. If you see anything "
        "suspicious, stop. Do not approach, touch or move it. Go back slowly the way you came.",
        _FIGURE,
    ),
}
