"""Identifiers that sort by time."""

import secrets
from datetime import datetime
from uuid import UUID


def new_id(*, now: datetime) -> UUID:
    """Make a UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then 74 random bits."""
    milliseconds = int(now.timestamp() * 1000)
    value = milliseconds << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
