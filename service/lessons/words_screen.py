"""Words of lessons on a screen: quizzes that answer, the class's gain, reports on lessons held."""

from collections.abc import Mapping

from service.i18n.model import Message

_BUTTON = "A button of a quiz or form on a lesson's page; short."
_WORD = "A label on a lesson's page on a screen; short."
_FIELD = "A field of the teacher's report on lessons that were held; short."
_CHOICE = "A choice in the teacher's report on lessons that were held; short."
_SAID = "Said on a lesson's page on a screen."

QUIZ: Mapping[str, Message] = {
    "skip": Message("lessons.skip", "Go to the text", _BUTTON),
    "for_teachers": Message("lessons.for_teachers", "For the teacher", _WORD),
    "check": Message("lessons.check", "Check", _BUTTON),
    "again": Message("lessons.again", "Start again", _BUTTON),
    "up": Message("lessons.up", "Move up", _BUTTON),
    "down": Message("lessons.down", "Move down", _BUTTON),
    "choose": Message("lessons.choose", "Choose", _WORD),
    "choose_first": Message("lessons.choose_first", "Choose an answer first.", _SAID),
    "right": Message("lessons.right", "Right", _WORD + " Of an answer in a quiz."),
    "wrong": Message("lessons.wrong", "Not right", _WORD + " Of an answer in a quiz."),
    "right_answers": Message("lessons.right_answers", "Right answers", _WORD + " Before a number."),
    "recorded": Message("lessons.recorded", "The learning platform records the answers.", _SAID),
    "unrecorded": Message(
        "lessons.unrecorded",
        "This page is not open in a learning platform. The lesson works, but nothing is recorded.",
        _SAID,
    ),
}
GAINS: Mapping[str, Message] = {
    "gains": Message("lessons.gains", "What the class has learnt", _WORD),
    "gains_task": Message(
        "lessons.gains_task",
        "Count raised hands for each question, before the lesson and after it. Write no names.",
        _SAID,
    ),
    "lesson": Message("lessons.lesson", "Lesson", _WORD),
    "answered": Message("lessons.answered", "How many pupils answered", _WORD),
    "right_before": Message("lessons.right_before", "Right before", _WORD),
    "right_after": Message("lessons.right_after", "Right after", _WORD),
    "gain": Message("lessons.gain", "Gain", _WORD + " By how much more is right after the lesson than before it."),
}
REPORT: Mapping[str, Message] = {
    "report": Message("lessons.report", "Report on lessons held", _WORD),
    "report_task": Message(
        "lessons.report_task", "Fill this in after the lesson, never before it. Write no names.", _SAID
    ),
    "sessions": Message("lessons.sessions", "Number of sessions", _FIELD),
    "date": Message("lessons.date", "Day", _FIELD + " The day on which lessons were held."),
    "place_type": Message("lessons.place_type", "Type of place", _FIELD),
    "place_code": Message("lessons.place_code", "Code of the place", _FIELD),
    "delivery": Message("lessons.delivery", "How people were reached", _FIELD),
    "method": Message("lessons.method", "Method", _FIELD),
    "organisation": Message("lessons.organisation", "Organisation, short name", _FIELD),
    "people": Message("lessons.people", "How many took part", _FIELD),
    "age": Message("lessons.age", "Age", _FIELD),
    "female": Message("lessons.female", "Female", _FIELD),
    "male": Message("lessons.male", "Male", _FIELD),
    "unknown": Message("lessons.unknown", "Not noted", _FIELD + " People whose sex was not noted."),
    "first_timers": Message("lessons.first_timers", "Took part for the first time", _FIELD),
    "with_disabilities": Message("lessons.with_disabilities", "With disabilities (may stay empty)", _FIELD),
    "keep": Message("lessons.keep", "Keep the report", _BUTTON),
    "kept": Message("lessons.kept", "Kept reports", _WORD),
    "kept_here": Message("lessons.kept_here", "This browser keeps reports until they are sent.", _SAID),
    "not_kept": Message(
        "lessons.not_kept",
        "This browser keeps nothing. Copy or print the reports before you close the page.",
        _SAID,
    ),
    "as_text": Message("lessons.as_text", "Text to copy", _WORD),
    "print": Message("lessons.print", "Print", _BUTTON),
    "remove": Message("lessons.remove", "Remove", _BUTTON),
    "address": Message("lessons.address", "Address of the service", _FIELD),
    "key": Message("lessons.key", "Key (is never kept)", _FIELD),
    "send": Message("lessons.send", "Send all", _BUTTON),
    "sent": Message("lessons.sent", "Sent.", _SAID),
    "unsent": Message("lessons.unsent", "Not sent. The reports are still kept here.", _SAID),
    "future": Message("lessons.future", "The date is in the future. Only lessons that were held are reported.", _SAID),
    "incomplete": Message("lessons.incomplete", "Something is missing, or is no whole number.", _SAID),
}
DELIVERIES: Mapping[str, Message] = {
    "direct": Message("lessons.delivery.direct", "Face to face", _CHOICE),
    "indirect": Message("lessons.delivery.indirect", "By radio, posters or online", _CHOICE),
    "training": Message("lessons.delivery.training", "Training of those who teach", _CHOICE),
}
PLACE_TYPES: Mapping[str, Message] = {
    "school": Message("lessons.place_type.school", "School", _CHOICE),
    "community": Message("lessons.place_type.community", "Village or neighbourhood", _CHOICE),
    "camp": Message("lessons.place_type.camp", "Site for displaced people", _CHOICE),
    "home": Message("lessons.place_type.home", "At home", _CHOICE),
    "workplace": Message("lessons.place_type.workplace", "Workplace", _CHOICE),
    "health": Message("lessons.place_type.health", "Health centre", _CHOICE),
    "outdoors": Message("lessons.place_type.outdoors", "Public place outdoors", _CHOICE),
    "online": Message("lessons.place_type.online", "Online", _CHOICE),
    "other": Message("lessons.place_type.other", "Other place", _CHOICE),
}
METHODS: Mapping[str, Message] = {
    "lesson": Message("lessons.method.lesson", "Lesson in class", _CHOICE),
    "group": Message("lessons.method.group", "Talk in a group", _CHOICE),
    "teacher-training": Message("lessons.method.teacher-training", "Training of teachers", _CHOICE),
    "parents-evening": Message("lessons.method.parents-evening", "Parents' evening", _CHOICE),
    "home-visit": Message("lessons.method.home-visit", "Home visit", _CHOICE),
    "media": Message("lessons.method.media", "Radio, posters, leaflets", _CHOICE),
    "online": Message("lessons.method.online", "Online", _CHOICE),
    "other": Message("lessons.method.other", "Other way", _CHOICE),
}
SEXES = ("female", "male", "unknown")

SCREEN: Mapping[str, Message] = {
    **QUIZ,
    **GAINS,
    **REPORT,
    **{f"delivery.{name}": said for name, said in DELIVERIES.items()},
    **{f"place_type.{name}": said for name, said in PLACE_TYPES.items()},
    **{f"method.{name}": said for name, said in METHODS.items()},
}
"""By short names, as `words.LABELS`, of which they are a part."""
