"""The texts of an SMS, in every language that has them: short enough, and no step of the drill lost."""

# ruff: noqa: RUF001 - words are written in their own alphabets here

import re

import pytest

from service.config import HERE
from service.i18n import lengths, po
from service.i18n.checking import SMS_SAMPLES, as_sms
from service.i18n.extract import find
from service.i18n.loading import direction_of, tags_in

LOCALES = HERE.parent / "locales"
WANTED = {message.id: message.english for message in find(HERE, po.GUIDANCE) if message.sms}
PREFIX = "guidance.sms."
ALERTS = ("hazard-near", "accident-near", "newly-reported")
CORRECTIONS = ("wrong-place", "wrong-time", "sent-by-mistake", "was-an-exercise")
FILLED = {
    (tag, entry.id.removeprefix(PREFIX)): as_sms(entry.text, tag=tag, direction=direction_of(tag))
    for tag in tags_in(LOCALES)
    if po.path_of(LOCALES, tag, po.GUIDANCE).exists()
    for entry in po.read(po.path_of(LOCALES, tag, po.GUIDANCE))
    if entry.text and WANTED.get(entry.id) == entry.english
}
EVERY = [pytest.param(text, id=f"{tag}-{key}") for (tag, key), text in FILLED.items()]
WARNINGS = [pytest.param(tag, key, id=f"{tag}-{key}") for tag, key in FILLED if key in ALERTS]

DRILL = {
    "en": r"stop.*not approach, touch or move.*the way you came.*others away.*once away, call",
    "uk": r"ст(?:ійте|оп).*не підходьте.*не чіпайте.*не рухайте.*назад, як ішли.*інших.*тоді (?:дзвоніть|тел)",
    "ru": r"ст(?:ойте|оп).*не подходи.*не трога.*не двига.*назад, как шли.*других.*потом (?:звоните|тел)",
    "es": r"pare.*no se acerque.*no lo toque.*ni lo mueva.*por donde vino.*aleje a la gente.*ya lejos, llame",
    "ar": r"قفوا.*لا تقتربوا.*لا تلمسوه.*لا تحركوه.*من حيث جئتم.*أبعدوا الناس.*ثم اتصلوا",
}
AWAY = {
    "en": "Do not go there",
    "uk": "Не йдіть туди",
    "ru": "Туда нельзя",
    "es": "No vaya.",
    "ar": "لا تذهبوا إليها",
}
CAVEAT = {
    "en": "dangerous areas may exist",
    "uk": "можливі ще міни|міни можливі",
    "ru": "возможны мины",
    "es": "puede haber otras zonas peligrosas",
    "ar": "قد توجد ألغام",
}
SPOKEN = sorted(DRILL)
SENTENCE = re.compile(r"[.!؟។](?= |$)")


def test_every_shipped_language_has_every_sms() -> None:
    for tag in SPOKEN:
        assert {key for lang, key in FILLED if lang == tag} == {key.removeprefix(PREFIX) for key in WANTED}


@pytest.mark.parametrize("text", EVERY)
def test_an_sms_fits_in_every_language_with_the_longest_names(text: str) -> None:
    assert lengths.measure(text).fits


@pytest.mark.parametrize(("tag", "key"), WARNINGS)
def test_r13_the_first_part_of_a_warning_says_danger_place_and_do_not_go_there(tag: str, key: str) -> None:
    first = lengths.first_part(FILLED[tag, key])
    assert str(SMS_SAMPLES["place"]) in first
    assert len(SENTENCE.findall(first)) >= 2
    assert AWAY.get(tag, "") in first


@pytest.mark.parametrize("tag", SPOKEN)
@pytest.mark.parametrize("key", [*ALERTS, *CORRECTIONS, "exercise"])
def test_r10a_no_step_of_the_drill_is_lost_for_want_of_room(tag: str, key: str) -> None:
    text = FILLED[tag, key]
    assert re.search(DRILL[tag], text.casefold())
    assert {"23.09.2026", "Mine service", "+380441234567"} <= set(re.findall(r"[\d.]{10}|Mine service|\+\d+", text))


@pytest.mark.parametrize("tag", SPOKEN)
@pytest.mark.parametrize("key", CORRECTIONS)
def test_r19_a_correction_says_in_every_language_that_other_danger_may_exist(tag: str, key: str) -> None:
    assert re.search(CAVEAT[tag], FILLED[tag, key].casefold())


@pytest.mark.parametrize("tag", SPOKEN)
def test_r5_the_answers_about_a_place_are_equally_long_and_give_the_same_advice(tag: str) -> None:
    recorded, unrecorded = FILLED[tag, "place-recorded"], FILLED[tag, "place-unrecorded"]
    assert abs(len(recorded) - len(unrecorded)) <= min(len(recorded), len(unrecorded)) / 5
    assert recorded.split(". ", 2)[-1] in unrecorded
