"""Sets pages by typst: a template of ours and data that is never code; in this process, or in one that is bounded."""

# Data reaches a template as JSON: no text of a translator is ever read as typst's markup, and pictures go along as
# their own bytes, so that a template opens no file. What is made twice from the same data is the same, byte for byte.

import asyncio
import base64
import importlib.util
import json
import os
import resource
import sys
import tempfile
from collections.abc import Mapping
from datetime import date, datetime, time, timezone
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import typst

from service.kit.errors import Kind, Refused

_FONTS = {
    "fontpkg_noto_sans": "files",
    "fontpkg_noto_sans_arabic": "files",
    "fontpkg_noto_sans_khmer": "files",
    "justmytype_intl_sea": "fonts/ofl/notosansmyanmar",
}
"""Packages that hold fonts under the Open Font License, and where in them; found without importing them."""
_SCRIPTS = {
    "ar": "Noto Sans Arabic",
    "fa": "Noto Sans Arabic",
    "ps": "Noto Sans Arabic",
    "km": "Noto Sans Khmer",
    "my": "Noto Sans Myanmar",
}
_LATIN = "Noto Sans"
_LEADING = {"km": 0.85, "my": 0.85, "ar": 0.65, "fa": 0.65, "ps": 0.65}
"""Signs above and below the letters need room between lines, in ems; Latin and Cyrillic need less."""
_PPI = 144
_CPU_SECONDS, _MEMORY, _WALL_SECONDS = 20, 2 * 1024**3, 30.0
_NICE = 10


class Form(StrEnum):
    """What pages are made into: PDF/UA-1 with its fonts, or a picture of the first page."""

    PDF = "pdf"
    PNG = "png"


class Unset(Exception):  # noqa: N818 - the page was not set
    """A page that typst refused: a text without room, a picture that it cannot draw."""


def language(tag: str) -> dict[str, Any]:
    """Return what a template needs to know of a language: its name for typst, and its fonts, its own script first."""
    name, _, rest = tag.partition("-")
    region = rest if rest.isupper() and len(rest) == 2 else None  # noqa: PLR2004 - ISO 3166
    fonts = [_SCRIPTS[name], _LATIN] if name in _SCRIPTS else [_LATIN]
    return {"lang": name, "region": region, "fonts": fonts, "leading": _LEADING.get(name, 0.55)}


def typeset(template: str, data: Mapping[str, Any], form: Form, *, day: date) -> bytes:
    """Return the pages; `day` is the day that the file says it was made. Unset where typst refuses them."""
    made = datetime.combine(day, time(), timezone.utc)  # noqa: UP017 - typst takes an offset, and no other kind of zone
    try:
        with tempfile.TemporaryDirectory() as nothing:
            pages = typst.compile(  # type: ignore[call-overload]  # its stub wants `root` to be bytes as the input is
                template.encode(),
                root=nothing,
                font_paths=_fonts(),
                ignore_system_fonts=True,
                format="pdf" if form is Form.PDF else "png",
                ppi=_PPI,
                sys_inputs={"data": json.dumps(data, ensure_ascii=False, sort_keys=True)},
                pdf_standards=["ua-1"] if form is Form.PDF else [],
                package_path=nothing,
                package_cache_path=nothing,
                timestamp=made,
            )
    except RuntimeError as error:
        raise Unset(str(error)) from error
    return pages[0] if isinstance(pages, list) else bytes(pages)


async def typeset_apart(template: str, data: Mapping[str, Any], form: Form, *, day: date) -> bytes:
    """Do the same in a process of its own, bounded in time and memory: whoever waits for it stalls nobody else."""
    order = json.dumps({"template": template, "data": data, "form": form.value, "day": day.isoformat()})
    setter = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "service.kit.typesetting"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        said, complaint = await asyncio.wait_for(setter.communicate(order.encode()), _WALL_SECONDS)
    except BaseException as stopped:
        if setter.returncode is None:
            setter.kill()
            await setter.wait()
        if isinstance(stopped, TimeoutError):
            detail = "A page took too long to set."
            raise Refused(Kind.UNAVAILABLE, "print-unset", detail, remedy="Ask again later.", after=60) from stopped
        raise
    if setter.returncode != 0:
        raise Unset(complaint.decode(errors="replace")[-2_000:])
    return base64.b64decode(said)


@cache
def _fonts() -> typst.Fonts:
    """Return our own fonts and no others, so that a page looks alike wherever it is made."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders()))


@cache
def folders() -> tuple[Path, ...]:
    """Return where our fonts are. Refused `fonts-missing` where they are not installed."""
    found: list[Path] = []
    for package, inside in _FONTS.items():
        spec = importlib.util.find_spec(package)
        homes = list(spec.submodule_search_locations or ()) if spec else []
        if not homes:
            detail = f"The fonts of the package {package.replace('_', '-')} are not installed."
            raise Refused(Kind.UNAVAILABLE, "fonts-missing", detail, remedy="Install the service with all it needs.")
        found.append(Path(homes[0], inside))
    return tuple(found)


def _bind() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(_NICE)


def _serve() -> None:
    """Set one order from standard input: the whole life of the process."""
    _bind()
    order = json.load(sys.stdin)
    try:
        pages = typeset(order["template"], order["data"], Form(order["form"]), day=date.fromisoformat(order["day"]))
    except (Unset, Refused) as refused:
        sys.exit(str(refused))
    sys.stdout.write(base64.b64encode(pages).decode())


if __name__ == "__main__":
    _serve()
