"""What stands on the paper form: labels and choices, few and short."""

from collections.abc import Mapping

from service.i18n.model import Message
from service.outreach.model import Delivery, Method, PlaceType, Sex

_FIELD = "A field of the paper form on which lessons that were held are reported; short."
_CHOICE = "A choice on the paper form on which lessons that were held are reported; short."

LABELS: Mapping[str, Message] = {
    "title": Message("outreach.title", "Report on lessons held", "The heading of a paper form; short."),
    "task": Message(
        "outreach.task", "Fill this in after the lesson, never before it. Write no names.", "Stands on a paper form."
    ),
    "date": Message("outreach.date", "Day", _FIELD + " The day on which lessons were held."),
    "sessions": Message("outreach.sessions", "Number of sessions", _FIELD),
    "organisation": Message("outreach.organisation", "Organisation, short name", _FIELD),
    "place": Message("outreach.place", "Code of the place", _FIELD),
    "place_type": Message("outreach.place_type", "Type of place", _FIELD),
    "delivery": Message("outreach.delivery", "How people were reached", _FIELD),
    "method": Message("outreach.method", "Method", _FIELD),
    "people": Message("outreach.people", "How many took part", _FIELD),
    "age": Message("outreach.age", "Age", _FIELD),
    "first_timers": Message("outreach.first_timers", "Took part for the first time", _FIELD),
    "with_disabilities": Message("outreach.with_disabilities", "With disabilities (may stay empty)", _FIELD),
    "gains": Message("outreach.gains", "What the class has learnt", _FIELD + " Above a table."),
    "lesson": Message("outreach.lesson", "Lesson", _FIELD),
    "revision": Message("outreach.revision", "Revision", _FIELD + " As printed on the lesson, such as 2-1a2b3c4d."),
    "asked": Message(
        "outreach.asked", "Pupils who answered, times questions", _FIELD + " A number: one times the other."
    ),
    "right_before": Message("outreach.right_before", "Right before", _FIELD + " A number of right answers."),
    "right_after": Message("outreach.right_after", "Right after", _FIELD + " A number of right answers."),
}
SEXES: Mapping[Sex, Message] = {
    Sex.FEMALE: Message("outreach.female", "Female", _FIELD),
    Sex.MALE: Message("outreach.male", "Male", _FIELD),
    Sex.UNKNOWN: Message("outreach.unknown", "Not noted", _FIELD + " People whose sex was not noted."),
}
DELIVERIES: Mapping[Delivery, Message] = {
    Delivery.DIRECT: Message("outreach.delivery.direct", "Face to face", _CHOICE),
    Delivery.INDIRECT: Message("outreach.delivery.indirect", "By radio, posters or online", _CHOICE),
    Delivery.TRAINING: Message("outreach.delivery.training", "Training of those who teach", _CHOICE),
}
PLACE_TYPES: Mapping[PlaceType, Message] = {
    PlaceType.SCHOOL: Message("outreach.place_type.school", "School", _CHOICE),
    PlaceType.COMMUNITY: Message("outreach.place_type.community", "Village or neighbourhood", _CHOICE),
    PlaceType.CAMP: Message("outreach.place_type.camp", "Site for displaced people", _CHOICE),
    PlaceType.HOME: Message("outreach.place_type.home", "At home", _CHOICE),
    PlaceType.WORKPLACE: Message("outreach.place_type.workplace", "Workplace", _CHOICE),
    PlaceType.HEALTH: Message("outreach.place_type.health", "Health centre", _CHOICE),
    PlaceType.OUTDOORS: Message("outreach.place_type.outdoors", "Public place outdoors", _CHOICE),
    PlaceType.ONLINE: Message("outreach.place_type.online", "Online", _CHOICE),
    PlaceType.OTHER: Message("outreach.place_type.other", "Other place", _CHOICE),
}
METHODS: Mapping[Method, Message] = {
    Method.LESSON: Message("outreach.method.lesson", "Lesson in class", _CHOICE),
    Method.GROUP: Message("outreach.method.group", "Talk in a group", _CHOICE),
    Method.TEACHER_TRAINING: Message("outreach.method.teacher-training", "Training of teachers", _CHOICE),
    Method.PARENTS_EVENING: Message("outreach.method.parents-evening", "Parents' evening", _CHOICE),
    Method.HOME_VISIT: Message("outreach.method.home-visit", "Home visit", _CHOICE),
    Method.MEDIA: Message("outreach.method.media", "Radio, posters, leaflets", _CHOICE),
    Method.ONLINE: Message("outreach.method.online", "Online", _CHOICE),
    Method.OTHER: Message("outreach.method.other", "Other way", _CHOICE),
}
EVERY: tuple[Message, ...] = (
    *LABELS.values(),
    *SEXES.values(),
    *DELIVERIES.values(),
    *PLACE_TYPES.values(),
    *METHODS.values(),
)
