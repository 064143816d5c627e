"""Makes prints: a file for each topic, language and format; with the deployment's own pictures and recordings."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

from service.config import Settings
from service.guidance import editions, slots
from service.guidance.media import RECOGNISE, OwnPicture
from service.guidance.model import Guidance
from service.guidance.shelf import deployment_of
from service.guidance.unfit import Unused
from service.i18n.catalogues import Catalogues
from service.kit import typesetting
from service.kit.errors import Kind, Refused
from service.prints import composing, reading, setting
from service.prints import slots as sounds
from service.prints.composing import Source
from service.prints.model import CORE, Format, Print, Recording, Sheet, Spoken, suffix

Texts: TypeAlias = tuple[Guidance, Catalogues]
_KINDS = {"pdf": "application/pdf", "png": "image/png", "json": "application/json"}


def source_of(
    settings: Settings, guidance: Guidance, catalogues: Catalogues, tag: str, own: tuple[OwnPicture, ...] = ()
) -> Source:
    """Return what prints in a language are made from. Refused for one that no guidance is offered in."""
    known = offered(catalogues, tag)
    edition = editions.edition(guidance, catalogues, known, deployment_of(settings))
    return Source(guidance, catalogues, edition, settings.guidance_url, own)


def offered(catalogues: Catalogues, tag: str) -> str:
    """Return a language's tag as it is written here; Refused for one that no guidance is offered in."""
    known = catalogues.known(tag)
    languages = editions.offered(catalogues)
    if known is None or known not in languages:
        detail = "There is no guidance in this language."
        remedy = f"Ask for one of {', '.join(languages)}."
        raise Refused(Kind.NOT_FOUND, "language-unknown", detail, where="lang", remedy=remedy)
    return known


def printed(source: Source, topic: str, form: Format) -> Print:
    """Make one print in this process."""
    if form is Format.SCRIPT:
        return script(source, topic)
    sheet = composing.sheet(source, topic, form)
    _refuse_young(sheet, topic, form)
    try:
        pages = typesetting.typeset(
            setting.template(), setting.data(sheet, form, source.guidance), setting.form_of(form), day=sheet.day
        )
    except typesetting.Unset as unset:
        raise refusal(unset, topic, form) from unset
    return ready(setting.finished(pages, form), sheet, form)


async def printed_apart(source: Source, topic: str, form: Format) -> Print:
    """Make one print in a process of its own."""
    if form is Format.SCRIPT:
        return script(source, topic)
    sheet = composing.sheet(source, topic, form)
    data = setting.data(sheet, form, source.guidance)
    try:
        pages = await typesetting.typeset_apart(setting.template(), data, setting.form_of(form), day=sheet.day)
    except typesetting.Unset as unset:
        raise refusal(unset, topic, form) from unset
    return ready(await setting.finished_apart(pages, form), sheet, form)


def ready(content: bytes, sheet: Sheet, form: Format) -> Print:
    """Return the file of a sheet; its name says which it is, and of which revision."""
    return _file(content, sheet.topic, form, sheet.language, sheet.revision)


def script(source: Source, topic: str) -> Print:
    """Return what is read aloud of a topic, or of the core set, as JSON. Refused where a text takes too long."""
    sheet = composing.sheet(source, topic, Format.SCRIPT)
    tag = source.edition.language
    said = (
        reading.core_script(source.guidance, source.catalogues, tag)
        if topic == CORE
        else reading.topic_script(source.guidance, source.catalogues, topic, tag)
    )
    for long in reading.too_long(said):
        detail = f"{long.id} takes {long.seconds} s to read aloud in {tag!r}, {reading.MOST_SECONDS:.0f} are the most."
        raise Refused(Kind.CONFLICT, "script-too-long", detail, where=long.id, remedy="Say it in fewer words.")
    told: dict[str, Any] = {
        "topic": topic,
        "language": tag,
        "revision": sheet.revision,
        "date": sheet.day.isoformat(),
        "title": sheet.title,
        "notices": list(sheet.notices),
        "caveat": sheet.caveat,
        "texts": [_spoken(one, tag) for one in said],
    }
    content = (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()
    return _file(content, topic, Format.SCRIPT, tag, sheet.revision)


def own_pictures(settings: Settings) -> tuple[tuple[OwnPicture, ...], tuple[Unused, ...]]:
    """Return the deployment's own pictures, and what is wrong with files of its folder."""
    return slots.pictures(settings.guidance_media)


def recordings(
    folder: Path | None, source: Texts, language: str | None = None, name: str | None = None
) -> tuple[tuple[Recording, ...], tuple[Unused, ...]]:
    """Return the deployment's recordings, current and stale, and what is wrong with the others."""
    if folder is None:
        return (), ()
    return sounds.recordings(folder, lambda tag: _texts(*source, tag), language, name)


def refusal(unset: typesetting.Unset, topic: str, form: Format) -> Refused:
    """Say that a page could not be set, with typst's own reason."""
    detail = f"The {form} of {topic} could not be set: {str(unset).splitlines()[0][:300]}"
    return Refused(Kind.CONFLICT, "print-unset", detail, where=topic, remedy="Say its messages in fewer words.")


def _texts(guidance: Guidance, catalogues: Catalogues, tag: str) -> Iterable[Spoken]:
    if tag not in {language.tag for language in catalogues.languages()}:
        return
    yield from reading.core_script(guidance, catalogues, tag)
    for topic in guidance.topics:
        yield from reading.topic_script(guidance, catalogues, topic, tag)


def _refuse_young(sheet: Sheet, topic: str, form: Format) -> None:
    readers = slots.THIRTEEN if (topic, form) == (RECOGNISE, Format.RECOGNITION) else slots.YOUNG
    for picture in sheet.own:
        slots.refuse_young(picture, readers)


def _spoken(one: Spoken, tag: str) -> dict[str, Any]:
    recording = sounds.name_of(one.id, tag, one.sha256)
    return {"id": one.id, "text": one.text, "seconds": one.seconds, "sha256": one.sha256, "recording": recording}


def _file(content: bytes, topic: str, form: Format, tag: str, revision: str) -> Print:
    end = suffix(form)
    return Print(f"{topic}-{form}-{tag}-{revision}.{end}", _KINDS[end], content)
