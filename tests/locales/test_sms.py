"""The texts of an SMS, in every language that has them: short enough, and no step of the drill lost."""

# ruff: noqa: RUF001 - words are written in their own alphabets here

import re
import shutil
import time
from functools import partial
from pathlib import Path

import pytest

from service.config import HERE
from service.i18n import lengths, po
from service.i18n.catalogues import Catalogues
from service.i18n.checking import SMS_SAMPLES, as_sms
from service.i18n.extract import find
from service.i18n.loading import direction_of, tags_in
from service.i18n.model import Hole
from service.kit.sms import Encoding
from tests.each import try_each

LOCALES = HERE.parent / "locales"
PREFIX = "guidance.sms."
ALERTS = ("hazard-near", "accident-near", "newly-reported", "update", "stands-after-all")
CORRECTIONS = ("wrong-place", "wrong-time", "sent-by-mistake", "was-an-exercise")
ENDS = ("off-list-surveyed", "part-excluded", "searched", "off-list-in-parts")
EXERCISES = (
    "exercise", "exercise-update", "exercise-stands-after-all",
    *(f"exercise-{key}" for key in (*CORRECTIONS[:3], *ENDS)),
)  # fmt: skip


Texts = dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def wanted() -> dict[str, str]:
    """The English of every text of an SMS, by its id."""
    return {message.id: message.english for message in find(HERE, po.GUIDANCE) if message.sms}


def read(domain: str, wanted: dict[str, str]) -> Texts:
    """Read the texts of every language that has any, with the longest names in them."""
    return {
        (tag, entry.id.removeprefix(PREFIX)): as_sms(entry.text, tag=tag, direction=direction_of(tag))
        for tag in tags_in(LOCALES)
        if po.path_of(LOCALES, tag, domain).exists()
        for entry in po.read(po.path_of(LOCALES, tag, domain), notes=False)
        if entry.text and wanted.get(entry.id) == entry.english
    }


@pytest.fixture(scope="module")
def filled(wanted: dict[str, str]) -> Texts:
    """The texts by language and key, as they go out in its own letters."""
    return read(po.GUIDANCE, wanted)


@pytest.fixture(scope="module")
def plain(wanted: dict[str, str]) -> Texts:
    """The variants in GSM-7."""
    return read(po.PLAIN, wanted)


@pytest.fixture(scope="module")
def spoken() -> Catalogues:
    return Catalogues.load(LOCALES, confirmed=frozenset(SPOKEN))


DRILL = {
    "en": r"stop.*not approach, touch or move.*the way you came.*others away.*once away, call",
    "uk": r"стоп.*не підходьте.*не чіпайте.*не рухайте.*назад, як ішли.*(?:інших|усіх).*тоді (?:[\w. ]+)?\+",
    "ru": r"стоп.*не подходи.*не трога.*не двига.*назад, как шли.*(?:других|всех).*потом (?:[\w. ]+)?\+",
    "es": r"pare.*no se acerque.*no lo toque.*ni lo mueva.*por donde vino.*aleje a la gente.*ya lejos, llame",
    "km": r"ឈប់ កុំចូលជិត កុំប៉ះ កុំរំកិល ត្រឡប់ផ្លូវដើម ឃាត់អ្នកដទៃ ឆ្ងាយហើយហៅ \+",
    "my": r"ရပ် အနားမကပ်နဲ့ မထိနဲ့ မရွှေ့နဲ့ လာလမ်းပြန် သူများကိုတား ဝေးမှ \+",
    "ar": r"قفوا.*لا تقتربوا.*لا تلمسوه.*لا تحركوه.*من حيث جئتم.*أبعدوا الناس.*ثم اتصلوا",
    "fr": r"stop, n'approchez pas, ne touchez ni ne bougez rien, revenez .*sur vos pas.*les autres.*loin, appelez",
    "pt": r"pare, não vá lá, não toque, não mexa; volte por onde veio, afaste todos; (?:já )?longe,? ligue",
    "bs": r"stanite.*ne prilazite.*ne dirajte.*(?:pomjerajte|mičite).*istim putem.*udaljite druge.*zovite",
    "fa-AF": (
        r"بایستید.*(?:نزدیک نشوید|پیش نروید).*دست نزنید.*بیجا نکنید.*از راه آمده برگردید"
        r".*(?:مردم را دور کنید|کسی را نگذارید|کسی نرود).*از دور زنگ"
    ),
    "ps": r"ودرېږئ.*نژدې مه ځئ.*لاس مه وهئ.*مه ښوروئ.*په راغلې لار ستنېږئ.*نور لرې کړئ.*له لرې زنګ",
}
AWAY = {
    "en": "Do not go there",
    "uk": "Не йдіть туди",
    "ru": "Туда нельзя",
    "es": "No vaya.",
    "km": "កុំទៅទីនោះ។",
    "my": "မသွားနဲ့။",
    "ar": "لا تذهبوا إليها",
    "fr": "N'y allez pas",
    "pt": "Não vá.",
    "bs": "Ne idite tamo",
    "fa-AF": "نروید.",
    "ps": "هلته مه ځئ.",
}
CAVEAT = {
    "en": "dangerous areas may exist",
    "uk": "міни можливі",
    "ru": "возможны мины",
    "es": "puede haber (?:otras )?zonas peligrosas",
    "km": "អាចមានមីន",
    "my": "မိုင်းရှိနိုင်",
    "ar": "قد توجد ألغام|الخطر ممكن",
    "fr": r"il peut y avoir d'autres zones dangereuses",
    "pt": r"pode haver (?:mais )?minas|há perigo",
    "bs": r"mogu postojati (?:i )?druge opasne zone|moguće mine",
    "fa-AF": "خطر ممکن",
    "ps": "خطر ممکن",
}
SPOKEN = sorted(DRILL)
SENTENCE = re.compile(r"[.!؟။។](?= |$)")


def test_every_shipped_language_has_every_sms(filled: Texts, wanted: dict[str, str]) -> None:
    assert {tag for tag, _ in filled} == set(SPOKEN)
    for tag in SPOKEN:
        assert {key for lang, key in filled if lang == tag} == {key.removeprefix(PREFIX) for key in wanted}


def test_an_sms_fits_in_every_language_with_the_longest_names(filled: Texts) -> None:
    assert {where: text for where, text in filled.items() if not lengths.measure(text).fits} == {}


@pytest.mark.parametrize("tag", SPOKEN)
def test_r13_the_first_part_of_a_warning_says_danger_place_and_do_not_go_there(filled: Texts, tag: str) -> None:
    def check(key: str) -> None:
        first = lengths.first_part(filled[tag, key])
        assert str(SMS_SAMPLES["place"]) in first
        assert len(SENTENCE.findall(first)) >= 2
        assert AWAY[tag] in first

    try_each(check, ((key,) for key in ALERTS))


@pytest.mark.parametrize("tag", SPOKEN)
def test_r10a_no_step_of_the_drill_is_lost_for_want_of_room(filled: Texts, tag: str) -> None:
    def check(key: str) -> None:
        text = filled[tag, key]
        assert re.search(DRILL[tag], text.casefold())
        assert "23.09.2026/9999" in text  # the number stands right behind the date
        assert "Mine service" in text
        assert "+380441234567" in text

    try_each(check, ((key,) for key in (*ALERTS, *CORRECTIONS, *ENDS, *EXERCISES)))


@pytest.mark.parametrize("tag", SPOKEN)
def test_r19_a_correction_and_an_end_say_in_every_language_that_other_danger_may_exist(filled: Texts, tag: str) -> None:
    def check(key: str) -> None:
        assert re.search(CAVEAT[tag], filled[tag, key].casefold())

    try_each(check, ((key,) for key in (*CORRECTIONS, *ENDS)))


@pytest.mark.parametrize("tag", SPOKEN)
def test_r5_the_answers_about_a_place_are_equally_long_and_give_the_same_advice(filled: Texts, tag: str) -> None:
    recorded, unrecorded = filled[tag, "place-recorded"], filled[tag, "place-unrecorded"]
    assert abs(len(recorded) - len(unrecorded)) <= min(len(recorded), len(unrecorded)) / 5
    assert SENTENCE.split(recorded, 2)[-1] in unrecorded


@pytest.mark.parametrize("tag", SPOKEN)
@pytest.mark.parametrize("prefix", ["", "exercise-"])
def test_r3_each_way_in_which_an_area_leaves_the_list_has_words_of_its_own(
    filled: Texts, tag: str, prefix: str
) -> None:
    said = {filled[tag, f"{prefix}{key}"] for key in ENDS}
    assert len(said) == len(ENDS)
    assert ["200" in filled[tag, f"{prefix}{key}"] for key in ENDS] == [False, False, True, False]


EXERCISE = {
    "en": "EXERCISE",
    "uk": "НАВЧАННЯ",
    "ru": "УЧЕНИЯ",
    "es": "SIMULACRO",
    "fa-AF": "تمرین",
    "ps": "تمرین",
    "ar": "تمرين",
    "fr": "EXERCICE",
    "pt": "EXERCÍCIO",
    "bs": "VJEŽBA",
    "km": "ហ្វឹកហាត់",
    "my": "လေ့ကျင့်မှု",
}


@pytest.mark.parametrize("tag", SPOKEN)
def test_r18_an_exercise_says_so_first_and_no_other_text_does(filled: Texts, tag: str) -> None:
    said = {key for lang, key in filled if lang == tag and filled[tag, key].startswith(EXERCISE[tag])}
    assert said == set(EXERCISES)


@pytest.mark.parametrize("tag", SPOKEN)
def test_r22_the_text_with_a_code_is_short_and_says_nothing_about_anybody(filled: Texts, tag: str) -> None:
    code = filled[tag, "code"]
    assert "123456" in code
    assert lengths.measure(code).segments == 1
    assert not re.search(r"http|Mine|мін|мин|minas|ألغام|ماین|មីន|မိုင်း|zona", code)


@pytest.mark.parametrize("tag", ["bs", "es", "fr", "pt"])
def test_a_plain_variant_is_there_for_every_sms(plain: Texts, wanted: dict[str, str], tag: str) -> None:
    assert {key for lang, key in plain if lang == tag} == {key.removeprefix(PREFIX) for key in wanted}


def test_a_plain_variant_is_in_gsm_7_and_fits_into_two_segments(plain: Texts) -> None:
    measured = {where: lengths.measure(text) for where, text in plain.items()}
    wrong = {where: sms for where, sms in measured.items() if (sms.encoding, sms.fits) != (Encoding.GSM_7, True)}
    assert measured
    assert wrong == {}


PLAIN_DRILL = {
    "bs": r"stanite.*ne prilazite.*ne dirajte.*ne pomjerajte.*(?:istim putem|kojim ste dosli).*udaljite druge.*zovite",
    "es": DRILL["es"],
    "fr": DRILL["fr"],
    "pt": r"pare.*nao se aproxime.*nao toque.*nao mexa.*por onde veio.*(?:outros longe|afaste os).*ja longe, ligue",
}
PLAIN_AWAY = {"bs": "Ne idite tamo", "es": "No vaya.", "fr": "N'y allez pas", "pt": "Nao va la"}
PLAIN_CAVEAT = {
    "bs": "moguca su (?:i )?druga opasna podrucja",
    "es": CAVEAT["es"],
    "fr": CAVEAT["fr"],
    "pt": "pode haver outras zonas perigosas",
}


@pytest.mark.parametrize("tag", sorted(PLAIN_DRILL))
def test_r10a_a_plain_variant_loses_no_step_either_and_names_the_place_in_time(plain: Texts, tag: str) -> None:
    def check(key: str) -> None:
        text = plain[tag, key]
        assert re.search(PLAIN_DRILL[tag], text.casefold())
        assert all(word in text for word in ("23.09.2026/9999", "Mine service", "+380441234567"))
        if key in ALERTS:
            assert str(SMS_SAMPLES["place"]) in lengths.first_part(text)
            assert PLAIN_AWAY[tag] in lengths.first_part(text)
        if key in (*CORRECTIONS, *ENDS):
            assert re.search(PLAIN_CAVEAT[tag], text.casefold())

    try_each(check, ((key,) for key in (*ALERTS, *CORRECTIONS, *ENDS, *EXERCISES)))


HOLES: dict[str, Hole] = {**SMS_SAMPLES, "depth": 200}


def test_what_goes_out_is_what_was_measured(spoken: Catalogues, filled: Texts, plain: Texts) -> None:
    def check(tag: str, key: str) -> None:
        said = spoken.render_sms(f"{PREFIX}{key}", tag, **HOLES)
        assert said.text == plain.get((tag, key), filled[tag, key])
        assert (said.plain, said.draft) == ((tag, key) in plain, tag != "en")
        assert spoken.sms_sendable([f"{PREFIX}{key}"]) == ("en", *sorted(set(SPOKEN) - {"en"}))

    try_each(check, filled)


def test_a_long_name_gives_way_to_its_communitys_in_every_warning(spoken: Catalogues) -> None:
    names = ["Новоолександрівка-на-Дібрівці Друга", "Криничуватська сільська громада", "Ізюмський район"]
    for key in ALERTS:
        render = partial(with_place, spoken, key)
        assert "Ізюмський район" in lengths.first_part(lengths.fitting(render, names))


def with_place(spoken: Catalogues, key: str, place: str) -> str:
    return spoken.render_sms(f"{PREFIX}{key}", "uk", **(HOLES | {"place": place})).text


def test_twelve_languages_would_be_read_in_good_time(tmp_path: Path) -> None:
    for number, tag in enumerate(["ps"]):
        shutil.copytree(LOCALES / SPOKEN[number % len(SPOKEN)], tmp_path / tag)
    shutil.copytree(LOCALES, tmp_path, dirs_exist_ok=True)
    began = time.process_time()
    assert len(Catalogues.load(tmp_path, confirmed=frozenset()).languages()) == 13, "Bosnian in two scripts"
    assert time.process_time() - began < 3  # half of that is what it may take on a machine of its own
