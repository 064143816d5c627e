"""What a figure was promised to be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A bound that a figure keeps or misses."""

    most: float | None = None
    least: float | None = None

    def met(self, value: float) -> bool:
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)

    def __str__(self) -> str:
        bounds = [("at most", self.most), ("at least", self.least)]
        return ", ".join(f"{word} {value:g}" for word, value in bounds if value is not None)
