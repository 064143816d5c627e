"""Which operators carry our texts, and how each wants them: read from the file that the settings name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from service.delivery.provider_ways import Way


class Protocol(StrEnum):
    SMPP = "smpp"
    HTTP = "http"


@dataclass(frozen=True, slots=True)
class Provider:
    """One operator or gateway. `price` is for a segment, in the currency of the settings; the dearest counts.

    `answerable` says that people can reply to `sender`. `way` holds what its protocol alone needs.
    """

    name: str
    protocol: Protocol
    sender: str
    weight: int
    per_second: int
    price: Decimal
    answerable: bool
    way: Way = field(repr=False)
    price_by_country: Mapping[str, Decimal] = field(default_factory=dict)
