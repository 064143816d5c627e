"""Bosnian in Cyrillic letters: every letter by rule, and what is no Bosnian word stays as it is."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.i18n import forbidden, po
from service.i18n.catalogues import Catalogues
from service.i18n.cyrillic import to_cyrillic, to_latin
from service.i18n.filling import holes
from service.i18n.model import State
from tests.locales.folder import CALL, STOP, write, write_all
from tests.unit.test_i18n_catalogues import review_line
from tests.unit.test_i18n_sms import ENGLISH, HOLES, NEAR, entry, put

BOSNIAN = {STOP: "Stanite.", CALL: "Zovite {number} iz mjesta {place}."}
SHIPPED = Path(__file__).parents[2] / "locales" / "bs" / "LC_MESSAGES"

WORDS = [
    # Latin, Cyrillic, why
    ("Stanite! Ne dirajte.", "Станите! Не дирајте.", "letter by letter"),
    ("čČćĆđĐšŠžŽ", "чЧћЋђЂшШжЖ", "letters with marks"),
    ("polje, Ljudi, LJUDI", "поље, Људи, ЉУДИ", "lj is one letter, however it is capitalised"),
    ("njiva, Njiva, NJIVA", "њива, Њива, ЊИВА", "so is nj"),
    ("džep, Džep, DŽEP, odžak", "џеп, Џеп, ЏЕП, оџак", "so is dž"),
    ("nadživjeti, podžanr, predžetveni, odžaliti", "надживјети, поджанр, преджетвени, оджалити", "a prefix ends there"),
    ("Nadživio je, ODŽIVJETI", "Надживио је, ОДЖИВЈЕТИ", "in capitals too"),
    ("injekcija, injektirati, Injekcija", "инјекција, инјектирати, Инјекција", "a foreign stem has two sounds"),
    ("konjunktura, konjugacija; konj, konjušar", "конјунктура, конјугација; коњ, коњушар", "and a horse has one"),
    ("vanjezični, Tanjug; vanjski", "ванјезични, Танјуг; вањски", "as above"),
    ("djeca, dječak", "дјеца, дјечак", "d and j are always two"),
    ("Zovite {number} iz {place_name}.", "Зовите {number} из {place_name}.", "holes are the program's"),
    ("112, 2.000 m, 23.09.2026/17", "112, 2.000 м, 23.09.2026/17", "numbers stay, a unit is a word"),
    ("SMS na 112, GPS i QR", "СМС на 112, GPS и QR", "codes stay, but for a word that people write themselves"),
    ("A4, H3, MI6", "A4, H3, MI6", "codes with digits stay"),
    ("https://mine.example/lj info@bhmac.example mine.example", None, "addresses stay"),
    ("WhatsApp, Facebook, Taxi, Google", None, "names in other alphabets stay"),
    ("Лиман, Ženeva, Zürich", "Лиман, Женева, Zürich", "what is Cyrillic stays, and what has foreign letters"),
    ("z\u030celjezo c\u030cudno", "жељезо чудно", "marks that are written apart from their letters"),
    ("", "", "nothing"),
]


@pytest.mark.parametrize(("latin", "cyrillic", "why"), WORDS)
def test_bosnian_is_written_in_cyrillic_letters_by_rule(latin: str, cyrillic: str | None, why: str) -> None:
    assert to_cyrillic(latin) == (latin if cyrillic is None else cyrillic), why


@given(st.text(alphabet="abcčćdđefghijklmnoprsštuvzžABCČĆDĐŽLJ ,.!{}0123456789", max_size=60))
def test_writing_in_cyrillic_loses_no_letter(text: str) -> None:
    written = to_cyrillic(text)
    assert to_latin(written).casefold() == text.casefold()
    assert to_cyrillic(written) == written
    assert holes(written) == holes(text)
    assert re.findall(r"\d", written) == re.findall(r"\d", text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_all(tmp_path)
    write(tmp_path, "bs", BOSNIAN)
    return tmp_path


def test_bosnian_in_cyrillic_is_a_language_of_its_own_without_a_file(folder: Path) -> None:
    catalogues = Catalogues.load(folder, confirmed=frozenset())
    assert [one.tag for one in catalogues.languages()] == ["en", "ar", "bs", "bs-Cyrl", "uk"]
    assert catalogues.catalogue("bs-Cyrl").name == "босански (ћирилица)"
    rendered = catalogues.render_together((STOP, CALL), "bs-Cyrl-BA", number="112", place="Ljubinje")
    assert rendered.texts == ("Станите.", "Зовите 112 из мјеста Ljubinje.")
    assert (rendered.language, rendered.direction, rendered.draft) == ("bs-Cyrl", "ltr", True)


def test_its_state_follows_the_review_of_the_latin_words(folder: Path) -> None:
    lines = "".join(review_line(message, text) for message, text in BOSNIAN.items())
    po.path_of(folder, "bs").with_name("review.jsonl").write_text(lines, "utf-8")
    catalogues = Catalogues.load(folder, confirmed=frozenset())
    assert catalogues.catalogue("bs-Cyrl").language.state is State.REVIEWED
    assert catalogues.sendable((STOP, CALL)) == ("en", "bs", "bs-Cyrl")


def test_a_draft_in_cyrillic_is_sent_only_where_it_is_confirmed_by_name(folder: Path) -> None:
    latin_only = Catalogues.load(folder, confirmed=frozenset({"bs"}))
    assert latin_only.sendable((STOP,)) == ("en", "bs")
    assert latin_only.choose(["bs-Cyrl"], available=latin_only.sendable((STOP,))).tag == "bs", "not the default"
    both = Catalogues.load(folder, confirmed=frozenset({"bs", "bs-Cyrl"}))
    assert both.choose(["bs-Cyrl"], available=both.sendable((STOP,))).tag == "bs-Cyrl"


def test_an_sms_goes_out_in_latin_letters_to_who_asked_for_cyrillic(folder: Path) -> None:
    put(folder, "en", po.GUIDANCE, entry(ENGLISH))
    put(folder, "bs", po.GUIDANCE, entry("Mine blizu: {place}, čuvajte se. {date}"))
    put(folder, "bs", po.PLAIN, entry("Mine blizu: {place}. {date}"))
    catalogues = Catalogues.load(folder, confirmed=frozenset({"bs", "bs-Cyrl"}))
    available = catalogues.sms_sendable([NEAR])
    assert available == ("en", "bs")
    chosen = catalogues.choose(["bs-Cyrl"], available=available).tag
    assert catalogues.render_sms(NEAR, chosen, **HOLES).text == "Mine blizu: Bogota. 23.09.2026/17"


def test_a_hand_written_catalogue_in_cyrillic_wins_over_the_rule(folder: Path) -> None:
    write(folder, "bs-Cyrl", {STOP: "Станите ту.", CALL: "Зовите {number}, {place}."})
    catalogues = Catalogues.load(folder, confirmed=frozenset())
    assert catalogues.render(STOP, "bs-Cyrl") == "Станите ту."


def test_r5_a_claim_is_found_in_cyrillic_letters_as_in_latin_ones(folder: Path) -> None:
    del folder
    claim = "Put je ponovo siguran."
    assert forbidden.find(claim, "bs")
    assert forbidden.find(to_cyrillic(claim), "bs-Cyrl")
    assert forbidden.find(claim, "bs-Cyrl"), "the letters of an operator do not matter"


def test_no_shipped_text_keeps_a_latin_word_but_codes() -> None:
    kept: set[str] = set()
    for domain in (po.DOMAIN, po.GUIDANCE):
        for one in po.read(SHIPPED / f"{domain}.po"):
            bare = re.sub(r"\{[^}]*\}", "", to_cyrillic(one.text))
            kept |= set(re.findall(r"[^\W\d_]*[a-zA-ZčćđšžČĆĐŠŽ][^\W\d_]*", bare))
            assert to_latin(to_cyrillic(one.text)).casefold() == one.text.casefold(), one.id
    assert kept <= {"GPS", "QR", "PIN", "USB", "IMAS", "CC", "BY"}
