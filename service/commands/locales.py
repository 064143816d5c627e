"""`surefoot locales`: what translators need, and the gate that no wrong word passes."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from service.commands.session import guarded
from service.config import HERE, Settings
from service.conversations import words
from service.i18n import po, upkeep
from service.i18n.loading import SOURCE
from service.i18n.model import Finding

app = typer.Typer(help="Translations: extract, update, check, count.", no_args_is_help=True)

Folder = Annotated[Path | None, typer.Option("--locales", help="Folder of the catalogues; SUREFOOT_LOCALES.")]
Add = Annotated[list[str] | None, typer.Option("--add", help="Begin a language, such as fr or fa-AF.")]
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
def update(locales: Folder = None, *, add: Add = None) -> None:
    """Bring every language up to the English catalogue; a changed sentence is emptied, never guessed."""
    for change in upkeep.update(_folder(locales), add=add or ()):
        typer.echo(f"{change.tag}: {change.kept} kept, {change.emptied} to translate, {change.dropped} dropped")


@app.command()
@guarded
def check(locales: Folder = None, *, as_json: AsJson = False) -> None:
    """List what is wrong with code, catalogues and the words that people write to us; exit status 1 if anything is."""
    findings = [*upkeep.check(HERE, _folder(locales)), *words.check()]
    if as_json:
        typer.echo(json.dumps({"findings": [asdict(finding) for finding in findings]}, ensure_ascii=False))
    else:
        _tell(findings)
    raise typer.Exit(1 if findings else 0)


@app.command()
@guarded
def stats(locales: Folder = None, *, as_json: AsJson = False) -> None:
    """Count, for each language, what is translated, fuzzy and reviewed."""
    counts = upkeep.stats(_folder(locales))
    if as_json:
        typer.echo(json.dumps({"languages": [asdict(count) for count in counts]}))
        return
    table = Table("language", "texts", "translated", "fuzzy", "reviewed", "state", box=None)
    for count in counts:
        figures = (count.texts, count.translated, count.fuzzy, count.reviewed)
        table.add_row(count.tag, *(str(figure) for figure in figures), count.state)
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
