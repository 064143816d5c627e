"""What a deployment adds to prints: signs, pictures, recordings; hostile until checked."""

import struct
import zlib
from pathlib import Path

import pytest

from service.config import Settings
from service.guidance import rasters, slots, svg
from service.guidance.media import OwnPicture, Sort
from service.guidance.model import Audience
from service.guidance.opening import open_guidance
from service.guidance.unfit import Unfit
from service.i18n.opening import open_catalogues
from service.kit.errors import Refused
from service.prints import actions, composing, opus
from service.prints import slots as sounds
from service.prints.model import Format, Spoken

SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{}</svg>'
GOOD = SQUARE.format('<path d="M1 1 h8 v8 z" fill="#000"/>').encode()
HOSTILE = {
    "script": SQUARE.format("<script>alert(1)</script>"),
    "a picture from elsewhere": SQUARE.format('<image href="file:///etc/passwd"/>'),
    "a link": SQUARE.format('<a href="https://example.org"><path d="M1 1"/></a>'),
    "use": SQUARE.format('<use href="#x"/>'),
    "an event": SQUARE.format('<path d="M1 1" onload="x()"/>'),
    "a style": SQUARE.format("<style>@import url(http://example.org)</style>"),
    "a colour from elsewhere": SQUARE.format('<path d="M1 1" fill="url(http://example.org)"/>'),
    "green": SQUARE.format('<path d="M1 1" fill="#0a0"/>'),
    "an entity": '<!DOCTYPE svg [<!ENTITY a "b">]>' + SQUARE.format("<title>&a;</title>"),
    "a bomb": '<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + SQUARE.format("<title>&b;</title>"),
    "a stylesheet": '<?xml-stylesheet href="x"?>' + SQUARE.format(""),
    "another language": SQUARE.format('<g xmlns="http://www.w3.org/1999/xhtml"/>'),
    "depth": SQUARE.format("<g>" * 40 + "</g>" * 40),
    "no end": "<svg",
    "no view": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "masses": SQUARE.format("<g/>" * 6_000),
}


def png(width: int = 300, height: int = 300, *more: tuple[bytes, bytes]) -> bytes:
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), *more]
    chunks += [(b"IDAT", zlib.compress(bytes((width + 1) * height))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def jpeg(*segments: tuple[int, bytes]) -> bytes:
    size = (0xC0, struct.pack(">BHHB", 8, 300, 400, 1) + b"\1\x11\0")
    told = [struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data for kind, data in (*segments, size, (0xDA, b"\0"))]
    return b"\xff\xd8" + b"".join(told) + b"dots\xff\xd9"


def ogg(seconds: float, *, head: bytes = b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0") -> bytes:
    """Return a stream of silence whose pages are whole."""
    bodies = [head, b"OpusTags" + bytes(8), *(bytes([8] * 40) for _ in range(max(1, int(seconds))))]
    stream = b""
    for number, body in enumerate(bodies):
        kind = 2 if number == 0 else 4 if number == len(bodies) - 1 else 0
        granule = int(seconds * 48_000) + 312 if number > 1 else 0
        page = struct.pack("<4sBBqIIIB", b"OggS", 0, kind, granule, 7, number, 0, 1) + bytes([len(body)]) + body
        stream += page[:22] + struct.pack("<I", opus._checksum(page)) + page[26:]
    return stream


@pytest.mark.parametrize("what", HOSTILE)
def test_a_drawing_that_does_more_than_show_shapes_is_refused(what: str) -> None:
    svg.check(GOOD)
    with pytest.raises(Unfit):
        svg.check(HOSTILE[what].encode())


def test_words_inside_a_drawing_are_left_out_and_hide_nothing() -> None:
    told = SQUARE.format('<title>Danger</title><path d="M1 1 h8"/><desc>x</desc><g><title/></g>').encode()
    assert svg.silent(told) == SQUARE.format('<path d="M1 1 h8"/><g></g>').encode()
    for hidden in ("<![CDATA[</title><script>x()</script>]]>", "<!--</title><script>x()</script>-->"):
        content = SQUARE.format(f"<title>{hidden}</title>").encode()
        svg.check(content)
        with pytest.raises(Unfit):
            svg.silent(content)


def test_a_photograph_that_is_broken_huge_or_says_where_it_was_taken_is_refused() -> None:
    assert (rasters.check(png()), rasters.check(jpeg((0xE0, b"JFIF\0")))) == ("png", "jpg")
    bad = [
        png(40_000, 40_000)[:200],
        png(20_000, 300),
        png(300, 300, (b"eXIf", b"GPS")),
        png(300, 300, (b"tEXt", b"Author\0x")),
        png()[:-6],
        png().replace(b"IDAT", b"IDAX"),
        jpeg((0xE1, b"Exif\0\0GPS")),
        jpeg((0xFE, b"by somebody")),
        jpeg()[:-2],
        b"GIF89a",
    ]
    for content in bad:
        with pytest.raises(Unfit):
            rasters.check(content)


def test_a_recording_is_opus_and_whole() -> None:
    assert opus.seconds(ogg(7)) == 7
    whole = ogg(7)
    for bad in (b"", b"OggS", whole[:-9], whole[60:], b"RIFF" + whole, ogg(7, head=b"\x01vorbis" + bytes(23))):
        with pytest.raises(Unfit):
            opus.seconds(bad)
    with pytest.raises(Unfit, match="checksum"):
        opus.seconds(whole.replace(b"OpusHead\x01", b"OpusHead\x02"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "audio").mkdir()
    return tmp_path


def describe(folder: Path, *names: str, shows: str = "sign") -> None:
    lines = [f'  "{name}":\n    shows: {shows}\n    alternative: {{uk: "Знак: трикутник з черепом"}}' for name in names]
    folder.joinpath("pictures", "pictures.yaml").write_text("pictures:\n" + "\n".join(lines), encoding="utf-8")


def test_a_deployments_own_sign_stands_on_the_sheet_about_signs_alone(folder: Path) -> None:
    folder.joinpath("pictures", "national.svg").write_bytes(GOOD)
    folder.joinpath("pictures", "local.png").write_bytes(png())
    describe(folder, "national.svg", "local.png")
    settings = Settings(guidance_media=folder)
    own, unused = actions.own_pictures(settings)
    assert ([one.name for one in own], unused) == (["national.svg", "local.png"], ())
    source = actions.source_of(settings, open_guidance(settings), open_catalogues(settings), "uk", own)
    assert b"%PDF" in actions.printed(source, "signs", Format.LEAFLET).content[:8]
    assert composing.sheet(source, "signs", Format.POSTER).own == own
    assert composing.sheet(source, "found", Format.POSTER).own == ()


def test_what_is_wrong_with_a_file_is_said_and_the_file_is_not_used(folder: Path) -> None:
    pictures = folder / "pictures"
    pictures.joinpath("bad.svg").write_text(HOSTILE["script"])
    pictures.joinpath("huge.svg").write_bytes(GOOD + b" " * 200_000)
    pictures.joinpath("link.svg").symlink_to("/etc/passwd")
    pictures.joinpath("nobody-knows.svg").write_bytes(GOOD)
    describe(folder, "bad.svg", "huge.svg", "link.svg", "gone.svg")
    own, unused = slots.pictures(folder)
    assert own == ()
    assert {one.file: one.reason.split()[0] for one in unused} == {
        "bad.svg": "holds", "huge.svg": "has", "link.svg": "is", "gone.svg": "is", "nobody-knows.svg": "is",
    }  # fmt: skip
    describe(folder, "../../etc/passwd.svg")
    assert "no name of a picture" in slots.pictures(folder)[1][0].reason


def test_a_picture_under_another_kinds_name_and_what_phones_cannot_keep_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = folder / "pictures"
    pictures.joinpath("photo.jpg").write_bytes(png())
    for name in ("one.svg", "two.svg", "three.svg"):
        pictures.joinpath(name).write_bytes(GOOD)
    describe(folder, "photo.jpg", "one.svg", "two.svg", "three.svg")
    monkeypatch.setattr(slots, "MOST_PICTURES", 2)
    own, unused = slots.pictures(folder)
    assert [one.name for one in own] == ["one.svg", "two.svg"]
    assert [(one.file, one.reason.split()[0]) for one in unused] == [("photo.jpg", "is"), ("three.svg", "is")]
    assert all(one.remedy for one in unused)


@pytest.mark.parametrize(
    ("tag", "words", "reason"),
    [
        ("uk", "Знак: тут безпечно, ідіть далі", "no danger"),
        ("my", "မသြားပါႏွင့္။ မသြားပါႏွင့္။", "Zawgyi"),
        ("uk", "Коротко", "unfit"),
        ("sw", "A sign that nobody can check here", "cannot be checked"),
    ],
)
def test_r5_the_words_of_a_deployments_picture_are_checked_as_ours_are(
    folder: Path, tag: str, words: str, reason: str
) -> None:
    lines = f'pictures:\n  "sign.svg":\n    shows: sign\n    alternative: {{{tag}: "{words}"}}\n'
    folder.joinpath("pictures", "pictures.yaml").write_text(lines, encoding="utf-8")
    folder.joinpath("pictures", "sign.svg").write_bytes(GOOD)
    own, (unused,) = slots.pictures(folder)
    assert own == ()
    assert reason in unused.reason
    assert (unused.file.startswith("pictures.yaml:"), bool(unused.remedy)) == (True, True)


def test_a_folder_that_is_none_or_a_link_is_said_and_never_passed_over(folder: Path, tmp_path: Path) -> None:
    assert slots.pictures(None) == ((), ())
    assert slots.pictures(tmp_path / "no-such")[1][0].reason == "is no plain folder"
    other = tmp_path / "other"
    other.mkdir()
    (other / "pictures").symlink_to(folder / "pictures")
    assert slots.pictures(other)[1][0].reason == "is no plain folder"


def test_recognition_is_refused_to_every_reader_under_13() -> None:
    picture = OwnPicture("shown.svg", Sort.RECOGNITION, {}, "svg", GOOD)
    slots.refuse_young(picture, {Audience.YOUTH_15_18, Audience.ADULTS, Audience.TEACHERS})
    for young in (Audience.CHILDREN_5_7, Audience.CHILDREN_8_11, Audience.YOUTH_12_14, Audience.EVERYBODY):
        with pytest.raises(Refused, match="13 and over"):
            slots.refuse_young(picture, {Audience.ADULTS, young})


def test_a_recording_whose_words_have_changed_is_listed_as_stale(folder: Path) -> None:
    said = Spoken("guidance.found.stop", "Зупиніться", 2.0, "ab" * 32)
    name = sounds.name_of(said.id, "uk", said.sha256)
    folder.joinpath("audio", name).write_bytes(ogg(3))
    folder.joinpath("audio", "guidance.found.call.uk.0123456789abcdef.opus").write_bytes(ogg(3))
    folder.joinpath("audio", "guidance.found.stop.uk.00.opus").write_bytes(ogg(3))
    folder.joinpath("audio", sounds.name_of(said.id, "uk", "cd" * 32)).write_bytes(ogg(31))
    found, unused = sounds.recordings(folder, lambda _: [said])
    assert [(one.name, one.current, one.seconds) for one in found] == [(name, True, 3)]
    assert sorted(one.reason for one in unused) == [
        "belongs to no text that is read aloud in this language",
        "is 31.0 s long, 30 are the most",
        "is not named as recordings are",
    ]
    changed = Spoken(said.id, "Стійте", 2.0, "ef" * 32)
    assert [one.current for one in sounds.recordings(folder, lambda _: [changed])[0]] == [False]
