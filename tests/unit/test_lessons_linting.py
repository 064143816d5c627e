"""Packages refer to nothing outside of them, however it is written; names of XML are no references."""

import base64
import io
import zipfile
import zlib

import pytest

from service.kit.errors import Refused
from service.lessons import linting
from service.lessons.model import File

SVG = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
PACKED = base64.b64encode(SVG.format('<image href="https://x.example/a"/>').encode()).decode()
BAD = {
    "a.html": [
        '<a href="https://x.example">x</a>',
        '<a href="//x.example/a">x</a>',
        '<a href=" ht\ntps:x.example">x</a>',
        '<a href="\\\\x.example\\a">x</a>',
        '<a href="javascript:fetch(1)">x</a>',
        '<a href="mailto:who@x.example">x</a>',
        '<a href="/v1/lessons">x</a>',
        '<a href="../elsewhere.html">x</a>',
        '<a href="absent.html">x</a>',
        '<img srcset="b.png 1x, https://x.example/b.png 2x">',
        '<img src="http:&#47;&#47;x.example/b.png">',
        '<base href="other/">',
        '<meta http-equiv="Refresh" content="0; url=b.html">',
        '<form action="https://x.example/post"></form>',
        '<a ping="https://x.example/p" href="b.html">x</a>',
        '<iframe srcdoc="&lt;img src=https://x.example&gt;"></iframe>',
        '<p style="background: url(https://x.example/a.png)">x</p>',
        "<p onclick=\"fetch('https://x.example')\">x</p>",
        "<style>@import 'b.css';</style>",
        "<style>p { background: u\\72l(//x.example/a.png) }</style>",
        "<style>p { background: url(ht/**/tps://x.example/a.png) }</style>",
        "<script>fetch('https://x.example/collect')</script>",
        "<script>fetch('https:\\/\\/x.example')</script>",
        "<script>fetch('\\x68ttps://x.example')</script>",
        "<script>fetch('//x.example/collect')</script>",
        "<script>new WebSocket('wss://x.example')</script>",
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0" "x.dtd"><p>x</p>',
        f'<img src="data:image/svg+xml;base64,{PACKED}">',
        "<!-- https://x.example -->",
        "<p>See https://x.example</p>",
    ],
    "a.css": [
        "@import url(b.css);",
        "p { src: url('https://x.example/f.woff2') }",
        'p { cursor: src("//x.example/c.cur") }',
    ],
    "a.svg": [
        SVG.format('<use href="https://x.example/a.svg#b"/>'),
        SVG.format('<image xlink:href="http://x.example/a.png" xmlns:xlink="http://www.w3.org/1999/xlink"/>'),
        SVG.format("<style>@import url(b.css)</style>"),
        '<?xml-stylesheet href="b.css"?>' + SVG.format(""),
        '<!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + SVG.format("&e;"),
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">' + SVG.format(""),
        '<svg xmlns="http://www.w3.org/2000/svg">',
    ],
    "a.xml": [
        '<m xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://x.example/a a.xsd"/>',
        '<m xmlns="http://x.example/unknown"/>',
        "<m>&lt;p&gt;&lt;img src='https://x.example/a.png'/&gt;&lt;/p&gt;</m>",
    ],
    "a.json": ['{"more": "https://x.example"}', '{"more": "https:\\/\\/x.example"}'],
    "a.txt": ["::q:: See http://x.example {T}"],
    "a.pdf": ["%PDF-1.7\n<< /A << /S /URI /URI (https://x.example) >> >>"],
    "a.exe": ["MZ"],
}
GOOD = {
    "a.html": [
        '<!doctype html><a href="b.html#part">x</a><a href="#here">x</a><img src="data:image/png;base64,AAAA">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; connect-src https:">',
        '<input type="url" pattern="https://.+">',
        "<script>if (/^https:\\/\\/[^\\s/]+/.test(a)) { b(); } // and so on</script>",
        "<p>Stop: go back, and tell. 1 // 2</p>",
        '<svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/></svg>',
    ],
    "a.svg": [SVG.format('<path fill="url(#a)"/>')],
    "a.xml": ['<manifest xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"><file href="b.html"/></manifest>'],
    "a.css": ["p { background: url(b.png); src: url(data:font/woff2;base64,AAAA) }"],
}
BESIDE = {"b.html": b"", "b.png": b"", "b.css": b""}


@pytest.mark.parametrize(("path", "text"), [(path, text) for path, texts in BAD.items() for text in texts])
def test_whatever_leads_out_of_a_package_is_found(path: str, text: str) -> None:
    found = linting.external({path: text.encode(), **BESIDE})
    assert found
    assert all(one.startswith(f"{path}: ") for one in found)


@pytest.mark.parametrize(("path", "text"), [(path, text) for path, texts in GOOD.items() for text in texts])
def test_what_stays_inside_is_let_through(path: str, text: str) -> None:
    assert linting.external({path: text.encode(), **BESIDE}) == []


def test_a_reference_hidden_in_a_pdfs_stream_is_found() -> None:
    hidden = zlib.compress(b"<< /S /URI /URI (https://x.example) >>")
    assert linting.external({"a.pdf": b"%PDF-1.7\nstream\r\n" + hidden + b"\r\nendstream"}) != []


def test_an_archive_is_looked_through_and_each_finding_has_its_file() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("in/a.html", "<img src='https://x.example/t.gif'>")
    with pytest.raises(Refused) as refused:
        linting.refuse_external(File("a.zip", "application/zip", out.getvalue()))
    assert refused.value.name == "external-reference"
    assert [(one.where, bool(one.remedy)) for one in refused.value.faults] == [("in/a.html", True)]


def test_a_package_of_more_than_two_megabytes_is_refused() -> None:
    with pytest.raises(Refused, match="2000001 bytes") as refused:
        linting.refuse_external(File("a.png", "image/png", bytes(2_000_001)))
    assert refused.value.name == "package-too-large"


def test_files_without_a_finding_come_back_as_they_are() -> None:
    assert linting.checked(BESIDE) == BESIDE
