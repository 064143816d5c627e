"""What no lesson may say or ask: roles that nobody plays, right answers that are none, errands for children, links."""

# What is forbidden in guidance is forbidden here too, by the same lists. Teachers read more than their pupils are told:
# a note on distress may speak of death, which no text for the smallest does.

import re
from collections.abc import Iterable, Iterator

from service.guidance import wording
from service.guidance.model import CHILDREN, GROWN_UPS, Text
from service.guidance.wording import ASK, DENIAL, Fault, sentences
from service.i18n.filling import holes
from service.i18n.model import Finding
from service.lessons.model import HOLES, Activity, Course, Item, Lesson

ROLES = frozenset(
    """
    pupil grown-up friend classmate neighbour parent mother father grandparent grandmother grandfather aunt uncle
    cousin sister brother sibling younger-child older-child child teacher caller call-taker listener speaker reader
    narrator observer questioner reporter-of-news journalist walker cyclist shepherd farmer fisher driver passenger
    shopkeeper buyer worker employer site-manager aid-worker traveller newcomer passer-by guest host counsellor
    """.split()  # noqa: SIM905 - fifty quoted words are no easier to read
)
"""Whom somebody may play. Nobody plays a device, a deminer, a victim, who is hurt, or a soldier."""

SEEING_DEVICES = 13
"""From this age on a picture of an object may be shown; and to no class with younger pupils."""

SMALLEST = 8
"""A class with pupils below this age is not told of explosions, injuries and distances."""


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


LINK = _words(
    r"https?:|\bwww\.|//|\bmailto:|\S@\S",
    r"\b[\w-]+\.(?:com|org|net|int|info|edu|gov|io|eu|tv|me|ly|ua|ru|ba|uk|fr|es|pt|af|kh|mm|co|html?|php)\b",
)
THING = (
    r"(?:it|them|this|something|anything|objects?|things?"
    r"|(?:the|an?|this|that|every|all the) (?:\w+ )?(?:object|thing|item|find|mine|shell|bomb|piece|metal)s?)"
)
GAMES = _words(
    r"\b(?:search|hunt|seek|scaveng|rummag)\w*|\blook(?:s|ed|ing)? for\b|\b(?:throw|thrown|toss|hurl)\w*",
    r"\bcollect\w*\b(?! (?:the |all |their |your )?(?:\w+ )?"
    r"(?:sheets|papers|answers|ideas|words|sentences|drawings|cards|pens)\b)",
    rf"\bpick(?:s|ed|ing)? (?:up {THING}|{THING} up)\b",
    rf"\b(?:find|hide|clear)(?:s|ing)? (?!it (?:hard|difficult|easy)){THING}\b",
    r"\b(?:find|hide|hidden|hides)\b[^.]* (?:first|most|wins?|quickest|fastest)\b",
    r"\b(?:play|act|pretend|mime|imitate)\w* (?:\w+ ){0,4}(?:mines?|device|bomb|shell|explosion|bang|blast|deminers?"
    r"|sappers?|victims?|injured|hurt|wounded|dead|soldiers?)\b",
)
PROPS = _words(
    r"\breplicas?\b|\binert\b|\bdummy\b|\bdummies\b|\bmock-?ups?\b|\bprops?\b|\btoy (?:weapons?|guns?|bombs?|mines?)\b",
    r"\bmodels? (?:of|mines?|bombs?|shells?)\b|\breal (?:objects?|mines?|shells?|bombs?)\b",
)
ERRANDS = _words(
    rf"{ASK}(?:visit|explore|inspect|scout|patrol|search|photograph|film)\b|\blook(?:s|ing)? for\b|\bgo and\b",
    r"\btake (?:a |some )?(?:photos?|pictures?)\b",
    rf"{ASK}(?:go|walk|ride|run|drive) (?:out|outside|around|past|along|to|through|with)\b",
    rf"{ASK}(?:look at|check|count|watch|map|show) (?:\w+ ){{0,3}}"
    r"(?:places?|spots?|fields?|ruins?|roads?|paths?|rivers?|forests?|houses?|buildings?|gardens?|yards?|areas?)\b",
)
"""What a child is not sent home with: errands to places."""

I_DO = (
    r"(?:^|\b(?:i|we|you|they|he|she|and|then|or|can|may|should|must) |[,;:] ?)"
    r"(?:(?:just|quickly|carefully|gently|slowly|only|first|try to) )?"
)
WRONG_ACTS = _words(
    rf"{I_DO}(?:touch|test|tap|poke|prod|probe|kick|approach|examine|inspect|photograph|film|burn|dig)\b",
    rf"{I_DO}(?:take|move|carry|open|cut|cover|mark|throw|lift|shake|hide|sell|keep|bury|pick(?: up)?) {THING}\b",
    rf"{I_DO}(?:go|come|walk|step|move|get|look|run) (?:\w+ )?(?:closer|nearer|near|up to it|at it closely)\b",
    rf"{I_DO}take (?:a |some )?(?:photos?|pictures?)\b",
)
UNDECIDED = _words(r"\bit depends\b|\bthat depends\b|\bmaybe\b|\bperhaps\b|\bsometimes\b|\bif it (?:looks|seems)\b")
BLASTS = _words(r"\bexplo[ds]\w*|\bblasts?\b|\bblow\w* up\b|\bbombs?\b|\bmines\b|\ba mine\b|\bkill\w*|\bblood\w*")
"""What the smallest hear of nobody, their teacher included."""


def said(course: Course, lesson: Lesson) -> Iterator[Finding]:
    """Yield everything in a lesson that nobody may say, or not to its readers, or that nobody may do."""
    for text in lesson.texts():
        yield from _anywhere(course, text)
    for_pupils = frozenset(text.id for text in _for_pupils(lesson))
    for text in lesson.texts():
        yield from _told(text, _unfit(course, text, is_for_pupils=text.id in for_pupils))
    for activity in lesson.activities:
        yield from _activity(course, activity)
    for step in lesson.steps:
        yield from _denied(step.pupils, GAMES, "lets pupils search, collect, throw or act an explosion")
    for item in lesson.items.values():
        yield from _item(item)
    if _is_young(course):
        yield from _denied(lesson.homework, ERRANDS, "sends a child to look at places")


def of_course(course: Course) -> Iterator[Finding]:
    """Yield what a course's own file may not say."""
    for text in (course.title, course.summary):
        yield from _anywhere(course, text)


def _anywhere(course: Course, text: Text) -> Iterator[Finding]:
    yield from _told(text, wording.forbidden_in(text.english))
    for match in LINK.finditer(text.english):
        yield Finding(
            text.where, text.id, f"has a link: {match[0]!r}", "leave it out; lessons are read without network"
        )
    for hole in sorted(holes(text.english) - HOLES):
        yield Finding(text.where, text.id, f"has the hole {{{hole}}}", f"use only {', '.join(sorted(HOLES))}")
    if course.ages and course.ages[1] < SMALLEST and "{number}" in text.english:
        yield Finding(text.where, text.id, "has {number}", "let the child tell a grown-up, who calls")


def _for_pupils(lesson: Lesson) -> Iterator[Text]:
    """Return what pupils read, hear or are to do."""
    yield from lesson.for_pupils()
    yield from (asked.answer for asked in lesson.questions)
    yield from (text for step in lesson.steps for text in (step.title, step.pupils))
    yield from (activity.title for activity in lesson.activities)
    yield lesson.homework
    yield from (label.text for label in lesson.board.labels) if lesson.board else ()


def _unfit(course: Course, text: Text, *, is_for_pupils: bool) -> Iterator[Fault]:
    if not is_for_pupils or course.audience in GROWN_UPS:
        yield from wording.unfit_for(GROWN_UPS, text)
    elif course.audience in CHILDREN:
        yield from wording.unfit_for_children(text.english)
    if course.ages is None or course.ages[0] >= SMALLEST:
        return
    if is_for_pupils:
        yield from wording.unfit_for_the_smallest(text.english)
    elif not text.id.endswith(".distress"):
        for match in BLASTS.finditer(text.english):
            yield Fault(f"speaks before the smallest of explosions or death: {match[0]!r}", "leave it out")


def _is_young(course: Course) -> bool:
    return course.ages is not None and course.ages[0] < SEEING_DEVICES


def _activity(course: Course, activity: Activity) -> Iterator[Finding]:
    at = (activity.where, activity.title.id)
    if activity.contains_object_image and _is_young(course):
        reason = f"shows an object to pupils under {SEEING_DEVICES}"
        yield Finding(*at, reason, "show signs, ways and people only, and declare `contains_object_image: no`")
    if activity.outdoors:
        yield Finding(*at, "is held outdoors", "hold it in the room, and declare `outdoors: no`")
    for role in [role for role in activity.roleplay_roles if role not in ROLES]:
        yield Finding(*at, f"lets somebody play {role!r}", f"choose roles among {', '.join(sorted(ROLES))}")
    for text in (activity.title, activity.materials, activity.grouping, activity.how):
        yield from _denied(text, GAMES, "lets pupils search, collect, throw, hide or act an explosion")
    for text in activity.texts():
        yield from _denied(text, PROPS, "uses objects, or copies of them")


def _item(item: Item) -> Iterator[Finding]:
    """Find right answers that are wrong acts, or that leave open what to do."""
    remedy = "ask what to do, so that only the right act can be right"
    for option in item.options:
        answer = option.mate or option.text
        if option.right:
            yield from _denied(answer, WRONG_ACTS, "is a right answer, and a wrong act", remedy)
            for match in UNDECIDED.finditer(answer.english):
                yield Finding(answer.where, answer.id, f"is right, and leaves open what to do: {match[0]!r}", remedy)


def _denied(
    text: Text, pattern: re.Pattern[str], reason: str, remedy: str = "leave it out, or forbid it in the same sentence"
) -> Iterator[Finding]:
    """Find what a sentence asks for, unless a denial stands before it."""
    for sentence in sentences(text.english):
        match = pattern.search(sentence)
        if match and not DENIAL.search(sentence[: match.start()]):
            yield Finding(text.where, text.id, f"{reason}: {match[0].strip()!r}", remedy)


def _told(text: Text, faults: Iterable[Fault]) -> Iterator[Finding]:
    return (Finding(text.where, text.id, fault.reason, fault.remedy) for fault in faults)
