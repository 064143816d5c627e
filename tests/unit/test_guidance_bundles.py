"""A bundle holds one language, whole where it can be, said to be partial where it cannot; small enough to fetch."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from service.guidance import bundles, editions, loading
from service.guidance.bundles import Asked
from service.guidance.drawings import drawings, mirrored
from service.guidance.editions import Deployment, Edition
from service.guidance.model import Audience, BundleEntry, Guidance, Recall, RecallReason, Situation
from service.guidance.recalls import Standing, judge
from service.i18n.catalogues import Catalogues
from service.i18n.loading import Catalogue, load_all
from service.kit.encodings import Effort, Encoding, compress
from service.publication import reading
from tests.conftest import LOCALES

HERE = Deployment("112", "Exercise Authority", 100, ("UA",))
MOST_BYTES = 60_000
HOLE = re.compile(r"\{[a-z_]+\}")
SHIPPED = load_all(LOCALES)
ALL = Catalogues(SHIPPED, confirmed=frozenset())
OURS = loading.load()
WHOLE = {"en", "uk", "ru", "es", "fr", "ar", "pt"}
LANGUAGES = editions.offered(ALL)
IDS = sorted(text.id for text in OURS.texts())


def edition(tag: str, *, guidance: Guidance = OURS, catalogues: Catalogues = ALL) -> Edition:
    return editions.edition(guidance, catalogues, tag, HERE)


def bundle(made: Edition) -> bytes:
    return bundles.bundle(made, drawings(OURS.pictures, made.direction))


def answer(tag: str, **asked: Any) -> Any:
    made = edition(tag)
    return json.loads(bundles.answer(made, drawings(OURS.pictures, made.direction), Asked(**asked)))


def without(tag: str, ids: frozenset[str]) -> Catalogues:
    """The catalogues as they are where these entries of one language are empty, fuzzy or stale."""

    def robbed(catalogue: Catalogue) -> Catalogue:
        return replace(catalogue, texts={key: text for key, text in catalogue.texts.items() if key[0] not in ids})

    return Catalogues([robbed(one) if one.language.tag == tag else one for one in SHIPPED], confirmed=frozenset())


def said_in(found: Mapping[str, Any]) -> Iterator[str]:
    """Everything in a bundle that a person reads, but names and numbers."""
    yield from (*found["notices"].values(), found["caveat"], found["contacts"]["text"])
    yield from (one["text"] for one in found["core"])
    yield from (one["alternative"] for one in found["pictures"].values())
    for country in found["contacts"]["countries"]:
        yield from (*(line["service"] for line in country["emergency"]), country["remark"])
    for topic in found["topics"]:
        yield topic["title"]
        for message in topic["messages"]:
            yield from (message["text"], *message["supporting"].values())
            yield from [message["myth"]] if "myth" in message else []
            yield from (part for one in message.get("variants", ()) for part in (one["text"], one["why"]))


def strangers(found: Mapping[str, Any], catalogues: Catalogues) -> list[str]:
    """Name what is said and is no usable entry of the bundle's own language with its holes filled."""
    entries = catalogues.catalogue(found["language"]).texts
    texts = {key[1] if found["language"] == "en" else text for key, text in entries.items()}
    forms = [HOLE.split(text) for text in texts if HOLE.search(text)]
    return [
        said
        for said in said_in(found)
        if said not in texts
        and not any(said.startswith(form[0]) and all(part in said for part in form) for form in forms)
    ]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_text_of_a_bundle_is_a_usable_entry_of_its_own_language(tag: str) -> None:
    found = json.loads(bundle(edition(tag)))
    assert strangers(found, ALL) == []
    assert found["complete"] == (tag in WHOLE)
    assert ("rest" in found["notices"]) == (tag not in WHOLE)
    assert {"guidance.found.stop", "guidance.found.go-back"} <= {one["id"] for one in found["core"]}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_bundle_without_pictures_has_at_most_60_kb(tag: str) -> None:
    assert len(compress(bundle(edition(tag)), Encoding.BR, Effort.BEST)) <= MOST_BYTES


@examples(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.frozensets(st.sampled_from(IDS), min_size=1, max_size=400), st.sampled_from(["uk", "ar"]))
def test_whatever_is_not_translated_is_left_out_and_said_to_be_and_nothing_is_lent(
    ids: frozenset[str], tag: str
) -> None:
    catalogues = without(tag, ids)
    made = edition(tag, catalogues=catalogues)
    found = json.loads(bundle(made))
    assert strangers(found, catalogues) == []
    assert not found["complete"] or not (ids & {text.id for text in OURS.texts()} - {one.id for one in OURS.sms})
    if not found["complete"]:
        assert found["notices"]["rest"]
    there = {message["id"] for topic in found["topics"] for message in topic["messages"]}
    assert not {f"guidance.{one}" for one in there} & ids


def test_a_language_that_cannot_say_that_it_is_a_draft_is_not_offered() -> None:
    assert "uk" not in editions.offered(without("uk", frozenset({"notice.draft"})))


def test_r16_a_draft_says_so_and_the_source_does_not() -> None:
    assert set(edition("uk").notices) == {"draft"}
    assert edition("uk").state == "draft"
    assert (edition("en").notices, edition("en").state) == ({}, "source")


def test_children_are_given_their_own_words_and_never_those_of_adults() -> None:
    adults = {
        text
        for topic in edition("en").topics
        for message in topic.messages
        if not message.of.audience & {Audience.CHILDREN_5_7, Audience.EVERYBODY}
        for text in (message.text, *message.supporting.values())
    }
    found = answer("en", audience=Audience.CHILDREN_5_7)
    assert found["topics"]
    assert not adults & set(said_in(found))
    assert "variants" not in json.dumps(found)


def test_parents_read_what_adults_do_and_a_situation_finds_its_messages() -> None:
    parents = {one["id"] for topic in answer("en", audience=Audience.PARENTS)["topics"] for one in topic["messages"]}
    assert {"found.thank-the-child", "found.distance"} <= parents
    [topic] = answer("en", topic="found", situation=Situation.CALLING_FOR_HELP)["topics"]
    assert {one["situation"] for one in topic["messages"]} == {"calling-for-help"}


def test_r5_an_answer_without_a_message_holds_the_core_set() -> None:
    found = answer("uk", topic="found", situation=Situation.AT_WORK)
    assert not found["topics"]
    assert {"guidance.found.stop", "check.caveat"} <= {one["id"] for one in found["core"]}


def test_whom_to_call_stands_beside_every_answer_with_the_day_of_the_check() -> None:
    contacts = answer("ar", topic="found")["contacts"]
    assert contacts["number"] == "112"
    assert [line["number"] for line in contacts["countries"][0]["emergency"]] == ["101", "102", "103", "112"]
    assert contacts["countries"][0]["checked"] == "2026-11-25"


def test_a_number_that_a_deployment_names_itself_keeps_its_name() -> None:
    ukraine = OURS.contacts["UA"]
    own = replace(ukraine, hotline=replace(ukraine.emergency[0], service="Гаряча лінія", number="+380800000000"))
    made = edition("ar", guidance=replace(OURS, contacts={"UA": own}))
    hotline = made.contacts[0].hotline
    assert hotline is not None
    assert (hotline.number, hotline.name, made.contacts[0].remark) == ("+380800000000", "Гаряча лінія", None)


def test_a_picture_is_turned_round_for_who_reads_from_right_to_left_where_it_says_so() -> None:
    left, right = (drawings(OURS.pictures, direction) for direction in ("ltr", "rtl"))
    turned = {name for name in left if left[name].sha256 != right[name].sha256}
    assert turned == {name for name, picture in OURS.pictures.items() if picture.mirrored}
    assert b'transform="matrix(-1 0 0 1 480 0)"' in right["go-back"].content
    with pytest.raises(ValueError, match="viewBox"):
        mirrored(b"<svg></svg>")


def test_the_same_texts_give_the_same_bytes_and_a_change_of_one_word_touches_few_lines() -> None:
    before = bundle(edition("uk"))
    assert before == bundle(edition("uk"))
    changed = without("uk", frozenset({"guidance.found.stop.stay-calm"}))
    lines = set(bundle(edition("uk", catalogues=changed)).split(b"\n")) - set(before.split(b"\n"))
    assert 0 < len(lines) <= 6


def recall(text: str = "found.stop", *revisions: str, languages: tuple[str, ...] = ()) -> Recall:
    return Recall(text, revisions, date(2026, 11, 20), RecallReason.WRONG, languages)


def revision_of(tag: str, message_id: str) -> str:
    messages = {one.of.id: one for topic in edition(tag).topics for one in topic.messages}
    return messages[message_id].revision


def test_a_withdrawn_text_is_shown_no_more_and_phones_are_told() -> None:
    exact = revision_of("uk", "found.stop")
    guidance = replace(OURS, recalls=(recall("found.stop", exact),))
    found = json.loads(bundle(edition("uk", guidance=guidance)))
    assert "found.stop" not in {one["id"] for topic in found["topics"] for one in topic["messages"]}
    assert not found["complete"]
    assert found["recalled"][0]["revisions"] == [exact]
    assert edition("ru", guidance=guidance).complete, "another language's text is another one"


def test_a_drill_that_was_withdrawn_leaves_the_core_set_too() -> None:
    stop = next(one.revision for one in edition("km").core if one.id == "guidance.found.stop")
    cases = [("km", "found.stop", str(stop)), ("km", "found.stop", "1"), ("uk", "found", topic_revision("uk", "found"))]
    for tag, text, revision in cases:
        guidance = replace(OURS, recalls=(recall(text, revision),))
        found = json.loads(bundle(edition(tag, guidance=guidance)))
        assert "guidance.found.stop" not in {one["id"] for one in found["core"]}
        assert {"guidance.inside.freeze", "check.caveat"} <= {one["id"] for one in found["core"]}


def test_a_withdrawn_text_of_the_core_set_is_shown_no_more_and_is_marked_where_it_is_held() -> None:
    made = edition("uk")
    revision = next(one.revision for one in made.core if one.id == "guidance.contacts.whom-to-call")
    withdrawn = recall("contacts.whom-to-call", revision)
    left = edition("uk", guidance=replace(OURS, recalls=(withdrawn,)))
    assert made.call
    assert made.call not in set(said_in(json.loads(bundle(left))))
    assert (left.call, left.complete) == (None, False)
    raw = bundle(made)
    held = reading.demand_bundle(raw, BundleEntry("uk", 1, len(raw), hashlib.sha256(raw).hexdigest(), 1))
    assert reading.withdrawn(held, (withdrawn,)).keys() == {"contacts.whom-to-call"}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_shows_the_drills_with_pictures_and_words_for_who_cannot_see_them(tag: str) -> None:
    found = json.loads(bundle(edition(tag)))
    assert found["pictures"].keys() == OURS.pictures.keys()
    shown = {one["id"]: one.get("picture") for one in found["core"]}
    assert (shown["guidance.found.stop"], shown["guidance.found.go-back"]) == ("stop", "go-back")
    part = answer(tag, topic="found", situation=Situation.AT_WORK)
    assert {one["picture"] for one in part["core"] if "picture" in one} == part["pictures"].keys()


def test_a_phone_marks_a_withdrawn_drill_in_a_language_that_has_the_core_set_alone() -> None:
    raw = bundle(edition("km"))
    held = reading.demand_bundle(raw, BundleEntry("km", 1, len(raw), hashlib.sha256(raw).hexdigest(), 1))
    assert reading.withdrawn(held, (recall("found.stop", "1"),)).keys() == {"found.stop"}
    assert not reading.withdrawn(held, (recall("found.stop", "9"),))


def topic_revision(tag: str, topic: str) -> str:
    return next(one.revision for one in edition(tag).topics if one.of.id == topic)


@pytest.mark.parametrize(
    ("text", "language", "revision", "expected"),
    [
        ("found.stop", "uk", "1-00000000", Standing.WITHDRAWN),
        ("found.stop", "ru", "1-00000000", Standing.REPLACED),
        ("found.stop", "uk", "2-00000000", Standing.CURRENT),
        ("found", "uk", "1-00000000", Standing.WITHDRAWN),
        ("found", "ru", "1-00000000", Standing.REPLACED),
        ("found.no-such", "uk", "1-00000000", Standing.UNKNOWN),
        ("<script>", "uk", "", Standing.UNKNOWN),
    ],
)
def test_a_print_learns_how_its_wording_stands(text: str, language: str, revision: str, expected: Standing) -> None:
    guidance = replace(OURS, recalls=(recall("found.stop", "1", languages=("uk",)),))
    assert judge(guidance, text, language, revision, current="2-00000000").standing is expected


def test_r16_the_number_that_is_filled_in_is_part_of_what_a_revision_names() -> None:
    elsewhere = editions.edition(OURS, ALL, "uk", replace(HERE, number="101"))
    [other] = [one for topic in elsewhere.topics for one in topic.messages if one.of.id == "found.call"]
    assert other.revision != revision_of("uk", "found.call")
