"""The frame of a page that needs nothing beside itself: its style, scripts, fonts and pictures stand inside it."""

# A page opened from a folder has no origin, so that "self" means something else in every browser. Style and scripts
# are allowed by their hash instead, fonts and pictures as data; nothing else is, and no page can ask a network.

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from html import escape
from pathlib import Path

from service.kit import fonts
from service.kit.fonts import Font
from service.lessons.said import SaidCourse

ASSETS = Path(__file__).parent / "assets"
NOTHING = ("default-src 'none'", "base-uri 'none'", "form-action 'none'", "font-src data:", "img-src data:")
SCRIPT_WORDS = (
    *(
        "check",
        "again",
        "right",
        "wrong",
        "right_answers",
        "choose_first",
        "recorded",
        "unrecorded",
        "gain",
        "right_before",
        "right_after",
        "remove",
    ),
    *("sent", "unsent", "future", "incomplete", "kept_here", "not_kept"),
)
"""Labels that scripts say."""
TALL = frozenset({"ar", "fa-AF", "km", "my", "ps"})
"""Languages whose letters need room between lines."""
YOUNG = 7
DASH = "\u2013"
EVERYWHERE = DASH + "0123456789 .,:;/()+-%?!=_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Letters of numbers, addresses and codes, in whatever language."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its title, what stands in it, the links around it, its scripts, and whom it may send to."""

    title: str
    body: str
    nav: str = ""
    scripts: tuple[str, ...] = ()
    connects: tuple[str, ...] = ()


def written(course: SaidCourse, page: Page) -> bytes:
    """Return the page with all that every page must say: notices, caveat, licence, revision."""
    labels, script = course.labels, "\n".join(map(asset, page.scripts))
    said = json.dumps({name: labels[name] for name in SCRIPT_WORDS}, ensure_ascii=False, sort_keys=True)
    return f"""<!doctype html>
<html lang="{course.language}" dir="{course.direction}">
<head>
{_head(course, page, script)}
</head>
<body class="{" ".join(_classes(course))}" data-words="{escape(said)}">
<a class="skip" href="#text">{escape(labels["skip"])}</a>
<header>
{page.nav}
{notices(course)}
</header>
<main id="text" tabindex="-1">
<h1>{escape(page.title)}</h1>
{page.body}
</main>
<footer>
<p>{escape(course.caveat)}</p>
<p>{escape(course.licence)}</p>
<p>{escape(course.stamp)}</p>
</footer>
{f"<script>{script}</script>" if script else ""}
</body>
</html>
""".encode()


def _head(course: SaidCourse, page: Page, script: str) -> str:
    style = _faces(course) + asset("lesson.css")
    parts = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_policy(style, script, page.connects))}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        *_about(course),
        f"<title>{escape(page.title)}</title>",
        f"<style>{style}</style>",
    ]
    return "\n".join(parts)


def notices(course: SaidCourse) -> str:
    """Return what must be read first, such as that the texts are a draft."""
    return "\n".join(f'<p class="notice" role="note">{escape(one)}</p>' for one in course.notices)


def links(course: SaidCourse, to: Sequence[tuple[str, str]], here: str) -> str:
    """Return the links from page to page; the page that is open is named as such."""
    said = "\n".join(
        f'<li><a href="{escape(path)}"{" aria-current=page" if path == here else ""}>{escape(text)}</a></li>'
        for path, text in to
    )
    return f'<nav aria-label="{escape(course.labels["contents"])}"><ul>\n{said}\n</ul></nav>'


def image(course: SaidCourse, name: str) -> str:
    """Return one of the course's pictures with its words."""
    data = base64.b64encode(course.drawings[name].content).decode()
    words = escape(course.pictures[name])
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{words}" width="240" height="240">'


@cache
def asset(name: str) -> str:
    """Return a style or script of ours."""
    return (ASSETS / name).read_text()


def _about(course: SaidCourse) -> Iterator[str]:
    told = {
        "description": course.summary,
        "dcterms.language": course.language,
        "dcterms.license": "CC BY 4.0",
        "dcterms.date": course.day.isoformat(),
        "dcterms.audience": course.ages or "",
        "revision": course.revision,
    }
    return (f'<meta name="{name}" content="{escape(value)}">' for name, value in told.items() if value)


def _classes(course: SaidCourse) -> Iterator[str]:
    if course.language in TALL:
        yield "wide-lines"
    if course.of.ages and course.of.ages[1] <= YOUNG:
        yield "small-readers"


def _policy(style: str, script: str, connects: Sequence[str]) -> str:
    allowed = [*NOTHING, f"style-src '{_hash(style)}'"]
    if script:
        allowed.append(f"script-src '{_hash(script)}'")
    if connects:
        allowed.append(f"connect-src {' '.join(connects)}")
    return "; ".join(allowed)


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _faces(course: SaidCourse) -> str:
    made = letters(course)
    families = list(dict.fromkeys(one.family for one in made))
    named = ", ".join(f'"{one}"' for one in (*families, "sans-serif") if one != "sans-serif") + ", sans-serif"
    return (
        "".join(map(_face, made)) + f"\nbody, button, input, select, textarea, svg text {{ font-family: {named}; }}\n"
    )


def _face(font: Font) -> str:
    data = base64.b64encode(font.content).decode()
    return (
        f'\n@font-face {{ font-family: "{font.family}"; font-weight: {font.weight}; '
        f'src: url(data:font/woff2;base64,{data}) format("woff2"); }}'
    )


def letters(course: SaidCourse) -> tuple[Font, ...]:
    """Return the fonts with every letter that a course can show."""
    return fonts.woff2(course.language, EVERYWHERE + "".join(sorted(set("".join(_texts(course))))))


def _texts(of: object) -> Iterator[str]:
    """Find every text of what was said; the course's source is no part of it."""
    if isinstance(of, str):
        yield of
    for one in _inside(of):
        yield from _texts(one)


def _inside(of: object) -> Iterable[object]:
    if isinstance(of, Mapping):
        return of.values()
    if isinstance(of, tuple):
        return of
    if is_dataclass(of):
        return [getattr(of, one.name) for one in fields(of) if one.name != "of"]
    return ()
