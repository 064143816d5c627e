"""Reading and writing PO files: what two readers could read differently is refused with file, line and remedy."""

from dataclasses import replace
from pathlib import Path

import pytest

from service.i18n import po

GOOD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
ENTRY = 'msgctxt "a.b"\nmsgid "Stop."\nmsgstr "Стій."\n'


def read(tmp_path: Path, raw: str | bytes) -> tuple[po.Translation, ...]:
    path = tmp_path / "surefoot.po"
    path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    return po.read(path)


def test_an_entry_is_read_with_its_notes_remarks_and_flags(tmp_path: Path) -> None:
    raw = GOOD + "# from Olha\n#. short\n#, fuzzy\n" + ENTRY
    assert read(tmp_path, raw) == (
        po.Translation("a.b", "Stop.", "Стій.", fuzzy=True, notes=("short",), remarks=("from Olha",)),
    )


def test_an_obsolete_entry_and_the_previous_english_are_not_entries(tmp_path: Path) -> None:
    raw = GOOD + '#| msgid "Halt."\n' + ENTRY + '\n#~ msgctxt "a.old"\n#~ msgid "Go."\n#~ msgstr "Йди."\n'
    assert [entry.id for entry in read(tmp_path, raw)] == ["a.b"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (GOOD + 'msgctxt "a"\nmsgid Stop.\nmsgstr "x"\n', "line 6"),
        (GOOD + 'msgctxt "a"\nmsgid "Stop."\nmsgstr "x\n', "line 7"),
        (GOOD + 'msgctxt "a"\nmsgid "Stop." oops\nmsgstr "x"\n', "line 6"),
        (GOOD + 'msgctxt "a"\nmsgid "Stop."\n', "missing msgstr"),
        (GOOD + ENTRY + "\n" + ENTRY, "twice"),
        (GOOD + 'msgid "Stop."\nmsgstr "x"\n', "without msgctxt"),
        (GOOD + 'msgctxt "a"\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "x"\nmsgstr[1] "y"\n', "plural"),
        (GOOD + "<<<<<<< HEAD\n" + ENTRY, "line 5"),
        ('"stray"\n', "line 1"),
        (GOOD.encode() + "msgctxt".encode("utf-16"), "UTF-8"),
        ((GOOD + ENTRY).encode("cp1251"), "UTF-8"),
    ],
)
def test_a_bad_file_is_refused_with_a_place_a_reason_and_a_remedy(
    tmp_path: Path, raw: str | bytes, reason: str
) -> None:
    with pytest.raises(po.BadCatalogue) as refused:
        read(tmp_path, raw)
    assert reason in refused.value.finding.reason
    assert refused.value.finding.file.endswith("surefoot.po")
    assert refused.value.finding.remedy


def test_a_huge_file_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    with pytest.raises(po.BadCatalogue, match="larger"):
        read(tmp_path, b"#" * (po.MOST_BYTES + 1))


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(po.BadCatalogue, match="cannot be read"):
        po.read(tmp_path / "no.po")


def test_what_was_written_is_read_back_and_written_again_to_the_same_bytes(tmp_path: Path) -> None:
    entries = (
        po.Translation("a.long", "Go back. " * 40, 'Назад "так" \\ ' * 30, notes=("n" * 30 + " " + "m" * 90,)),
        po.Translation("b", "Stop.", "", remarks=("why",)),
        po.Translation("c", "Call {number}.", "{number}", fuzzy=True),
    )
    path = po.path_of(tmp_path, "uk")
    po.write(path, "uk", entries)
    first, again = path.read_bytes(), po.read(path)
    po.write(path, "uk", again)
    assert path.read_bytes() == first
    assert [(e.id, e.english, e.text, e.fuzzy, e.remarks) for e in again] == [
        (e.id, e.english, e.text, e.fuzzy, e.remarks) for e in entries
    ]


def test_a_written_file_names_nobody_and_no_time(tmp_path: Path) -> None:
    path = po.path_of(tmp_path, "uk")
    po.write(path, "uk", ())
    text = path.read_text("utf-8")
    assert "Date" not in text
    assert "@" not in text
    assert "Translator" not in text


def test_without_notes_the_same_texts_are_read_and_faults_have_the_same_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.po"
    entries = [
        po.Translation("a", "Stop.", "Стій.", notes=("a note",), remarks=("a remark",)),
        po.Translation("b", "Go.", "Іди.", fuzzy=True, notes=("another",)),
        po.Translation("c", "Wait.", "", remarks=("nobody knows",)),
    ]
    po.write(path, "uk", entries)
    path.write_text(path.read_text("utf-8") + '\n# old\n#~ msgctxt "z"\n#~ msgid "Old."\n#~ msgstr "Старе."\n', "utf-8")
    whole, bare = po.read(path), po.read(path, notes=False)
    assert [replace(one, notes=(), remarks=()) for one in whole] == list(bare)
    path.write_text(path.read_text("utf-8") + '\n#. a note\nmsgctxt "d"\nmsgid broken\n', "utf-8")
    said = []
    for notes in (True, False):
        with pytest.raises(po.BadCatalogue) as bad:
            po.read(path, notes=notes)
        said.append(bad.value.finding)
    assert said[0] == said[1]
