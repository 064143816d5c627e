"""The tables of the job queue, as the installed procrastinate ships them."""

import procrastinate.schema
from yoyo import step


def _create(connection: object) -> None:
    connection.cursor().execute(procrastinate.schema.SchemaManager.get_schema())  # type: ignore[attr-defined]  # DB-API


steps = [step(_create)]
