"""Loads the courses: ours, one folder each."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from service.guidance.loading import read_folder
from service.guidance.yaml import BadYaml
from service.kit.errors import Kind, Refused
from service.lessons.model import Course
from service.lessons.reading import read_course

HERE = Path(__file__).parent
CONTENT = HERE / "content"


def load() -> Mapping[str, Course]:
    """Return every course by its id, the emergency lesson first. Refused `bad-lessons` names file, line and remedy."""
    try:
        return _ours()
    except BadYaml as bad:
        raise Refused(Kind.INVALID, "bad-lessons", bad.reason, where=bad.where, remedy=bad.remedy) from bad


@cache
def _ours() -> Mapping[str, Course]:
    courses = [read_course(read_folder(folder), origin="") for folder in sorted(CONTENT.iterdir()) if folder.is_dir()]
    return {course.id: course for course in sorted(courses, key=lambda one: one.order)}
