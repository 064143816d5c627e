"""Tables of records: what has to be typed again stands whole on any terminal, the rest folds."""

from rich import box
from rich.table import Column, Table


def listed(typed: str, *others: str) -> Table:
    """Return an empty table whose first column, `typed`, is never cut nor broken over lines."""
    first = Column(typed, no_wrap=True, overflow="ignore")
    return Table(first, *(Column(name, overflow="fold") for name in others), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
