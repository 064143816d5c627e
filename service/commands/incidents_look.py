"""The command line's door to what became of incidents and their imports: what waits, is dismissed, what was before."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape

from service.commands.acting import AsJson, Data, acted, said
from service.commands.listing import listed
from service.commands.session import guarded
from service.incidents import telling, waiting
from service.incidents.telling import HistoryOut, ImportOut, PastIn, QuarantineOut, WaitingIn, WaitingOut
from service.kit.db import Tx
from service.operators.model import STAFF, Operator, Role

app = typer.Typer()


@app.command("quarantine")
@guarded
def list_waiting(  # noqa: PLR0913 - each is an option of the command line
    data: Data = None,
    authority: Annotated[str | None, typer.Option(help="Only this authority's.")] = None,
    import_id: Annotated[UUID | None, typer.Option("--import", help="Only those of one import.")] = None,
    after: Annotated[int, typer.Option(min=0, help="The last number of the page before.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=telling.MOST_ROWS)] = 100,
    *,
    closed: Annotated[bool, typer.Option("--closed", help="Also those that wait no longer.")] = False,
    as_json: AsJson = False,
) -> None:
    """List rows of imports that wait for a person, the oldest first: what is wrong, how to mend it."""
    wanted = WaitingIn(authority=authority, import_id=import_id, after=after, limit=limit, decided=closed)

    async def act(tx: Tx, _: Operator, __: datetime) -> tuple[QuarantineOut, ImportOut | None]:
        found = await waiting.page(tx, wanted.model_dump() | {"limit": limit + 1})
        about = ImportOut.of(await waiting.get_import(tx, import_id)) if import_id else None
        return QuarantineOut.of(found, limit), about

    page, about = acted(data, STAFF, act)
    if as_json:
        typer.echo(page.model_dump_json())
        return
    if about is not None:
        counts = ", ".join(f"{count} {word}" for word, count in about.counts.items())
        typer.echo(
            f"{about.authority}, {about.dated}, taken in {about.at:%Y-%m-%d %H:%M}: {counts}; {about.waits} wait."
        )
    _print(page)


def _print(page: QuarantineOut) -> None:
    table = listed("number", "authority", "row", "id", "what is wrong", "what to do", "")
    for one in page.waiting:
        state = " ".join(word for word in ("EXERCISE" if one.exercise else "", one.decision or "") if word)
        cells = (one.id, one.authority, one.row, one.external_id or "", one.detail, one.remedy, state)
        table.add_row(*(escape(str(cell)) for cell in cells))
    Console().print(table)
    if page.next is not None:
        typer.echo(f"More wait: --after {page.next}")


@app.command()
@guarded
def dismiss(
    number: Annotated[int, typer.Argument(min=1, help="As `quarantine` shows it.")],
    reason: Annotated[str, typer.Option(callback=said, help="Why it needs not be taken; kept with the row.")],
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Close a row that needs not be taken; it stays on record with the reason."""

    async def act(tx: Tx, operator: Operator, now: datetime) -> WaitingOut:
        return WaitingOut.of(await waiting.dismiss(tx, operator, number, reason, now=now))

    row = acted(data, (Role.EDITOR, Role.ADMIN), act)
    typer.echo(row.model_dump_json() if as_json else f"Row {row.row} of {row.authority} waits no longer.")


@app.command("history")
@guarded
def tell_history(
    incident: UUID,
    data: Data = None,
    after: Annotated[int, typer.Option(min=0, help="The last revision of the page before.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 100,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell what an incident was: when it changed, by whom, why; --json with the whole records."""
    wanted = PastIn(after=after, limit=limit)

    async def act(tx: Tx, _: Operator, __: datetime) -> HistoryOut:
        return HistoryOut.of(await waiting.history(tx, incident, after=wanted.after, limit=limit + 1), limit)

    told = acted(data, STAFF, act)
    if as_json:
        typer.echo(told.model_dump_json())
        return
    for one in told.revisions:
        typer.echo(f"{one.at:%Y-%m-%d %H:%M}  revision {one.revision}  {one.operator or ''}: {one.why}")
    if told.next is not None:
        typer.echo(f"There are more: --after {told.next}")
