"""The table of plural forms, number by number: where gettext and CLDR differ, this is what holds."""

from pathlib import Path

import pytest
from babel import Locale

from service.i18n import plurals, po

COUNTS = (0, 1, 2, 3, 5, 10, 11, 12, 14, 21, 22, 100, 101, 111, 1_000_000)
SLAVIC = "many one few few many many many many many one few many one many many"
TABLE = {
    "en": "other one other other other other other other other other other other other other other",
    "uk": SLAVIC,
    "ru": SLAVIC,
    "es": "other one other other other other other other other other other other other other other",
    "fr": "one one other other other other other other other other other other other other other",
    "ar": "zero one two few few few many many many many many other other many other",
    "pt": "other one other other other other other other other other other other other other other",
    "bs": SLAVIC.replace("many", "other"),
    "bs-Cyrl": SLAVIC.replace("many", "other"),
    "fa-AF": "one one other other other other other other other other other other other other other",
    "ps": "other one other other other other other other other other other other other other other",
    "km": "other " * 15,
    "my": "other " * 15,
}
APART = {("es", 1_000_000): "many", ("fr", 1_000_000): "many", ("pt", 1_000_000): "many", ("pt", 0): "one"}
"""What CLDR says otherwise of whole numbers; the file of the table says why gettext's holds."""


@pytest.mark.parametrize("tag", TABLE)
def test_each_number_takes_the_form_that_is_written_down(tag: str) -> None:
    forms = plurals.forms(tag)
    assert forms is not None
    assert [forms.of(count) for count in COUNTS] == TABLE[tag].split()


@pytest.mark.parametrize("tag", TABLE)
def test_cldr_agrees_but_where_it_is_said_that_it_does_not(tag: str) -> None:
    forms, rule = plurals.forms(tag), Locale.parse(tag, sep="-").plural_form
    assert forms is not None
    differ = {(tag, count): rule(count) for count in COUNTS if rule(count) != forms.of(count)}
    assert differ == {key: name for key, name in APART.items() if key[0] == tag}


@pytest.mark.parametrize(
    ("tag", "header", "fault"),
    [
        ("uk", "nplurals=2; plural=(n != 1);", "has 2 plural forms, the language has 3"),
        ("es", "nplurals=3; plural=n == 1 ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2;", "has 3"),
        ("fr", "nplurals=2; plural=(n != 1);", "gives 0 another plural form"),
        ("uk", "nplurals=3; plural=__import__('os');", "cannot be read"),
        ("uk", "", "cannot be read"),
        ("uk", "nplurals=3; plural=(n %);", "cannot be read"),
        ("uk", "nplurals=3; plural=n % 0;", "cannot be read"),
        ("de", "anything", ""),
        ("fr", "nplurals=2; plural=n>1;", ""),
        (
            "ru",
            "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
            "",
        ),
    ],
)
def test_a_header_that_counts_otherwise_is_found_and_another_spelling_is_not(tag: str, header: str, fault: str) -> None:
    found = plurals.fault(header, tag)
    assert fault in found
    assert bool(found) is bool(fault)


@pytest.mark.parametrize("tag", TABLE)
def test_a_catalogue_is_written_with_the_forms_of_the_table(tag: str, tmp_path: Path) -> None:
    path = po.path_of(tmp_path, tag)
    po.write(path, tag, [po.Translation("a.b", "Stop.", "x")])
    assert plurals.fault(po.header_of(path, "Plural-Forms"), tag) == ""
    assert po.header_of(path, "MIME-Version") == "1.0"
    assert len(po.read(path)) == 1
