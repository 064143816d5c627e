"""Loads the courses: ours, one folder each."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from service.guidance import loading as guidance
from service.guidance.loading import read_folder
from service.guidance.yaml import BadYaml
from service.i18n.model import Finding
from service.kit.errors import Kind, Refused
from service.lessons import rules
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


def check() -> list[Finding]:
    """Return everything that is wrong with our courses; one that cannot be read does not hide the others."""
    findings: list[Finding] = []
    courses: dict[str, Course] = {}
    for folder in _folders():
        try:
            course = _read(folder, origin="")
            courses[course.id] = course
        except BadYaml as bad:
            findings.append(Finding(bad.where, "", bad.reason, bad.remedy))
    in_order = dict(sorted(courses.items(), key=lambda one: one[1].order))
    return [*findings, *rules.check(in_order, guidance.load())]


@cache
def _ours() -> Mapping[str, Course]:
    courses = [_read(folder, origin="") for folder in _folders()]
    return {course.id: course for course in sorted(courses, key=lambda one: one.order)}


def _folders() -> list[Path]:
    return [folder for folder in sorted(CONTENT.iterdir()) if folder.is_dir()]


def _read(folder: Path, *, origin: str) -> Course:
    """Read one course; what is wrong is said with the folder's name, since all of them hold a `course.yaml`."""
    try:
        return read_course(read_folder(folder), origin=origin)
    except BadYaml as bad:
        raise BadYaml(f"{folder.name}/{bad.where}", bad.reason, bad.remedy) from bad
