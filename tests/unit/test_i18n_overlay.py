"""A deployment's own words over ours: theirs come first (R16), checked as ours are, and all of them or none."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from service.i18n import laying, overlays, po, review
from service.i18n.catalogues import Catalogues
from service.i18n.laying import Laid, Overlay
from service.i18n.model import Message, MissingTranslation, RenderedSms, State
from service.kit.errors import Kind, Refused
from tests.locales.folder import CALL, STOP, UKRAINIAN, write, write_all
from tests.unit.test_i18n_catalogues import review_line
from tests.unit.test_i18n_sms import ENGLISH, HOLES, NEAR, PLAIN, SPANISH, entry, put

HOLD = Message("a.stop", "Hold it.")
"""Our message as the authority words it in English."""

WHOLE = frozenset({"uk", "es"})


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """English, Ukrainian and Arabic, and Spanish with one SMS in two variants."""
    folder = write_all(tmp_path / "ours")
    po.write(po.path_of(folder, "es"), "es", ())
    put(folder, "en", po.GUIDANCE, entry(ENGLISH))
    put(folder, "es", po.GUIDANCE, entry(SPANISH))
    put(folder, "es", po.PLAIN, entry(PLAIN))
    return folder


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    (tmp_path / "theirs").mkdir()
    return tmp_path / "theirs"


def lay(ours: Path, theirs: Path, guidance: Mapping[str, str] | None = None) -> Laid:
    texts = {NEAR: ENGLISH} if guidance is None else guidance
    said = {key: Message(key, english) for key, english in texts.items()}
    return laying.load(ours, Overlay("The authority", 5, theirs, said))


def open_all(laid: Laid, *, plain: bool = True) -> Catalogues:
    return Catalogues.opened(laid.catalogues, confirmed=WHOLE, plain=plain)


def refusal(ours: Path, theirs: Path) -> Refused:
    with pytest.raises(Refused) as refused:
        lay(ours, theirs)
    assert refused.value.kind is Kind.INVALID
    assert all(fault.where and fault.detail and fault.remedy for fault in refused.value.faults)
    return refused.value


def test_r16_an_authoritys_words_stand_in_place_of_ours_and_the_rest_stays(ours: Path, theirs: Path) -> None:
    write(theirs, "uk", {STOP: "Стійте."})
    catalogues = open_all(lay(ours, theirs))
    assert catalogues.render(STOP, "uk") == "Стійте."
    assert catalogues.render(CALL, "uk", number="101", place="Лиман") == "Телефонуйте 101, Лиман."
    assert catalogues.render(STOP, "ar") == "توقفوا."


def test_r16_an_authoritys_english_is_said_and_no_translation_of_ours_for_it(ours: Path, theirs: Path) -> None:
    write(theirs, "en", {STOP: "Hold it."})
    laid = lay(ours, theirs)
    catalogues = open_all(laid)
    assert catalogues.render(STOP, "en") == "Hold it."
    with pytest.raises(MissingTranslation):
        catalogues.render(STOP, "uk")
    assert catalogues.render_together((STOP, CALL), "uk", number="101", place="Лиман").texts[0] == "Hold it."
    assert {(Path(one.file).parts[-3], one.entry) for one in laid.lost} == {("ar", "a.stop"), ("uk", "a.stop")}


def test_r16_an_authoritys_english_is_translated_by_its_own_words(ours: Path, theirs: Path) -> None:
    write(theirs, "en", {STOP: "Hold it."})
    write(theirs, "uk", {HOLD: "Завмріть."})
    laid = lay(ours, theirs)
    assert open_all(laid).render(STOP, "uk") == "Завмріть."
    assert [Path(one.file).parts[-3] for one in laid.lost] == ["ar"]


def test_a_translation_of_english_that_is_no_longer_said_is_refused(ours: Path, theirs: Path) -> None:
    write(theirs, "en", {STOP: "Hold it."})
    write(theirs, "uk", {STOP: "Стійте."})
    assert "nothing says" in refusal(ours, theirs).detail


def test_r16_new_texts_of_guidance_are_shown_once_they_are_translated(ours: Path, theirs: Path) -> None:
    new = Message("guidance.own.wells", "Keep away from old wells.")
    put(theirs, "uk", po.GUIDANCE, po.Translation(new.id, new.english, "Тримайтеся далі від старих колодязів."))
    catalogues = open_all(lay(ours, theirs, {NEAR: ENGLISH, new.id: new.english}))
    assert catalogues.render(new, "en") == new.english
    assert catalogues.render(new, "uk") == "Тримайтеся далі від старих колодязів."
    assert catalogues.having((new,)) == ("en", "uk")


def test_r16_an_sms_is_sent_in_an_authoritys_words_and_not_in_our_plain_ones(ours: Path, theirs: Path) -> None:
    put(theirs, "es", po.GUIDANCE, entry("Peligro de minas: {place}. ¡Ojo, aquí! {date}"))
    said = open_all(lay(ours, theirs)).render_sms(NEAR, "es", **HOLES)
    assert said == RenderedSms("Peligro de minas: Bogotá. ¡Ojo, aquí! 23.09.2026/17", draft=True, plain=False)
    put(theirs, "es", po.PLAIN, entry("Peligro de minas: {place}. {date}"))
    assert open_all(lay(ours, theirs)).render_sms(NEAR, "es", **HOLES).text == "Peligro de minas: Bogota. 23.09.2026/17"


def test_r16_new_english_of_an_sms_leaves_no_language_its_old_words(ours: Path, theirs: Path) -> None:
    new = "Mines by {place}. {date}"
    catalogues = open_all(lay(ours, theirs, {NEAR: new}))
    assert catalogues.render_sms(NEAR, "en", **HOLES).text == "Mines by Bogota. 23.09.2026/17"
    assert catalogues.sms_sendable([NEAR]) == ("en",)
    put(theirs, "es", po.GUIDANCE, entry("Minas junto a {place}. {date}", english=new))
    assert open_all(lay(ours, theirs, {NEAR: new})).sms_sendable([NEAR]) == ("en", "es")


def test_an_authoritys_review_counts_for_its_own_words_and_ours_for_none_of_them(ours: Path, theirs: Path) -> None:
    lines = "".join(review_line(message, text) for message, text in UKRAINIAN.items())
    review.path_beside(ours, "uk").write_text(lines, "utf-8")
    write(theirs, "uk", {STOP: "Стійте."})
    assert open_all(lay(ours, theirs)).catalogue("uk").language.state is State.DRAFT
    assert open_all(lay(ours, theirs)).catalogue("uk").reviewed == {"a.call"}
    review.path_beside(theirs, "uk").write_text(review_line(STOP, "Стійте."), "utf-8")
    assert open_all(lay(ours, theirs)).catalogue("uk").language.state is State.REVIEWED


def test_an_authority_adds_a_language_that_has_a_list_of_claims(ours: Path, theirs: Path) -> None:
    write(theirs, "km", {STOP: "ឈប់។"})
    assert open_all(lay(ours, theirs)).render(STOP, "km") == "ឈប់។"
    write(theirs, "sq", {STOP: "Ndalo."})
    assert "forbidden claims" in refusal(ours, theirs).detail


def test_an_authority_corrects_bosnian_in_cyrillic_letters_by_hand(ours: Path, theirs: Path) -> None:
    write(ours, "bs", {STOP: "Stanite.", CALL: "Zovite {number}, {place}."})
    write(theirs, "bs", {CALL: "Nazovite {number}, {place}."})
    catalogues = open_all(lay(ours, theirs))
    assert catalogues.render(CALL, "bs-Cyrl", number="112", place="X") == "Назовите 112, X."
    write(theirs, "bs-Cyrl", {STOP: "Станите ту."})
    catalogues = open_all(lay(ours, theirs))
    assert catalogues.render(STOP, "bs-Cyrl") == "Станите ту."
    assert catalogues.render(CALL, "bs-Cyrl", number="112", place="X") == "Назовите 112, X."


BAD = [
    # text, what is said about it
    ("Дорога знову безпечна.", "no danger"),
    ("Stop.", "still English"),
    ("Ще один крок ні. Зупинiться.", "two scripts"),
    ("Зупиніться за 5 м.", "numbers"),
    ("Зупиніться {place}.", "holes"),
    ("Зупиніться\u202e.", "bidi"),
    ("Зупиніться\x07.", "control"),
    ("Зупини\u00adться.", "U\\+00AD"),
    ("Зупиніться" + "ї" * 2_000, "2000"),
]


@pytest.mark.parametrize(("text", "said"), BAD)
def test_an_authoritys_text_is_checked_as_ours_are(ours: Path, theirs: Path, text: str, said: str) -> None:
    write(theirs, "uk", {STOP: text})
    refused = refusal(ours, theirs)
    assert refused.faults[0].where.endswith("surefoot.po a.stop")
    with pytest.raises(Refused, match=said):
        lay(ours, theirs)


@pytest.mark.parametrize(("text", "said"), [("The road is open again.", "no danger"), ("Stop {place}.", "holes")])
def test_an_authoritys_english_is_checked_as_ours_is(ours: Path, theirs: Path, text: str, said: str) -> None:
    write(theirs, "en", {STOP: text})
    with pytest.raises(Refused, match=said):
        lay(ours, theirs)


def test_an_authoritys_text_must_fit_its_channel(ours: Path, theirs: Path) -> None:
    limit = "At most 20 characters with its holes filled."
    entries = [po.Translation(STOP.id, STOP.english, STOP.english, notes=(limit,))]
    po.write(po.path_of(ours, "en"), "en", [*entries, po.Translation(CALL.id, CALL.english, CALL.english)])
    write(theirs, "uk", {STOP: "Зупиніться негайно, прошу вас."})
    with pytest.raises(Refused, match="20 are allowed"):
        lay(ours, theirs)


def test_all_that_is_wrong_is_said_at_once(ours: Path, theirs: Path) -> None:
    write(theirs, "uk", {STOP: "Stop."})
    write(theirs, "ar", {CALL: "اتصلوا."})
    assert {Path(fault.where.split(" ")[0]).parts[-3] for fault in refusal(ours, theirs).faults} == {"uk", "ar"}


def test_a_file_that_is_no_catalogue_is_refused_with_its_line(ours: Path, theirs: Path) -> None:
    path = write(theirs, "uk", {STOP: "Стійте."})
    path.write_text(path.read_text("utf-8") + '\nmsgctxt "x\nmsgid broken\n', "utf-8")
    assert "line " in refusal(ours, theirs).detail
    path.write_bytes("Зупиніться".encode("cp1251"))
    assert "not UTF-8" in refusal(ours, theirs).detail
    path.write_bytes(b"\xff\xfe" + "msgid".encode("utf-16-le"))
    assert "not UTF-8" in refusal(ours, theirs).detail
    with path.open("wb") as file:
        file.truncate(po.MOST_BYTES + 1)
    assert "larger than" in refusal(ours, theirs).detail


def test_a_bad_review_is_refused_with_its_place(ours: Path, theirs: Path) -> None:
    write(theirs, "uk", {STOP: "Стійте."})
    review.path_beside(theirs, "uk").write_text(review_line(STOP, "Стійте.", reviewer="A"), "utf-8")
    assert "a.stop review 1" in refusal(ours, theirs).detail


def test_nothing_outside_the_folder_is_read(ours: Path, theirs: Path, tmp_path: Path) -> None:
    """A link may lead to a file of the server whose lines would be told in an error, or to another's catalogue."""
    secret = tmp_path / "secret.po"
    secret.write_text("password\n")
    path = write(theirs, "uk", {STOP: "Стійте."})
    path.unlink()
    path.symlink_to(secret)
    assert "password" not in str(refusal(ours, theirs).faults)
    path.unlink()
    os.mkfifo(path)
    refusal(ours, theirs)
    path.unlink()
    path.parent.rmdir()
    path.parent.symlink_to(ours / "uk" / "LC_MESSAGES")
    assert "is no plain folder" in refusal(ours, theirs).detail
    path.parent.unlink()
    (theirs / "ar").symlink_to(ours / "ar")
    assert "is no plain folder" in refusal(ours, theirs).detail


@pytest.mark.parametrize("name", ["..uk", "klingon", "uk_UA", "UK", "uk:ar", "%2e%2e", "x" * 60])
def test_a_folder_that_names_no_language_is_refused(ours: Path, theirs: Path, name: str) -> None:
    write(theirs, "uk", {STOP: "Стійте."}).parents[1].rename(theirs / name)
    if name.startswith("."):
        assert lay(ours, theirs).replaced == 0, "hidden folders belong to other programs"
    else:
        assert refusal(ours, theirs).faults[0].where.startswith(str(theirs / name))


@pytest.mark.parametrize("name", ["surefoot.mo", "gudiance.po", "notes.txt", "en.po"])
def test_a_file_that_nobody_would_read_is_refused(ours: Path, theirs: Path, name: str) -> None:
    path = write(theirs, "uk", {STOP: "Стійте."})
    path.with_name(name).write_text("")
    assert name in refusal(ours, theirs).faults[0].where


def test_a_folder_of_countless_languages_is_refused(ours: Path, theirs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlays, "MOST_LANGUAGES", 1)
    write(theirs, "uk", {STOP: "Стійте."})
    write(theirs, "ar", {STOP: "قفوا."})
    assert "more than 1 languages" in refusal(ours, theirs).detail


def test_english_guidance_is_yaml_and_not_a_catalogue(ours: Path, theirs: Path) -> None:
    put(theirs, "en", po.GUIDANCE, entry("Mines by {place}. {date}"))
    assert "as YAML" in (refusal(ours, theirs).remedy or "")


def test_a_fuzzy_or_empty_entry_changes_nothing(ours: Path, theirs: Path) -> None:
    write(theirs, "uk", {STOP: "Стійте.", CALL: ""}, fuzzy=frozenset({STOP}))
    assert open_all(lay(ours, theirs)).render(STOP, "uk") == "Зупиніться."


def test_without_a_folder_of_catalogues_ours_are_said(ours: Path, tmp_path: Path) -> None:
    laid = lay(ours, tmp_path / "nowhere")
    assert (laid.replaced, laid.lost) == (0, ())
    assert open_all(laid).render(STOP, "uk") == "Зупиніться."
