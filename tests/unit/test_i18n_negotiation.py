"""Which language is answered in, pair by pair, each with its reason."""

import langcodes
import pytest

from service.i18n import rules

OURS = ("en", "ar", "es", "ru", "uk")
TWELVE = ("en", "ar", "bs", "bs-Cyrl", "es", "fa-AF", "fr", "km", "my", "ps", "pt", "ru", "uk")

PAIRS = [
    # wanted, offered, shown, why
    ("uk", OURS, "uk", "the same language"),
    ("uk-UA", OURS, "uk", "a territory never keeps a text from being read"),
    ("uk_UA", OURS, "uk", "Android writes an underscore"),
    ("ukr", OURS, "uk", "the three-letter code of the same language"),
    ("UK-ua", OURS, "uk", "case has no meaning"),
    ("ru-UA", OURS, "ru", "who lives in Ukraine and reads Russian asked for Russian"),
    ("uk", ("en", "ru"), "en", "CLDR calls Russian near, and it is never swapped in unasked"),
    ("ru", ("en", "uk"), "en", "nor the other way round"),
    ("be", OURS, "en", "Belarusian is not Russian, however near"),
    ("rue", OURS, "en", "Rusyn is not Ukrainian unless a deployment says so"),
    ("kk", OURS, "en", "many read Russian, but nobody asked them"),
    ("es-MX", OURS, "es", "Spanish of Mexico"),
    ("es-419", OURS, "es", "Spanish of a whole continent"),
    ("ca", OURS, "en", "Catalan is not Spanish"),
    ("gl", OURS, "en", "Galician is not Spanish"),
    ("qu", OURS, "en", "Quechua is not Spanish"),
    ("ar-SY", OURS, "ar", "Arabic of Syria"),
    ("arb", OURS, "ar", "Standard Arabic is what the macro-language's code means"),
    ("arz", OURS, "ar", "Egyptian Arabic belongs to the macro-language, and its readers read Standard Arabic"),
    ("apc", OURS, "ar", "Levantine Arabic, whose script CLDR does not know, is not Latin"),
    ("ary-MA", OURS, "ar", "Moroccan Arabic, its territory named"),
    ("ar-Latn", OURS, "en", "who reads Arabic in Latin letters may not read it in Arabic ones"),
    ("ckb", OURS, "en", "Kurdish is near to Arabic by CLDR and is never swapped"),
    ("ku", ("en", "tr"), "en", "nor for Turkish"),
    ("uk-Latn", OURS, "en", "another script is another text"),
    ("ru-Latn", OURS, "en", "as above"),
    ("en-AU", ("en", "en-GB"), "en-GB", "the nearer of two of one language"),
    ("en-PR", ("en", "en-GB"), "en", "as above, from an island of the United States"),
    ("hr", TWELVE, "en", "nobody who asks for Croatian is shown Bosnian"),
    ("sr-Latn", TWELVE, "en", "nor for Serbian"),
    ("sh", TWELVE, "en", "Serbo-Croatian is read as Serbian in Latin letters"),
    ("bs", TWELVE, "bs", "Bosnian in Latin letters, as CLDR expects"),
    ("bs-Cyrl", TWELVE, "bs-Cyrl", "the script that was asked for"),
    ("bs-Cyrl-BA", TWELVE, "bs-Cyrl", "as above, its territory named"),
    ("bs-Latn", TWELVE, "bs", "the likely script says no more than its absence"),
    ("bs-Cyrl", ("en", "bs"), "bs", "who reads Bosnian learnt both scripts at school"),
    ("bs", ("en", "bs-Cyrl"), "bs-Cyrl", "and the other way round"),
    ("bos", TWELVE, "bs", "the three-letter code"),
    ("hr", ("en", "bs", "bs-Cyrl"), "en", "neither script of Bosnian is Croatian"),
    ("sr-Cyrl", TWELVE, "en", "Bosnian in Cyrillic letters is not Serbian"),
    ("mk", TWELVE, "en", "nor is a shared script a shared language"),
    ("sr", ("en", "sr", "sr-Latn"), "sr", "Serbian is likely in Cyrillic"),
    ("sr-ME", ("en", "sr", "sr-Latn"), "sr-Latn", "and in Montenegro in Latin letters"),
    ("sr-Latn", ("en", "sr"), "sr", "who reads Serbian reads both its scripts"),
    ("cnr", ("en", "sr", "sr-Latn"), "sr-Latn", "Montenegrin is kept by CLDR as Serbian of Montenegro"),
    ("fa", TWELVE, "fa-AF", "Persian as written in Kabul"),
    ("prs", TWELVE, "fa-AF", "Dari's own code"),
    ("tg", TWELVE, "en", "Tajik is Persian in Cyrillic letters, another language here"),
    ("pbt", TWELVE, "ps", "Southern Pashto belongs to the macro-language"),
    ("ps-PK", TWELVE, "ps", "Pashto across the border"),
    ("pt-BR", TWELVE, "pt", "the likely form of Portuguese"),
    ("pt-PT", TWELVE, "pt", "and the other one"),
    ("pt-AO", TWELVE, "pt", "Portuguese of Angola"),
    ("fr-CD", TWELVE, "fr", "French of the Congo"),
    ("ln", TWELVE, "en", "Lingala is not French"),
    ("fuc", TWELVE, "en", "Pulaar is no dialect of anything here"),
    ("umb", TWELVE, "en", "Umbundu is not Portuguese"),
    ("my-MM", TWELVE, "my", "Burmese of Myanmar"),
    ("shn", TWELVE, "en", "Shan is written in Burmese letters, and is not Burmese"),
    ("ksw", TWELVE, "en", "nor is Karen"),
    ("km-KH", TWELVE, "km", "Khmer of Cambodia"),
    ("vi", TWELVE, "en", "Vietnamese is not Khmer, though it is spoken next door"),
    ("ps-Latn", TWELVE, "en", "Pashto in another script"),
    ("haz", TWELVE, "en", "Hazaragi is near to Dari, and nobody has said that its readers are served by it"),
    ("ur", TWELVE, "en", "Urdu is neither Pashto nor Dari"),
    ("fa-IR", TWELVE, "fa-AF", "Persian of Iran: the same language in print"),
    ("km", OURS, "en", "Khmer is shown English by CLDR's list; here it is only the default"),
    ("zh-TW", ("en", "zh"), "en", "traditional characters are another script"),
    ("nb", ("en", "no"), "en", "not one of our macro-languages: nothing is guessed about it"),
    ("mo", ("en", "ro"), "ro", "a withdrawn code for the same language"),
    ("iw", ("en", "he"), "he", "as above"),
    ("und-UA", OURS, "en", "a territory is no language"),
    ("und-Cyrl", OURS, "en", "nor is a script"),
    ("x-klingon", OURS, "en", "private tags mean nothing here"),
    ("zxx", OURS, "en", "no linguistic content"),
    ("", OURS, "en", "nothing was asked for"),
    ("ua", OURS, "en", "a territory's code is no language's, however often it is mistaken for one"),
]


@pytest.mark.parametrize(("wanted", "offered", "shown", "why"), PAIRS)
def test_a_wish_is_answered_in_its_own_language_or_the_default(
    wanted: str, offered: tuple[str, ...], shown: str, why: str
) -> None:
    assert rules.choose([wanted], among=offered, default="en", near={}) == shown, why


def test_the_first_wish_that_can_be_met_wins_over_a_nearer_later_one() -> None:
    assert rules.choose(["pl", "arz", "en"], among=OURS, default="uk", near={}) == "ar"


def test_a_later_wish_comes_before_another_language_that_is_only_allowed() -> None:
    near = rules.parse_near(["rue:uk"])
    assert rules.choose(["rue", "es"], among=OURS, default="en", near=near) == "es"
    assert rules.choose(["rue", "pl"], among=OURS, default="en", near=near) == "uk"


def test_an_allowed_language_is_shown_one_way_only() -> None:
    near = rules.parse_near(["uk:ru"])
    assert rules.choose(["uk"], among=("en", "ru"), default="en", near=near) == "ru"
    assert rules.choose(["ru"], among=("en", "uk"), default="en", near=near) == "en"


@pytest.mark.parametrize("pair", ["hr:bs", "sr:bs", "hr:bs-Cyrl"])
def test_no_setting_shows_bosnian_to_who_asked_for_croatian_or_serbian(pair: str) -> None:
    with pytest.raises(ValueError, match="never allowed"):
        rules.parse_near([pair])


@pytest.mark.parametrize("pair", ["uk", "uk:", ":ru", "uk:klingon", "uk-UA:ru", "uk>ru"])
def test_a_pair_that_names_no_two_languages_is_refused(pair: str) -> None:
    with pytest.raises(ValueError, match="two languages"):
        rules.parse_near([pair])


def test_even_a_bosnian_default_is_not_shown_to_who_asked_for_croatian() -> None:
    assert rules.choose(["hr"], among=("en", "bs"), default="bs", near={}) == "en"
    assert rules.choose(["hr", "bs"], among=("en", "bs"), default="en", near={}) == "bs"
    assert rules.choose(["hr"], among=("bs",), default="bs", near={}) == "bs", "an answer must be given"


def test_where_the_default_is_not_to_be_had_the_first_offer_is_taken() -> None:
    assert rules.choose(["pl"], among=("ru", "uk"), default="en", near={}) == "ru"


HEADERS = [
    ("uk", ("uk",), ()),
    ("uk-UA,uk;q=0.9,en;q=0.8", ("uk-UA", "uk", "en"), ()),
    ("en;q=0.2, uk;q=0.9, ru;q=0.5", ("uk", "ru", "en"), ()),
    ("ar, en", ("ar", "en"), ()),
    ("uk;q=1.000", ("uk",), ()),
    ("uk, ru;q=0", ("uk",), ("ru",)),
    ("*", (), ()),
    ("uk;q=0.5, *;q=0.1", ("uk",), ()),
    ("uk;q=2, es", ("es",), ()),
    ("uk;q=-1, es", ("es",), ()),
    ("uk;level=1, es", ("es",), ()),
    ("", (), ()),
    (",,,", (), ()),
    ("ünsinn, es", ("es",), ()),
    ("es , uk ; q=0.5", ("es", "uk"), ()),
]


@pytest.mark.parametrize(("header", "tags", "refused"), HEADERS)
def test_accept_language_is_read_by_rfc_9110(header: str, tags: tuple[str, ...], refused: tuple[str, ...]) -> None:
    assert rules.parse_accept_language(header) == rules.Wishes(tags, frozenset(refused))


def test_only_the_first_ranges_of_an_endless_header_are_read() -> None:
    header = ",".join(["pl"] * rules.MAX_RANGES + ["uk"])
    assert rules.parse_accept_language(header).tags == ("pl",)


def test_a_refused_language_is_left_out_with_its_territories() -> None:
    assert rules.acceptable(["en", "en-GB", "uk", "ru"], {"en", "ru-RU"}) == ("uk", "ru")


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("uk_UA", "uk-UA"),
        ("SR-latn-rs", "sr-Latn-RS"),
        ("uk-Cyrl", "uk"),
        ("ar-EG-u-nu-latn", "ar-EG"),
        ("en-x-me", "en"),
        ("eng", "en"),
        ("hbs", "sr-Latn"),
        ("sl-rozaj", "sl"),
        ("zh-cmn", "zh"),
    ],
)
def test_a_tag_is_normalised_and_says_no_more_than_it_must(given: str, normal: str) -> None:
    assert rules.known(given) == normal


@pytest.mark.parametrize(
    "tag", ["", "x", "und", "mul", "mis", "zxx", "qaa", "qtz", "ua", "xx", "en_", "-", "en--GB", "e" * 40, "en\n", "ук"]
)
def test_what_names_no_language_is_unknown(tag: str) -> None:
    assert rules.known(tag) is None


def test_a_very_long_tag_of_many_parts_is_refused_before_it_is_parsed() -> None:
    assert rules.known("a-" * 5000 + "a") is None


def test_strangers_cannot_fill_the_memory_with_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MEMORY", 200)
    for number in range(1000):
        rules.known(f"en-a{number:04}")
        rules.known(f"uk-x-{number:04}")
    assert len(langcodes.Language._INSTANCES) <= 200 + 10
    assert len(langcodes.Language._PARSE_CACHE) <= 200 + 10
