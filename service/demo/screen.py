"""What the person at the screen sees: a live picture on a terminal, plain lines anywhere else."""

import time
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from service.delivery.records import Tally, TextFate
from service.demo.result import Counts, Result, Texts, named, pushes, texts

_PLAIN_SECONDS = 1.0
_FRAMES = 8
_COLUMNS = ("planned", "sent", "accepted", "received")


class Screen:
    """Says what happens. One thing at a time is in progress; `say` makes what was said before stay."""

    def __init__(self, *, quiet: bool = False) -> None:
        # With --json the result has standard output to itself.
        self._console = Console(stderr=quiet, highlight=False)
        self._live: Live | None = None
        self._last = 0.0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=_FRAMES, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.settle()
        if self._live is not None:
            self._live.stop()

    def say(self, words: RenderableType) -> None:
        """Print a line that stays."""
        self.settle()
        self._console.print(words, soft_wrap=isinstance(words, str))

    def settle(self) -> None:
        """Wipe what is in progress."""
        if self._live is not None:
            self._live.update("")
        self._last = 0.0

    def advance(self, doing: str, done: int, of: int) -> None:
        """Show how much of something is done."""
        self._draw(lambda: _bar(doing, done, of), lambda: f"  {doing}: {done:,} of {of:,}")

    def sending(self, seconds: float, tallies: Sequence[Tally], fate: TextFate, shown: int) -> None:
        """Show how far the warning got."""
        counts, by_text = Counts.of(pushes(tallies)), Counts.of(texts(tallies))
        line = (
            f"  {seconds:4.1f} s: {counts.planned:,} planned, {counts.sent:,} sent, {counts.accepted:,} accepted, "
            f"{shown:,} shown, {counts.received:,} receipts; texts: {by_text.planned:,} planned, "
            f"{by_text.accepted:,} accepted, {fate.delivered:,} delivered"
        )
        self._draw(lambda: Group(Text(line), reach_table(tallies), text_table(tallies, fate)), lambda: line)

    def _draw(self, picture: Callable[[], RenderableType], line: Callable[[], str]) -> None:
        if self._live is not None:
            self._live.update(picture())
        elif time.monotonic() - self._last >= _PLAIN_SECONDS:
            self._last = time.monotonic()
            self._console.print(line(), soft_wrap=True)


def reach_table(counted: Sequence[Tally]) -> Table:
    """Return how far the warning got by push, by language and by ring; the service knows nothing finer."""
    tallies = pushes(counted)
    table = Table(title="How far the warning got, in phones", title_justify="left")
    table.add_column("")
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    for language in sorted({one.language for one in tallies}):
        _add(table, f"in {language}", (one for one in tallies if one.language == language))
    table.add_section()
    for ring in sorted({one.ring for one in tallies}):
        name = "ring 0: cells of the zone itself" if ring == 0 else f"ring {ring}"
        _add(table, name, (one for one in tallies if one.ring == ring))
    table.add_section()
    _add(table, "all", tallies)
    return table


def text_table(counted: Sequence[Tally], fate: TextFate) -> Table:
    """Return how many texts are in which state."""
    counts = Counts.of(texts(counted))
    table = Table(title="Texts (SMS), to whoever has no data or gave no receipt", title_justify="left")
    states = {
        "planned": counts.planned,
        "accepted by the SMSC": counts.accepted,
        "delivered": fate.delivered,
        "handed over twice": fate.doubled,
        "unknown": fate.unknown,
        "waiting for money": fate.parked,
    }
    for name in states:
        table.add_column(name, justify="right")
    table.add_row(*(f"{one:,}" for one in states.values()))
    return table


def _add(table: Table, name: str, tallies: Iterable[Tally]) -> None:
    counts = Counts.of(tallies)
    table.add_row(name, *(f"{one:,}" for one in (counts.planned, counts.sent, counts.accepted, counts.received)))


def verdict(result: Result) -> RenderableType:
    """Return who was warned against who should have been."""
    numbers = result.numbers
    table = Table(title="Who was warned", show_header=False, title_justify="left")
    table.add_column("")
    table.add_column("", justify="right")
    rows: list[tuple[str, object]] = [
        ("phones with the app", f"{result.phones:,}"),
        ("should have been warned (worked out from their true places)", f"{len(result.meant):,}"),
        ("were warned", f"{len(result.warned):,}"),
        ("  by a push", numbers["by_push"]),
        ("  at a later sync (off, push lost, messages dropped)", numbers["by_sync"]),
        ("  of them known to nobody, over topics", numbers["unregistered"]),
        ("first phone", _seconds(numbers["first_s"])),
        ("last phone that was on all the time", _seconds(numbers["last_online_s"])),
        ("last phone that a push reached, once it was back", _seconds(numbers["last_s"])),
        ("repeats that phones dropped", numbers["repeats_dropped"]),
        ("pushes that the service sent more than once", numbers["sent_twice"]),
        ("drawn by iOS itself, the app's extension having failed", numbers["drawn_by_system"]),
        ("pushes lost on their way", numbers["pushes_lost"]),
        ("addresses that turned out dead", numbers["dead"]),
    ]
    for name, value in rows:
        table.add_row(name, str(value))
    if result.texts is not None:
        for name, value in _text_rows(result.texts):
            table.add_row(name, str(value))
    words = [f"Missed: {named(result.missed)}.", f"Warned without being meant: {named(result.extra)}."]
    words.append(f"Learned at a sync what a push should have brought: {named(result.late)}.")
    words.append(f"Addressed in a language not theirs: {named(result.wrong_language)}.")
    words += [] if result.texts is None else _text_words(result.texts)
    words.append("Exactly those meant were warned." if result.exact else "This is NOT what should have happened.")
    return Group(table, *(Text(line) for line in words))


def _text_rows(one: Texts) -> list[tuple[str, object]]:
    verdict = one.verdict
    return [
        ("people with a number, of whom some have no data", f"{verdict.people:,}"),
        ("  should have got the text", f"{verdict.meant:,}"),
        ("  got it", f"{verdict.texted:,}"),
        ("  of them near the border, or with a late receipt", f"{verdict.allowed:,}"),
        ("  wrote to the service: a place, a find, STOP, is this real", f"{verdict.asked:,}"),
    ]


def _text_words(one: Texts) -> list[str]:
    verdict = one.verdict
    return [
        f"Not texted: {named(verdict.missed)}.",
        f"Texted without being meant, or after STOP: {named(verdict.extra)}.",
        f"Texted more than once: {named(verdict.repeated)}.",
        f"Got a text that was cut or not the same as others': {named(verdict.cut)}.",
        f"Texted in a language not theirs: {named(verdict.wrong_language)}.",
        f"Wrote, and got no fit answer: {named(verdict.unanswered)}.",
    ]


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"after {value:.1f} s"


def _bar(doing: str, done: int, of: int) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_row(Text(f"  {doing}"), ProgressBar(total=of, completed=done, width=40), Text(f"{done:,} of {of:,}"))
    return grid
