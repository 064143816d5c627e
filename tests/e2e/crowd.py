"""Phones in a crowd around one zone, and what the provider and the database hold of them."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
from shapely.geometry import shape

from tests.e2e.system import Phone, System, cell_at
from tests.e2e.test_main_job import first_outline, zone_at

# A few are enough where something else than zones is tried.
OUTLINES = Path(__file__).parents[1] / "data" / "outlines.geojsonl"


def the_zone(system: System) -> tuple[str, str]:
    """A zone's id and the cell in its middle."""
    zone = zone_at(system, first_outline(OUTLINES))
    middle = shape(zone["geometry"]).representative_point()
    return zone["id"], cell_at(middle.y, middle.x)


def crowd(system: System, cell: str, many: int) -> list[Phone]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _: system.register([cell], verify=False), range(many)))


def sent_to(system: System, alert: str) -> Counter[str]:
    found = [one for one in system.google.alerts() if one["message"]["data"]["alert"] == alert]
    assert {one["message"]["data"]["revision"] for one in found} <= {"1"}
    return Counter(one["address"] for one in found)


def rows(system: System, query: str) -> int:
    with psycopg.connect(system.database_url) as connection:
        found = connection.execute(query).fetchone()
        return int(found[0]) if found else 0
