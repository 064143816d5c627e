"""The gate: each fault of a translation is found, and what only looks like one passes."""

# ruff: noqa: RUF001 - sentences are written in their own alphabets here

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from service.config import HERE
from service.delivery import payload, topics
from service.delivery.model import Bulletin, Severity, Text
from service.delivery.model import Message as Sent
from service.i18n import channels, letters, likeness, mandatory, po, upkeep, zawgyi
from service.i18n.channels import Demand
from service.i18n.checking import check_words, unusable
from service.i18n.extract import entry
from service.i18n.model import Message
from tests.locales import folder

LOCALES = HERE.parent / "locales"
WARNING = (
    "Mine danger near {place}. Do not go there. If you see anything suspicious, stop. Do not approach or touch it. Go "
    "back the way you came. Keep others away. Call {number}."
)


def reasons(english: str, text: str, tag: str) -> list[str]:
    """Say what the check finds in one translation."""
    said = po.Translation("a.text", english, text)
    found = unusable(said, file="a.po") or check_words(said, tag=tag, file="a.po")
    assert all(one.file == "a.po" and one.entry and one.remedy for one in found)
    return [one.reason for one in found]


@pytest.mark.parametrize(
    ("tag", "english", "text", "reason"),
    [
        pytest.param("uk", "Stop.", "Cтійте.", "two scripts in 'Cтійте'", id="a Latin C in a Cyrillic word"),
        pytest.param("ru", "Stop.", "Стοйте.", "two scripts", id="a Greek omicron in a Cyrillic word"),
        pytest.param("es", "Stop.", "Pаre.", "two scripts", id="a Cyrillic a in a Latin word"),
        pytest.param("uk", "Go and stop.", "Ідіть i стійте.", "only look like", id="a whole word of look-alikes"),
        pytest.param("uk", "Wait.", "CTOP.", "only look like", id="look-alike capitals"),
        pytest.param("es", "Stop.", "Pare СОМО.", "only look like", id="Cyrillic capitals that look Latin"),
        pytest.param("uk", "Wait.", "Wartet.", "in Latin letters", id="a word of another alphabet"),
        pytest.param("uk", "Stop.", "Стыйте.", "a Russian letter", id="a Russian letter"),
        pytest.param("ru", "Stop.", "Стійте.", "a Ukrainian letter", id="a Ukrainian letter"),
        pytest.param("ar", "Stop.", "توقفوا کلکم.", "Persian", id="a Persian kaf in Arabic"),
        pytest.param("fa-AF", "Stop.", "ايستاد شوید.", "Arabic or Urdu", id="an Arabic yeh in Dari"),
        pytest.param("ps", "Stop.", "ودرېږئ كور.", "Arabic or Urdu", id="an Arabic kaf in Pashto"),
        pytest.param("ar", "Stop.", "ﻗﻔﻮا.", "shape for print", id="letters copied from a document"),
        pytest.param("uk", "Stop.", "Стій\u200bте.", "invisible U+200B", id="an invisible blank"),
        pytest.param("uk", "Stop.", "Сті\u00adйте.", "invisible U+00AD", id="a soft hyphen"),
        pytest.param("uk", "Stop.", "\u2067Стійте.", "bidi controls are unbalanced", id="an isolate left open"),
        pytest.param("uk", "Stop.", "\u202eСтійте.\u202c", "bidi controls are unbalanced", id="an override"),
        pytest.param(
            "es", "Do not touch it.", "No lo toque. Do not touch it.", "English left", id="a sentence left over"
        ),
        pytest.param("fr", "Stay with your friends.", "Restez with vos amis.", "English left", id="a word left over"),
        pytest.param("uk", "Stay.", "Стійте 2 дні.", "other numbers", id="a number of its own"),
        pytest.param("ar", "In 2 places.", "في ٢ أماكن.", "other numbers", id="digits that are not ASCII"),
        pytest.param("es", "<b>Stop</b>.", "Pare.", "other markup", id="lost markup"),
        pytest.param("es", "Stop.", "Pare &amp; espere.", "other markup", id="an entity of its own"),
        pytest.param("es", "Stop.", "Vea https://example.org", "other markup", id="a link of its own"),
        pytest.param("my", "Stop.", "မဂၤလာပါ", "Zawgyi", id="Zawgyi"),
    ],
)
def test_each_fault_of_letters_and_words_is_found(tag: str, english: str, text: str, reason: str) -> None:
    assert [one for one in reasons(english, text, tag) if reason in one]


@pytest.mark.parametrize(
    ("tag", "english", "text"),
    [
        pytest.param("uk", "Send a text.", "Надішліть SMS.", id="an abbreviation stays"),
        pytest.param("uk", "Read CAP.", "Читайте CAP.", id="one of look-alikes that the source has"),
        pytest.param("uk", "Health.", "Здоров’я та обов'язки.", id="apostrophes"),
        pytest.param("uk", "Stop.", "Сто\u0301йте.", id="a stress mark"),
        pytest.param("pt", "The first one.", "A 1ª zona, nº.".replace("1", ""), id="ordinals"),
        pytest.param("fa-AF", "Stop.", "ایستاد می\u200cشوید.", id="a joiner that Dari needs"),
        pytest.param("ps", "Stop.", "ودرېږئ يا پاتې شی.", id="both forms of yeh in Pashto"),
        pytest.param("km", "Stop.", "ឈប់\u200bសិន", id="a place to break a line in Khmer"),
        pytest.param("ar", "Call {number}.", "اتصلوا \u2066{number}\u2069.", id="an isolate that closes"),
        pytest.param("es", "It is not noted.", "No se notó, are no.", id="letters of English words inside others"),
        pytest.param("fr", "Danger. Stop.", "Danger. Stop !", id="words that two languages share"),
        pytest.param("es", "<b>Stop</b> at 2.", "<b>Pare</b> a las 2.", id="markup and numbers kept"),
    ],
)
def test_what_only_looks_like_a_fault_passes(tag: str, english: str, text: str) -> None:
    assert reasons(english, text, tag) == []


BURMESE = (
    "မင်္ဂလာပါ", "မိုင်းအန္တရာယ် ရှိသည်။", "ကျွန်ုပ်တို့ ကြောင့်", "ယောက်ျား မိန်းမ ပြန်သွားပါ။", "သင်္ကြန် ဥက္ကဋ္ဌ ၎င်း",
    "မြို့တော်သို့ ဖြည်းဖြည်း", "ဩဂုတ်လ ဤနေရာ ဧရာဝတီ",
)  # fmt: skip
ZAWGYI = ("မဂၤလာပါ", "ျမန္မာ", "ေက်ာင္း", "လမ္း ေပၚ", "အႏၲရာယ္", "မသြားပါႏွင့္", "ေရွ႕သို႔")


@pytest.mark.parametrize("text", BURMESE)
def test_burmese_in_unicode_is_not_taken_for_zawgyi(text: str) -> None:
    assert zawgyi.found_in(text) == ""


@pytest.mark.parametrize("text", ZAWGYI)
def test_zawgyi_is_refused_before_anybody_is_shown_it(text: str) -> None:
    assert zawgyi.found_in(text)
    assert any("Unicode (ICU" in found.remedy for found in unusable(po.Translation("a", "A.", text), file="my.po"))


@pytest.mark.parametrize(("tag", "step"), [(tag, step) for tag in ("en", "uk", "km") for step in mandatory.MEANT])
def test_r10a_every_language_has_words_for_each_step(tag: str, step: str) -> None:
    assert step in mandatory._words(tag)


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [
        ("Не ходіть туди.", "not to go there"), ("зупиніться.", "to stop"), ("не чіпайте", "not to touch"),
        ("Назад, як ішли.", "to go back"), ("Не підпускайте інших.", "others away"), ("Дзвоніть {number}.", "to call"),
    ],
)  # fmt: skip
def test_r10a_a_step_that_is_lost_in_translation_is_found(left_out: str, reason: str) -> None:
    whole = (
        "Мінна небезпека: {place}. Не ходіть туди. Щось підозріле — зупиніться. Не підходьте, не чіпайте. Назад, як "
        "ішли. Не підпускайте інших. Дзвоніть {number}."
    )
    assert list(mandatory.lost(WARNING, whole, "uk")) == []
    assert any(reason in found for found, _ in mandatory.lost(WARNING, whole.replace(left_out, ""), "uk"))


def test_r10a_a_language_without_a_list_of_its_steps_cannot_pass_a_warning() -> None:
    assert [reason for reason, _ in mandatory.lost(WARNING, "x", "de")] == [
        "tells the drill, and nobody has written down its words for 'de'"
    ]


def test_r13_a_warning_without_its_source_or_time_is_found_in_english() -> None:
    whole = Message("a.body", "{authority}, {date}. " + WARNING)
    demand = [Demand("a.body", "alert", {"push-body": 600})]
    assert list(channels.source_faults([whole], demand, file="f")) == []
    nobody = Message("a.body", whole.english.replace("{authority}, ", ""))
    calm = Message("a.body", whole.english.replace("Mine danger", "News"))
    assert "{authority}" in next(channels.source_faults([nobody], demand, file="f")).reason
    assert "danger" in next(channels.source_faults([calm], demand, file="f")).reason
    assert "nobody declares" in next(channels.source_faults([], demand, file="f")).reason


def test_a_text_that_is_too_long_for_its_channel_with_the_longest_names_is_found() -> None:
    long = po.Translation("a.title", "{place}", "{place}" + "я" * 120)
    found = list(channels.faults([long], [Demand("a.title", "alert", {"cap-headline": 140})], tag="uk", file="f"))
    assert [("146 characters" in one.reason, "cap-headline takes 140" in one.reason) for one in found] == [(True, True)]
    short = po.Translation("a.title", "{place}", "{place}" + "я" * 114)
    assert not list(channels.faults([short], [Demand("a.title", "alert", {"cap-headline": 140})], tag="uk", file="f"))


@pytest.mark.parametrize(("letters_in_all", "fits"), [(600, True), (710, False)])
def test_title_and_body_must_fit_a_push_to_topics(letters_in_all: int, fits: bool) -> None:  # noqa: FBT001 - a table's column
    said = [po.Translation("a.title", "A", "я" * 30), po.Translation("a.body", "B", "я" * letters_in_all)]
    found = list(channels.faults(said, (), tag="uk", file="f"))
    assert [one.entry for one in found] == ([] if fits else ["a.body"])


def test_what_a_push_to_topics_needs_beside_its_words_is_as_much_as_the_check_says() -> None:
    now = datetime(2026, 9, 23, tzinfo=UTC)
    bulletin = Bulletin(
        UUID(int=2**128 - 1), UUID(int=2**128 - 1), 99, Sent.CORRECTION, Severity.MODERATE, True, UUID(int=2**128 - 1),
        9999, now, now + timedelta(days=9), (0x8001FFFFFFFFFFF,), payload.GREATEST_PULL,
    )  # fmt: skip
    said = payload.encode(bulletin, Text("bs-Cyrl", "ltr", "T", "B"), now=now, signature=bytes(64))
    assert channels.FIXED - 20 < topics.measure(said) - len("TTBB") <= channels.FIXED


def test_two_texts_that_say_the_same_where_the_english_does_not_are_found() -> None:
    entries = [
        po.Translation("a", "Stop here.", "Зупиніться тут."),
        po.Translation("b", "Walk on slowly.", "Зупиніться тут!"),
        po.Translation("c", "Go back the way you came, now.", "Поверніться тією самою дорогою, якою прийшли сюди."),
        po.Translation("d", "Wait for help and do not move.", "Поверніться тією самою дорогою, якою прийшла сюди."),
    ]
    found = list(likeness.thin_copies(entries, tag="uk", file="f"))
    assert [(one.entry, one.reason.split(",")[0]) for one in found] == [
        ("b", "says the same as a"),
        ("d", "says the same as c"),
    ]


def test_texts_that_differ_in_one_word_as_their_english_does_pass() -> None:
    entries = [
        po.Translation("a", "The place was wrong. Call {number}.", "Місце вказали неправильно. Телефонуйте {number}."),
        po.Translation("b", "The time was wrong. Call {number}.", "Час вказали неправильно. Телефонуйте {number}."),
        po.Translation("c", "Keep out!", "Не заходьте."),
        po.Translation("d", "Keep out.", "Не заходьте!"),
    ]
    assert list(likeness.thin_copies(entries, tag="uk", file="f")) == []


def test_a_released_language_may_not_lack_a_message_of_the_core_set(tmp_path: Path) -> None:
    code, locales = tmp_path / "code", folder.write_all(tmp_path / "locales")
    (code / "guidance").mkdir(parents=True)
    (code / "guidance" / "core.yaml").write_text(
        "revision: 1\nmessages:\n  guidance.a.b:\n    kind: caveat\n    channels: {screen: 200}\n    text: Wait.\n",
        "utf-8",
    )
    (code / "says.py").write_text("", "utf-8")
    wait = Message("guidance.a.b", "Wait.", "Core set.")
    po.write(po.path_of(locales, "en", po.GUIDANCE), "en", [entry(wait)])
    po.write(po.path_of(locales, "uk", po.GUIDANCE), "uk", [po.Translation(wait.id, wait.english, "")])

    def found() -> list[tuple[str, str]]:
        wanted = [Demand(wait.id, "caveat", {"screen": 200})]
        return [(one.file, one.reason) for one in upkeep.check(code, locales, demands=wanted) if "guidance" in one.file]

    assert found() == [
        (str(po.path_of(locales, "ar", po.GUIDANCE)), "is missing"),
        (str(po.path_of(locales, "uk", po.GUIDANCE)), "is not translated"),
    ]
    for tag in ("ar", "uk"):
        (locales / tag / po.BEGUN).write_text("Only begun.", "utf-8")
    assert found() == []


def test_letters_know_the_script_of_every_language_of_ours() -> None:
    scripts = {tag: letters.script_of(tag) for tag in ("uk", "bs", "bs-Cyrl", "fa-AF", "ps", "km", "my", "pt")}
    assert scripts == {
        "uk": "CYRILLIC", "bs": "LATIN", "bs-Cyrl": "CYRILLIC", "fa-AF": "ARABIC", "ps": "ARABIC", "km": "KHMER",
        "my": "MYANMAR", "pt": "LATIN",
    }  # fmt: skip
