"""What no package may hold: anything that a browser, reader or platform would look for outside of it."""

# Read as the programs read it that open a package: markup by its tags, styles with their escapes undone, scripts as
# text. Names of XML namespaces look like addresses and are none; they are allowed by name, where nothing is loaded.

import posixpath
import re
import zipfile
import zlib
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import unquote, unquote_to_bytes
from xml.parsers import expat

from service.kit.errors import Fault, Kind, Refused
from service.lessons.model import File

MOST_BYTES = 2_000_000
NAMES = frozenset(
    {
        "http://www.w3.org/1999/xhtml",
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://www.w3.org/XML/1998/namespace",
        "http://www.idpf.org/2007/opf",
        "http://www.idpf.org/2007/ops",
        "http://purl.org/dc/elements/1.1/",
        "http://purl.org/dc/terms/",
        "http://schema.org/",
        "http://www.daisy.org/z3986/2005/ncx/",
        "http://www.imsproject.org/xsd/imscp_rootv1p1p2",
        "http://www.imsglobal.org/xsd/imsmd_rootv1p2p1",
        "http://www.adlnet.org/xsd/adlcp_rootv1p2",
    }
)
LOADS = frozenset(
    (
        *("action", "archive", "background", "cite", "classid", "code", "codebase", "data", "dynsrc", "formaction"),
        *(
            "href",
            "icon",
            "imagesrcset",
            "longdesc",
            "lowsrc",
            "manifest",
            "ping",
            "poster",
            "profile",
            "src",
            "srcset",
        ),
        *("usemap", "xlink:href", "xml:base", "xsi:schemalocation", "full-path"),
    )
)
"""Attributes by which something is loaded, or a page is left."""
SETS = frozenset({"imagesrcset", "ping", "srcset", "xsi:schemalocation"})
PICTURES = ("image/svg+xml", "text/html", "application/xhtml+xml")
HTML = frozenset({"html", "htm"})
XML = frozenset({"xml", "xhtml", "svg", "opf", "ncx"})
TEXTS = frozenset({"json", "txt", "js", "gift"})
INERT = frozenset({"woff2", "png", "jpg", "jpeg", "webp", "opus", "ogg", "mp3"})
ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://(?:[\w%]|\[[0-9a-f]*:)[^\s\"'<>)]*", re.IGNORECASE)
HOST_ALONE = re.compile(r"[\"'(=]\s*//\w[\w-]*(?:\.[\w-]+|:\d)")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
DATA = re.compile(r"data:(?P<kind>[\w.+/-]*)(?P<more>[^,]*),(?P<content>.*)", re.IGNORECASE | re.DOTALL)
STYLE_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})\s?", re.IGNORECASE)
SCRIPT_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\})", re.IGNORECASE)
STYLE_URL = re.compile(r"(?:url|src)\(\s*([\"']?)(.*?)\1\s*\)", re.IGNORECASE | re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
DEEDS = re.compile(rb"/(?:URI|GoToR|GoToE|Launch|SubmitForm|ImportData|JavaScript|JS)\b")

Found = Iterator[str]


def external(files: Mapping[str, bytes]) -> list[str]:
    """Return a finding for everything in a package's files that leads out of them; empty is as it should be."""
    return [
        f"{path}: {found}" for path, content in files.items() for found in dict.fromkeys(_file(path, content, files))
    ]


def checked(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return the files as they are. Refused `external-reference` names each file and what it refers to."""
    found = external(files)
    if found:
        remedy = "Take it out: a package is used without a network, and tells nobody who reads it."
        faults = [Fault(where, what, remedy) for where, what in (one.split(": ", 1) for one in found)]
        detail = f"A package refers to something outside of it: {found[0]}"
        raise Refused(Kind.INVALID, "external-reference", detail, remedy=remedy, faults=faults)
    return files


def refuse_external(file: File) -> None:
    """Look through one file of a package, archives too. Refused as `checked`, or `package-too-large`."""
    if len(file.content) > MOST_BYTES:
        detail = f"{file.name} has {len(file.content)} bytes, more than {MOST_BYTES}."
        raise Refused(Kind.TOO_LARGE, "package-too-large", detail, remedy="Split the course, or use smaller pictures.")
    if not zipfile.is_zipfile(BytesIO(file.content)):
        checked({file.name: file.content})
        return
    with zipfile.ZipFile(BytesIO(file.content)) as archive:
        checked({one.filename: archive.read(one) for one in archive.infolist()})


def _file(path: str, content: bytes, files: Mapping[str, bytes]) -> Found:
    suffix = posixpath.basename(path).lower().rpartition(".")[2]
    if suffix in INERT:
        return
    if suffix == "pdf":
        yield from _pdf(content)
        return
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield "is no UTF-8"
        return
    if suffix in HTML:
        yield from _html(text, _Package(path, files))
    elif suffix in XML:
        yield from _xml(content, _Package(path, files))
    elif suffix == "css":
        yield from _style(text, _Package(path, files))
    elif suffix in TEXTS or path == "mimetype":
        yield from _text(text)
    else:
        yield "is of a kind that nobody knows here"


class _Package:
    """The files that a reference in one of them may lead to."""

    def __init__(self, path: str, files: Mapping[str, bytes]) -> None:
        self.path, self.files = path, files

    def reference(self, value: str) -> Found:
        """Judge one reference, as a browser reads it: spaces around it and line ends inside it count for nothing."""
        target = re.sub(r"[\t\r\n]", "", value).strip("\x00 ")
        data = DATA.fullmatch(target)
        if data:
            yield from self._data(data)
        elif SCHEME.match(target) or target.replace("\\", "/").startswith("/"):
            yield f"refers to {target[:80]!r}"
        elif target and not target.startswith("#"):
            inside = unquote(re.split(r"[?#]", target)[0])
            folder = "" if self.path.startswith("META-INF/") else posixpath.dirname(self.path)
            if posixpath.normpath(posixpath.join(folder, inside)) not in self.files:
                yield f"refers to {target[:80]!r}, which is not in the package"

    def _data(self, data: re.Match[str]) -> Found:
        if data["kind"].lower() not in PICTURES:
            return
        try:
            inside = b64decode(data["content"]) if ";base64" in data["more"] else unquote_to_bytes(data["content"])
        except BadBase64:
            yield "holds data that nobody can read"
            return
        yield from _xml(inside, self)


class _Reader(HTMLParser):
    """Reads markup as a browser does, and keeps what is found."""

    def __init__(self, package: _Package) -> None:
        super().__init__(convert_charrefs=True)
        self.package, self.found, self.inside = package, list[str](), ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag if tag in self.CDATA_CONTENT_ELEMENTS else ""
        self.found += _tag(tag, {name: value or "" for name, value in attrs}, self.package)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.inside = ""

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the library's name
        self.inside = ""

    def handle_data(self, data: str) -> None:
        self.found += _style(data, self.package) if self.inside == "style" else _text(data)

    def handle_comment(self, data: str) -> None:
        self.found += _text(data)

    def handle_decl(self, decl: str) -> None:
        if decl.lower().strip() != "doctype html":
            self.found.append(f"has the document type {decl[:60]!r}")


def _html(text: str, package: _Package) -> list[str]:
    reader = _Reader(package)
    reader.feed(text)
    reader.close()
    return reader.found


def _xml(content: bytes, package: _Package) -> list[str]:
    """Read XML without fetching anything; text inside that is markup itself is read as such."""
    found, texts = list[str](), list[str]()
    reader = expat.ParserCreate()
    reader.StartElementHandler = lambda tag, attrs: found.extend(_tag(tag, attrs, package))
    reader.CharacterDataHandler = texts.append
    reader.CommentHandler = lambda text: found.extend(_text(text))
    reader.ProcessingInstructionHandler = lambda target, _: found.append(f"has an instruction {target[:40]!r}")
    reader.StartDoctypeDeclHandler = lambda _, system, public, inner: (
        found.append(f"has a document type of its own, {system or public or 'inside'!r}")
        if system or public or inner
        else None
    )
    reader.EntityDeclHandler = lambda name, *_: found.append(f"declares the entity {name[:40]!r}")
    try:
        reader.Parse(content, True)
    except expat.ExpatError as error:
        found.append(f"is no XML: {error}")
    inner = "".join(texts)
    return [*found, *(_html(inner, package) if "</" in inner else _style(inner, package))]


def _tag(tag: str, attributes: Mapping[str, str], package: _Package) -> Found:
    name = tag.lower().rpartition(":")[2]
    if name == "base":
        yield "moves its references elsewhere (<base>)"
    if name == "meta" and attributes.get("http-equiv", "").lower() == "refresh":
        yield "leads elsewhere after a while (<meta refresh>)"
    for key, value in attributes.items():
        yield from _attribute(key.lower(), value, package)


def _attribute(key: str, value: str, package: _Package) -> Found:
    if key in SETS:
        for one in re.split(r"[\s,]+", value) if not value.startswith("data:") else [value]:
            if not re.fullmatch(r"[\d.]+[wxh]|", one):
                yield from package.reference(one)
    elif key in LOADS:
        yield from package.reference(value)
    elif key == "srcdoc":
        yield from _html(value, package)
    else:
        yield from _style(value, package)


def _style(text: str, package: _Package) -> Found:
    whole = STYLE_ESCAPE.sub(_letter, text)
    for plain in dict.fromkeys((whole, COMMENT.sub("", whole))):
        if re.search(r"@import\b", plain, re.IGNORECASE):
            yield "loads another style (@import)"
        for one in STYLE_URL.finditer(plain):
            yield from package.reference(one[2])
        yield from _text(plain)


def _text(text: str) -> Found:
    plain = SCRIPT_ESCAPE.sub(_letter, text).replace("\\/", "/").replace('\\"', '"')
    for one in ADDRESS.finditer(plain):
        if one[0] not in NAMES:
            yield f"names {one[0][:80]!r}"
    for one in HOST_ALONE.finditer(plain):
        yield f"names {one[0][:80]!r}"


def _letter(escape: re.Match[str]) -> str:
    number = int(next(filter(None, escape.groups())), 16)
    return chr(number) if number <= 0x10FFFF else ""  # noqa: PLR2004 - the last letter of Unicode


def _pdf(content: bytes) -> Found:
    """Look for deeds of a PDF that leave it; streams may hide them."""
    for part in (content, *_inflated(STREAM.findall(content))):
        for one in DEEDS.finditer(part):
            yield f"holds {one[0].decode()}"


def _inflated(streams: Iterable[bytes]) -> Iterator[bytes]:
    for one in streams:
        try:
            yield zlib.decompressobj().decompress(one, MOST_BYTES)
        except zlib.error:
            continue  # not every stream is deflated: pictures and fonts
