"""Counts of people as they may be shown (R26)."""

FEWEST = 20
STEP = 10


def steps(count: int) -> int:
    """Return a count of people for a curve: rounded to 10, none below 20."""
    shown = blur(count)
    return shown if isinstance(shown, int) else 0


def blur(count: int) -> int | str:
    """Return a count of people rounded to 10, "<20" below 20; so one person more or less tells nothing."""
    if count < FEWEST:
        return f"<{FEWEST}"
    return (count + STEP // 2) // STEP * STEP
