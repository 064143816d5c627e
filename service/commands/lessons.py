"""The command line's door to lessons: which courses there are, and making packages of them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from service.commands import lessons_reports
from service.commands.listing import listed
from service.commands.session import guarded
from service.config import Settings
from service.guidance.opening import open_guidance
from service.i18n.opening import open_catalogues
from service.kit.errors import Kind, Refused
from service.lessons import actions
from service.lessons.actions import FORMATS, Source
from service.lessons.model import File, Format
from service.lessons.opening import open_own

app = typer.Typer(help="School lessons: courses, packages of them, what was taught.", no_args_is_help=True)
app.registered_commands += lessons_reports.app.registered_commands

AsJson = Annotated[bool, typer.Option("--json", help="One line for programs.")]


@app.command("list")
@guarded
def show(*, as_json: AsJson = False) -> None:
    """Show which courses there are, whole, in which language; the emergency lesson first."""
    source = _source()
    every = [course for courses in actions.offered(source).values() for course in courses]
    every.sort(key=lambda one: one.of.order)
    if as_json:
        told = [
            {
                "course": one.of.id,
                "language": one.language,
                "revision": one.revision,
                "state": one.state.value,
                "title": one.title,
                "lessons": [lesson.of.key for lesson in one.lessons],
                "formats": [form.value for form in FORMATS],
            }
            for one in every
        ]
        typer.echo(json.dumps({"courses": told}, ensure_ascii=False))
        return
    table = listed("course", "language", "revision", "state", "title", "lessons")
    for one in every:
        table.add_row(one.of.id, one.language, one.revision, one.state.value, one.title, str(len(one.lessons)))
    Console().print(table)
    typer.echo(f"Each as {', '.join(FORMATS)}: surefoot lessons export COURSE --lang L --format F --out DIR")


@app.command()
@guarded
def export(
    course: Annotated[str, typer.Argument(help="Such as emergency or 5-7.")],
    language: Annotated[str, typer.Option("--lang", help="BCP 47, such as uk.")],
    form: Annotated[Format, typer.Option("--format", help="What it is made into.")],
    out: Annotated[Path, typer.Option(help="Folder that the files are written into.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Make a package of a course: the same bytes from the same revision, wherever it is made."""
    files = actions.export(actions.say(_source(), course, language), form)
    paths = _written(files, out)
    if as_json:
        told = [{"file": str(path), "bytes": len(file.content)} for path, file in zip(paths, files, strict=True)]
        typer.echo(json.dumps({"files": told}))
        return
    for path in paths:
        typer.echo(str(path))


def _source() -> Source:
    settings = Settings()
    guidance = open_guidance(settings)
    return actions.source_of(settings, guidance, open_catalogues(settings), open_own(settings, guidance))


def _written(files: Sequence[File], out: Path) -> list[Path]:
    """Write all files, each whole or not at all; none gets its name before all are on the disk."""
    halves = {out / file.name: out / f".{file.name}.half" for file in files}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file, half in zip(files, halves.values(), strict=True):
            half.write_bytes(file.content)
        for path, half in halves.items():
            half.replace(path)
    except OSError as error:
        for half in halves.values():
            _dropped(half)
        detail = f"The package cannot be written: {error.strerror}."
        remedy = "Name a folder that you may write to with --out."
        raise Refused(Kind.INVALID, "out-unwritable", detail, where=str(out), remedy=remedy) from error
    return list(halves)


def _dropped(half: Path) -> None:
    try:
        half.unlink(missing_ok=True)
    except OSError:
        return  # what could not be written cannot always be removed; its name says what it is
