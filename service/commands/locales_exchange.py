"""The command line's door for translators and reviewers: catalogues out and back, reviews, tests on readers."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from service.commands.session import guarded
from service.config import HERE, Settings
from service.guidance.loading import demands
from service.i18n import exchange, po, reviewing, upkeep
from service.i18n.exchange import Format
from service.kit.clock import Clock

app = typer.Typer()

Tag = Annotated[str, typer.Argument(help="The language, such as uk or fa-AF.")]
Sheet = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file that came back.")]
Folder = Annotated[Path | None, typer.Option("--locales", help="Folder of the catalogues; SUREFOOT_LOCALES.")]
Catalogue = Annotated[
    str, typer.Option("--catalogue", help="surefoot, guidance, sms_plain, or lessons-5-7 and the like.")
]
Form = Annotated[Format, typer.Option("--format", help="What the file is.")]
Out = Annotated[Path, typer.Option("--out", help="The file to write.")]
As = Annotated[str, typer.Option("--as", help="Who has read the texts; never who translated them.")]
Translator = Annotated[str, typer.Option(help="Who translated them.")]
On = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today without it.")]
Place = Annotated[str, typer.Option(help="District or a larger area; never a village or a school.")]
People = Annotated[int, typer.Option(help="How many people heard or read it.")]
Understood = Annotated[int, typer.Option(help="How many of them understood it.")]
Said = Annotated[str, typer.Option(help="What they said that it asks for, in short; no names.")]


@app.command()
@guarded
def export(
    tag: Tag, *, out: Out, form: Form = Format.PO, catalogue: Catalogue = po.DOMAIN, locales: Folder = None
) -> None:
    """Write a catalogue for translators (po, xliff) or for reviewers (csv, with each text filled as readers see it)."""
    out.write_bytes(exchange.written(_folder(locales), tag, catalogue, form))
    typer.echo(f"{tag} {catalogue} is in {out}.")


@app.command(name="import")
@guarded
def take(
    tag: Tag, sheet: Sheet, *, form: Form = Format.PO, catalogue: Catalogue = po.DOMAIN, locales: Folder = None
) -> None:
    """Take a file's translations over, if every one of them passes the check; else nothing is written."""
    against = exchange.Against(catalogue, upkeep.declared(HERE, catalogue), demands())
    taken = exchange.take(_folder(locales), tag, sheet, form=form, against=against)
    typer.echo(f"{taken.changed} changed, {taken.same} as before, {taken.left} left out as fuzzy or empty.")


@app.command()
@guarded
def review(  # noqa: PLR0913 - the parts of one line of review.jsonl
    tag: Tag,
    sheet: Sheet,
    *,
    reviewer: As,
    translator: Translator,
    on: On = None,
    catalogue: Catalogue = po.DOMAIN,
    locales: Folder = None,
) -> None:
    """Record a reviewer's table: a line for each text accepted as it stands, a remark for each rejected one."""
    signed = reviewing.Signature(reviewer, translator, (on or _now()).date())
    read = reviewing.take(_folder(locales), tag, catalogue, sheet, signed=signed)
    typer.echo(f"{read.accepted} accepted, {read.rejected} rejected and fuzzy from now on, {read.open} left open.")


@app.command()
@guarded
def fieldtest(  # noqa: PLR0913 - the parts of one line of fieldtests.jsonl
    tag: Tag,
    message: Annotated[str, typer.Argument(help="The id of the message.")],
    *,
    place: Place,
    people: People,
    understood: Understood,
    said: Said,
    on: On = None,
    catalogue: Catalogue = po.DOMAIN,
    locales: Folder = None,
) -> None:
    """Record that a message was tried on readers, as it stands now."""
    told = {"id": message, "date": (on or _now()).date(), "place": place}
    told |= {"people": people, "understood": understood, "said": said}
    reviewing.record_test(_folder(locales), tag, catalogue, told)
    typer.echo(f"{message} in {tag}: {understood} of {people} understood it.")


def _now() -> datetime:
    return Clock().now()


def _folder(locales: Path | None) -> Path:
    return locales or Settings().locales_folder
