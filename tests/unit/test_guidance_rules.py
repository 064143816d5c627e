"""The measures of guidance: each can be missed and met, and a finding says file, entry, reason and remedy."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from service.guidance import rules
from service.guidance.model import (
    Audience,
    Channel,
    Contacts,
    CoreEntry,
    Guidance,
    KeyMessage,
    Line,
    Myth,
    Picture,
    Situation,
    Text,
    Topic,
    Variant,
)
from service.i18n.model import Message

KEY = "Stop at once when you see something that you do not know, and stay calm."
WHY = (
    "Nobody can tell from outside what is inside, and a touch may be enough. Whoever keeps away keeps every choice. "
    "The people who are trained for it will come and look after it."
)
HOW = (
    "Breathe out, look at your feet and think of the way that brought you here. It has carried you once already. "
    "Take your time on the way home, and speak with those you meet."
)
CHILD = "I leave it. I go back. I tell a grown-up at home what it was."
CHILD_WHY = (
    "You saw it in time. That was good. Your feet know the way home. Walk slowly. Your grown-up will be glad. "
    "You can say it in your own words. That is all you need to do."
)


def text(key: str, english: str) -> Text:
    return Text(f"guidance.{key}", english, where="found.yaml:7")


def message(**changes: Any) -> KeyMessage:
    """One message that keeps to every measure, but for what a test changes."""
    good = KeyMessage(
        id="found.stop",
        revision=1,
        rules=("R10a",),
        audience=frozenset({Audience.ADULTS}),
        situation=Situation.OBJECT_AHEAD,
        text=text("found.stop", KEY),
        supporting={"why": text("found.stop.why", WHY), "how": text("found.stop.how", HOW)},
        variants=(Variant(Audience.CHILDREN_5_7, text("found.stop.c", CHILD), text("found.stop.c.why", CHILD_WHY)),),
    )
    return replace(good, **changes)


def guidance(*messages: KeyMessage, **changes: Any) -> Guidance:
    topic = Topic("extra", 1, text("extra.title", "What to do"), {each.id: each for each in messages})
    return replace(Guidance({"extra": topic}, core=(), contacts={}, pictures={}), **changes)


def found(entry: str, given: Guidance) -> list[str]:
    findings = [finding for finding in rules.check(given) if finding.entry.startswith(entry)]
    assert all(finding.file and finding.remedy for finding in findings)
    return [finding.reason for finding in findings]


def of_message(**changes: Any) -> list[str]:
    given = guidance(message(**changes))
    return found("found.", given) + found("guidance.found.", given)


def test_a_message_that_keeps_to_every_measure_has_nothing_to_mend() -> None:
    assert of_message() == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": text("found.stop", "Stop at once.")}, "60 to 255"),
        ({"text": text("found.stop", f"{KEY} {WHY} {HOW}")}, "60 to 255"),
        ({"text": text("found.stop", "Do not touch it at all, whatever it may be. Stop at once.")}, "what not to do"),
        ({"text": text("found.stop", "Stop when you see something there. Go back the way you came.")}, "one thing"),
        ({"text": text("found.stop", f"{KEY} Ask {{village}}.")}, "{village}"),
        ({"text": text("found.stop", f"{KEY} Carry it away.")}, "specialists"),
        ({"supporting": {"why": text("found.stop.why", WHY)}}, "2 are the least"),
        ({"supporting": {"a": text("found.a", WHY), "b": text("found.b", HOW)}}, "no reason"),
        ({"supporting": {"why": text("found.why", "Short."), "how": text("found.how", HOW)}}, "150 to 600"),
        ({"supporting": {"why": text("found.why", WHY * 5), "how": text("found.how", HOW)}}, "150 to 600"),
        ({"supporting": {"why": text("found.why", WHY), "how": text("found.how", WHY)}}, "nearly the same"),
        ({"variants": (Variant(Audience.CHILDREN_5_7, text("found.c", "Stop."), text("found.w", CHILD_WHY)),)}, "60"),
        ({"variants": (Variant(Audience.CHILDREN_5_7, text("found.c", CHILD), text("found.w", "So.")),)}, "150"),
        ({"variants": (Variant(Audience.CHILDREN_5_7, text("found.c", KEY), text("found.w", CHILD_WHY)),)}, "same"),
        ({"variants": (Variant(Audience.CHILDREN_5_7, text("found.c", CHILD), text("found.w", WHY)),)}, "a sentence"),
        ({"picture": "nothing"}, "picture"),
        ({"myth": Myth("it is rusty", text("found.m", WHY))}, "exactly once"),
        ({"myth": Myth("nobody can tell", text("found.m", WHY))}, "begins with the myth"),
        ({"myth": Myth("stop at once", text("found.m", WHY))}, "in a title"),
    ],
)
def test_a_message_that_misses_a_measure_is_found(changes: dict[str, Any], reason: str) -> None:
    assert any(reason in each for each in of_message(**changes))


def test_a_myth_that_stands_once_after_its_fact_is_let_through() -> None:
    told = f"Rust proves nothing about what is inside. People say, “it is rusty.” {CHILD_WHY}"
    assert of_message(myth=Myth("it is rusty", text("found.m", told)), variants=()) == []


def test_what_not_to_do_may_follow_what_to_do() -> None:
    assert of_message(text=text("found.stop", "Stop at once when you see it there. Do not touch it or kick it.")) == []


def test_childrens_rules_may_have_three_steps() -> None:
    steps = text("found.stop", "Stop. Turn round. Tell a grown-up you trust what you saw there.")
    assert of_message(text=steps, audience=frozenset({Audience.CHILDREN_8_11}), supporting={}, variants=()) != []
    assert not any("one thing" in each for each in of_message(text=steps, audience=frozenset({Audience.CHILDREN_8_11})))


def test_a_length_is_measured_with_its_holes_filled() -> None:
    short = text("found.stop", "Call this number at once when you see it there: {number}")
    assert any("59 characters" in each or "5" in each for each in of_message(text=short))
    assert of_message(text=text("found.stop", "Ask {authority} about it before you go there today.")) == []


def test_topics_messages_and_childrens_messages_are_counted() -> None:
    reasons = [finding.reason for finding in rules.check(guidance(message()))]
    assert sum("topic without a file" in reason for reason in reasons) == 17
    assert "has 1 key messages, 90 are the least" in reasons
    assert "has 1 messages written for children, 25 are the least" in reasons
    few = Topic("found", 1, text("found.title", "What to do"), {"stop": message()})
    assert "has 1 key messages, 5 are the least" in found("found", guidance(topics={"found": few}))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "not for adults only"),
        ({"variants": (), "audience": frozenset({Audience.YOUTH_15_18})}, "not for adults only"),
        ({"variants": (), "text": text("found.stop", f"{KEY} After 30 days too.")}, "'30'"),
        ({"variants": (), "text": text("found.stop", f"{KEY} Some days later too.")}, "'days'"),
    ],
)
def test_r1_devices_said_to_switch_off_are_for_adults_only_and_without_dates(
    changes: dict[str, Any], reason: str
) -> None:
    def reasons(**given: Any) -> list[str]:
        topic = Topic("deactivation", 1, text("deactivation.title", "What to do"), {"stop": message(**given)})
        return [one.reason for one in rules.check(guidance(topics={"deactivation": topic}))]

    assert any(reason in each for each in reasons(**changes))
    assert not any(reason in each for each in reasons(variants=()))


def test_a_title_is_checked_too() -> None:
    bad = Topic("extra", 1, text("extra.title", "The road is open again"), {"stop": message()})
    assert any("no danger" in each for each in found("guidance.extra", guidance(topics={"extra": bad})))


def test_a_country_without_contacts_is_found() -> None:
    ukraine = Contacts("UA", (Line("police", "102"),), None, date(2026, 11, 25), "the ministry", "none known")
    missing = [one.entry for one in rules.check(guidance(contacts={"UA": ukraine})) if "contacts" in one.file]
    assert "UA" not in missing
    assert {"BA", "CO", "VN"} <= set(missing)


@pytest.mark.parametrize(
    ("words", "reason"), [("A hand.", "30 to 300"), ("A person walks → home, and all is well there.", "arrow")]
)
def test_a_pictures_words_are_checked(words: str, reason: str) -> None:
    picture = Picture("stop", text("picture.stop", words), "right-act", mirrored=False)
    assert any(reason in each for each in found("guidance.picture", guidance(pictures={"stop": picture})))


def core(words: str, **channels: int) -> Guidance:
    limits = {Channel(name.replace("_", "-")): most for name, most in channels.items()}
    entry = CoreEntry("guidance.sms.x", "sms", limits, text("sms.x", words), "core.yaml:5")
    return guidance(core=(entry,))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (core("Stop.", sms=400), "carries 306"),
        (core("Stop. " * 60, sms=306), "needs 360 units of GSM-7 in 3 segments, 306 in 2 are allowed"),
        (core("[Stop.] " * 33, sms=306), "needs 330 units"),
        (core("Stop. " * 10, sms=40), "needs 60 in sms, 40 are allowed"),
        (core("Stop\N{EM DASH}now.", sms=306), "GSM-7"),
        (core("Stop. " * 11, push_title=60), "in push-title"),
        (core("Stop in {village}.", sms=306), "{village}"),
        (core("The road is open again.", sms=306), "no danger"),
    ],
)
def test_a_core_text_keeps_to_its_channels(given: Guidance, reason: str) -> None:
    assert any(reason in each for each in found("guidance.sms.x", given))
    assert found("guidance.sms.x", core("Stop in {place}. {authority_short}, {date}", sms=306)) == []


def test_the_core_set_has_exactly_sixty_messages() -> None:
    reasons = [one.reason for one in rules.check(core("Stop.", sms=306)) if one.file == "core.yaml"]
    assert reasons == ["has 1 messages, not 60"]


def test_a_core_entry_names_a_message_that_somebody_declares() -> None:
    entry = CoreEntry("alert.title", "alert", {Channel.PUSH_TITLE: 10}, where="core.yaml:5")
    given = guidance(core=(entry,))
    assert [one.reason for one in rules.check_references(given, {})] == ["names a message that nobody declares"]
    long = {"alert.title": Message("alert.title", "Mine danger near {place}")}
    assert "in push-title, 10 are allowed" in rules.check_references(given, long)[0].reason
    assert rules.check_references(given, {"alert.title": Message("alert.title", "Mines")}) == []
