"""How many people, said so that no two answers give one of them away (R26)."""

_STEP = 10
_FEWEST = 20


def blur(people: int) -> int | str:
    """Return the count rounded to 10, halves up, or "<20" below 20, zero too; raises ValueError below zero."""
    if people < 0:
        raise ValueError(f"{people} is no count of people")
    if people < _FEWEST:
        return f"<{_FEWEST}"
    return (people + _STEP // 2) // _STEP * _STEP
