"""`surefoot locales`: what translators need, and the gate that no wrong word passes."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from service.commands import locales_exchange, locales_gate
from service.commands.session import guarded
from service.config import HERE, Settings
from service.guidance.loading import demands
from service.i18n import counting, po, upkeep
from service.i18n.checking import SMS_SAMPLES
from service.i18n.loading import SOURCE
from service.i18n.model import Finding
from service.i18n.texting import Texted
from service.lessons import loading as lessons

app = typer.Typer(help="Translations: extract, update, check, count, exchange, review.", no_args_is_help=True)
app.registered_commands += locales_exchange.app.registered_commands

Folder = Annotated[Path | None, typer.Option("--locales", help="Folder of the catalogues; SUREFOOT_LOCALES.")]
Add = Annotated[list[str] | None, typer.Option("--add", help="Begin a language, such as fr or fa-AF.")]
Plain = Annotated[
    list[str] | None, typer.Option("--plain", help="Begin a language's variants of SMS texts in GSM-7, such as fr.")
]
Lessons = Annotated[list[str] | None, typer.Option("--lessons", help="Begin a course in a language, such as fr:5-7")]
Place = Annotated[
    str, typer.Option(help="The longest name of a place that SMS texts name here; without one, a name of 25 letters.")
]
Authority = Annotated[str, typer.Option(help="The authority's short name in SMS texts; SUREFOOT_AUTHORITY_SHORT.")]
AsSms = Annotated[bool, typer.Option("--sms", help="Show each text of an SMS: encoding, units, segments.")]
Own = Annotated[Path | None, typer.Option("--overlay", help="A deployment's own words, checked too; SUREFOOT_OVERLAY.")]
OfLessons = Annotated[bool, typer.Option("--lessons", help="Check only what our own lessons say in English; fast.")]
AsJson = Annotated[bool, typer.Option("--json", help="One line for programs.")]


@app.command()
@guarded
def extract(locales: Folder = None) -> None:
    """Write every message of code and content into the English catalogues, from which translators work."""
    folder = _folder(locales)
    count = upkeep.extract(HERE, folder)
    typer.echo(f"{count} messages in {po.path_of(folder, SOURCE).parent}")


@app.command()
@guarded
def update(locales: Folder = None, *, add: Add = None, plain: Plain = None, begun: Lessons = None) -> None:
    """Bring every language up to the English catalogue; a changed sentence is emptied, never guessed."""
    pairs = [(tag, course) for tag, _, course in (one.partition(":") for one in begun or ())]
    for change in upkeep.update(_folder(locales), add=add or (), plain=plain or (), lessons=pairs):
        figures = f"{change.kept} kept, {change.emptied} to translate, {change.dropped} dropped"
        typer.echo(f"{change.tag} {change.domain}: {figures}")


@app.command()
@guarded
def check(  # noqa: PLR0913 - each is an option of the command line
    locales: Folder = None,
    *,
    place: Place = "",
    authority: Authority = "",
    sms: AsSms = False,
    as_json: AsJson = False,
    overlay: Own = None,
    only_lessons: OfLessons = False,
) -> None:
    """List what is wrong with code, content, catalogues and the words that people write to us; status 1 if any is.

    Every text of an SMS is filled with the longest names, and fails where it needs too many segments. What takes more
    than half a minute to be read aloud fails too.
    """
    names = {**SMS_SAMPLES, **_names(place, authority)}
    findings = lessons.check()
    if not only_lessons:
        findings += locales_gate.findings(_folder(locales), overlay or Settings().overlay, names=names)
    texts = upkeep.texts(HERE, _folder(locales), names=names) if sms else []
    if as_json:
        told = {"findings": [asdict(finding) for finding in findings]}
        more = {"sms": [{**asdict(one), "fits": one.sms.fits} for one in texts]} if sms else {}
        typer.echo(json.dumps(told | more, ensure_ascii=False))
    else:
        _show(texts)
        _tell(findings)
    raise typer.Exit(1 if findings else 0)


@app.command()
@guarded
def stats(locales: Folder = None, *, as_json: AsJson = False) -> None:
    """Count, for each language, what is translated, fuzzy, reviewed and tried on readers."""
    counts = upkeep.stats(_folder(locales))
    kinds = list(counting.by_kind(_folder(locales), demands()))
    if as_json:
        told = {"languages": [asdict(count) for count in counts], "kinds": [asdict(count) for count in kinds]}
        typer.echo(json.dumps(told))
        return
    table = Table("language", "catalogue", "texts", "translated", "fuzzy", "reviewed", "tested", "state", box=None)
    for count in counts:
        figures = (count.texts, count.translated, count.fuzzy, count.reviewed, count.tested)
        table.add_row(count.tag, count.domain, *(str(figure) for figure in figures), count.state)
    Console().print(table)
    lacks = Table("language", "core set", "texts", "translated", "not reviewed", "not tested", box=None)
    for kind in kinds:
        short = (kind.texts, kind.translated, kind.unreviewed, kind.untested)
        lacks.add_row(kind.tag, kind.kind, *(str(figure) for figure in short))
    Console().print(lacks)


def _names(place: str, authority: str) -> dict[str, str]:
    """Return the names that were given, and the setting's."""
    given = {"place": place, "authority_short": authority or Settings().authority_short}
    return {hole: name for hole, name in given.items() if name}


def _show(texts: list[Texted]) -> None:
    if not texts:
        return
    table = Table("language", "text", "", "encoding", "units", "segments", "", box=None)
    for one in texts:
        plain, verdict = "plain" if one.plain else "", "" if one.sms.fits else "TOO LONG"
        table.add_row(one.tag, one.id, plain, one.sms.encoding, str(one.sms.units), str(one.sms.segments), verdict)
    Console().print(table)


def _tell(findings: list[Finding]) -> None:
    for finding in findings:
        where = f"{finding.file}: {finding.entry}" if finding.entry else finding.file
        typer.echo(f"{where}: {finding.reason}: {finding.remedy}")
    for file, count in Counter(finding.file for finding in findings).items():
        typer.echo(f"{count} in {file}", err=True)
    if not findings:
        typer.echo("Nothing to mend.")


def _folder(locales: Path | None) -> Path:
    return locales or Settings().locales_folder
