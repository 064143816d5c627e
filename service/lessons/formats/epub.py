"""A course as EPUB 3: a book for phones and tablets without a network, readable by ear as well as by eye."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from service.kit import fonts
from service.kit.archives import zipped
from service.lessons.formats import epub_pages as pages
from service.lessons.formats.markup import TALL
from service.lessons.model import File
from service.lessons.said import SaidCourse

MEDIA_TYPE = "application/epub+zip"
OPF = "http://www.idpf.org/2007/opf"
_NAMESPACE = uuid.UUID("6a7c9f0e-1d0b-5c0e-9a3f-5d5b1f6b1a10")
"""Ours, for the names of books: the same revision is the same book everywhere."""

FEATURES = ("alternativeText", "readingOrder", "structuralNavigation", "tableOfContents", "displayTransformability")

CONTAINER = b"""<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
STYLE = """
body { font-family: FAMILIES; line-height: 1.5; margin: 0 4%; color: #000; background: #fff; }
h1, h2, h3 { line-height: 1.25; break-after: avoid; }
img { display: block; width: 9em; max-width: 60%; height: auto; margin: 0.5em 0; }
svg { width: 100%; height: auto; }
figure { margin: 1em 0; }
figcaption, footer { font-size: 0.85em; }
footer { border-top: 1px solid #000; margin-top: 2em; }
.notice { border: 2px solid #000; padding: 0.5em; font-weight: bold; }
.key { font-size: 1.2em; font-weight: bold; }
.message { break-inside: avoid; }
"""
TALLER = "body { line-height: 1.8; }\nh1, h2, h3 { line-height: 1.65; }\n"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the book: its id, its title, its bytes, whether it stands one deeper in the table of contents."""

    id: str
    title: str
    content: bytes
    under: bool
    drawn: bool


def make(course: SaidCourse) -> tuple[File, ...]:
    """Return the book, the same bytes from the same edition."""
    written = list(_pages(course))
    letters = "".join(page.content.decode() for page in written)
    found = fonts.woff2(course.language, letters)
    files = {"mimetype": MEDIA_TYPE.encode(), "META-INF/container.xml": CONTAINER}
    files["EPUB/book.opf"] = _package(course, written, found)
    files["EPUB/contents.xhtml"] = _contents(course, written)
    files |= {f"EPUB/{page.id}.xhtml": page.content for page in written}
    files["EPUB/book.css"] = (_style(found) + (TALLER if course.language in TALL else "")).encode()
    files |= {f"EPUB/pictures/{name}.svg": one.content for name, one in sorted(course.drawings.items())}
    files |= {f"EPUB/{_font_path(number)}": one.content for number, one in enumerate(found)}
    archive = zipped(files, day=course.day, stored="mimetype")
    return (File(f"{course.name}.epub", MEDIA_TYPE, archive),)


def _pages(course: SaidCourse) -> Iterator[Page]:
    yield Page(
        "front", course.title, pages.page(course, course.title, pages.front(course), kind="frontmatter"), False, False
    )
    for lesson in course.lessons:
        key, title = lesson.of.id, lesson.title
        drawn = lesson.board is not None
        read = pages.page(course, title, pages.pupils(course, lesson), kind="bodymatter")
        yield Page(f"{key}-lesson", title, read, False, drawn)
        for part, body in (("answers", pages.answers), ("guide", pages.teachers)):
            label = course.labels[part]
            content = pages.page(course, f"{title} · {label}", body(course, lesson), kind="bodymatter")
            yield Page(f"{key}-{part}", label, content, True, False)


def _package(course: SaidCourse, written: list[Page], found: tuple[fonts.Font, ...]) -> bytes:
    tongue = f'xml:lang="{course.language}" dir="{course.direction}"'
    said = "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<package xmlns="{OPF}" version="3.0" unique-identifier="id" {tongue}>',
            *_metadata(course),
            "<manifest>",
            '<item id="contents" href="contents.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
            *(_item(page) for page in written),
            '<item id="style" href="book.css" media-type="text/css"/>',
            *(
                f'<item id="picture-{name}" href="pictures/{name}.svg" media-type="image/svg+xml"/>'
                for name in sorted(course.drawings)
            ),
            *(
                f'<item id="font-{number}" href="{_font_path(number)}" media-type="font/woff2"/>'
                for number in range(len(found))
            ),
            "</manifest>",
            f'<spine page-progression-direction="{course.direction}">',
            '<itemref idref="page-front"/>',
            '<itemref idref="contents"/>',
            *(f'<itemref idref="page-{page.id}"/>' for page in written[1:]),
            "</spine>",
            "</package>",
        ]
    )
    return (said + "\n").encode()


def _metadata(course: SaidCourse) -> Iterator[str]:
    yield '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
    yield f'<dc:identifier id="id">urn:uuid:{uuid.uuid5(_NAMESPACE, course.name)}</dc:identifier>'
    yield f"<dc:title>{escape(course.title)}</dc:title>"
    yield f"<dc:language>{course.language}</dc:language>"
    yield "<dc:publisher>Surefoot</dc:publisher>"
    yield f"<dc:description>{escape(' '.join((course.summary, *course.notices, course.caveat)))}</dc:description>"
    yield f"<dc:rights>{escape(course.licence)}</dc:rights>"
    yield f"<dc:source>{escape(course.stamp)}</dc:source>"
    yield f"<dc:date>{course.day.isoformat()}</dc:date>"
    yield f'<meta property="dcterms:modified">{course.day.isoformat()}T00:00:00Z</meta>'
    if course.of.ages:
        yield f'<meta property="schema:typicalAgeRange">{course.of.ages[0]}-{course.of.ages[1]}</meta>'
    yield from (f'<meta property="schema:{name}">{value}</meta>' for name, value in _access(course))
    yield "</metadata>"


def _access(course: SaidCourse) -> Iterator[tuple[str, str]]:
    yield "accessMode", "textual"
    if course.drawings:
        yield "accessMode", "visual"
    yield "accessModeSufficient", "textual"
    yield from (("accessibilityFeature", feature) for feature in FEATURES)
    yield "accessibilityHazard", "none"
    yield "accessibilitySummary", "Every picture has its words beside it; nothing needs sight, sound or colour."


def _item(page: Page) -> str:
    drawn = ' properties="svg"' if page.drawn else ""
    return f'<item id="page-{page.id}" href="{page.id}.xhtml" media-type="application/xhtml+xml"{drawn}/>'


def _contents(course: SaidCourse, written: list[Page]) -> bytes:
    return pages.page(course, course.labels["contents"], _navigation(course, written), kind="frontmatter")


def _navigation(course: SaidCourse, written: list[Page]) -> Iterator[str]:
    yield f'<nav epub:type="toc" role="doc-toc"><h1>{escape(course.labels["contents"])}</h1><ol>'
    deeper = False
    for number, page in enumerate(written):
        follows = number + 1 < len(written) and written[number + 1].under
        link = f'<a href="{page.id}.xhtml">{escape(page.title)}</a>'
        if page.under or not follows:
            yield f"<li>{link}</li>"
        else:
            yield f"<li>{link}<ol>"
            deeper = True
        if deeper and not follows:
            yield "</ol></li>"
            deeper = False
    yield "</ol></nav>"
    first = written[1]
    yield f'<nav epub:type="landmarks" hidden="hidden"><h2>{escape(course.labels["contents"])}</h2><ol>'
    yield f'<li><a epub:type="toc" href="contents.xhtml">{escape(course.labels["contents"])}</a></li>'
    yield f'<li><a epub:type="bodymatter" href="{first.id}.xhtml">{escape(first.title)}</a></li>'
    yield "</ol></nav>"


def _style(found: tuple[fonts.Font, ...]) -> str:
    faces = "".join(
        f'@font-face {{ font-family: "{one.family}"; font-weight: {one.weight}; src: url("{_font_path(number)}"); }}\n'
        for number, one in enumerate(found)
    )
    families = ", ".join(dict.fromkeys(f'"{one.family}"' for one in found))
    return faces + STYLE.replace("FAMILIES", families or "sans-serif")


def _font_path(number: int) -> str:
    return f"fonts/{number}.woff2"
