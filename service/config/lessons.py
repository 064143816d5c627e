"""The settings of lessons; a part of `Settings`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class LessonsSettings(BaseSettings):
    """Where packages of lessons lie that are ready."""

    lessons_folder: Path | None = Field(
        default=None,
        description="folder of the API for packages of lessons that are ready, shared by its processes; "
        "one that passes with each process if unset",
    )
