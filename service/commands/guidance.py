"""The command line's door to guidance: which prints there are, and making them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from service.commands.listing import listed
from service.commands.session import guarded
from service.config import Settings
from service.guidance import editions
from service.guidance.opening import open_guidance
from service.i18n.opening import open_catalogues
from service.prints import actions, composing
from service.prints.model import CORE, Format

app = typer.Typer(help="Guidance: posters, leaflets, cards and scripts.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One line for programs.")]
Language = Annotated[str, typer.Option("--lang", help="BCP 47, such as uk.")]


@app.command("list")
@guarded
def show(*, as_json: AsJson = False) -> None:
    """Show which prints there are in which language, and what the deployment adds."""
    settings = Settings()
    guidance, catalogues = open_guidance(settings), open_catalogues(settings)
    own, unused = actions.own_pictures(settings)
    recorded, silent = actions.recordings(settings.guidance_media, (guidance, catalogues))
    prints: dict[str, dict[str, list[str]]] = {}
    for tag in editions.offered(catalogues):
        source = actions.source_of(settings, guidance, catalogues, tag, own)
        found = {topic: composing.formats_of(source, topic) for topic in (CORE, *guidance.topics)}
        prints[tag] = {topic: [form.value for form in forms] for topic, forms in found.items() if forms}
    faults = [asdict(one) for one in (*unused, *silent)]
    if as_json:
        told = {
            "prints": prints,
            "pictures": [one.name for one in own],
            "recordings": [asdict(one) for one in recorded],
            "unused": faults,
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    table = listed("language", "topic", "formats")
    for tag, topics in prints.items():
        for topic, formats in topics.items():
            table.add_row(tag, topic, ", ".join(formats))
    Console().print(table)
    for one in recorded:
        typer.echo(f"{one.name}: {'current' if one.current else 'STALE, its words have changed: record it again'}")
    for fault in faults:
        typer.echo(f"{fault['file']}: {fault['reason']}: {fault['remedy']}", err=True)


@app.command("print")
@guarded
def make(
    topic: Annotated[str, typer.Argument(help="Such as found, or core for the most important of all.")],
    language: Language,
    form: Annotated[Format, typer.Option("--format", help="What it is made into.")],
    out: Annotated[Path, typer.Option(help="Folder that the file is written into.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Make one print: the same bytes from the same revision, wherever it is made."""
    settings = Settings()
    guidance, catalogues = open_guidance(settings), open_catalogues(settings)
    own, _ = actions.own_pictures(settings)
    source = actions.source_of(settings, guidance, catalogues, language, own)
    made = actions.printed(source, topic, form)
    out.mkdir(parents=True, exist_ok=True)
    path = out / made.name
    half = path.with_name(f".{path.name}.half")
    half.write_bytes(made.content)
    half.replace(path)
    typer.echo(json.dumps({"file": str(path), "bytes": len(made.content)}) if as_json else str(path))
