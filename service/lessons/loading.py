"""Loads the courses: ours, one folder each, and a deployment's laid over them, which are checked too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from service.guidance import loading as guidance_files
from service.guidance.loading import read_folder
from service.guidance.model import Guidance
from service.guidance.yaml import BadYaml
from service.i18n.model import Finding
from service.i18n.overlays import Theirs
from service.kit.errors import Fault, Kind, Refused
from service.lessons import rules
from service.lessons.model import Course
from service.lessons.reading import course_id, read_course

HERE = Path(__file__).parent
CONTENT = HERE / "content"
MOST_COURSES = 50


@dataclass(frozen=True, eq=False, slots=True)
class Own:
    """A deployment's own lessons: whole courses, ours among them where lessons were laid over them; translations."""

    courses: Mapping[str, Course] = field(default_factory=dict)
    translations: tuple[Theirs, ...] = ()


def load(own: Own | None = None) -> Mapping[str, Course]:
    """Return every course by its id, the emergency lesson first. Refused `bad-lessons` names file, line and remedy."""
    try:
        ours = _ours()
    except BadYaml as bad:
        raise _refused(bad) from bad
    return _in_order({**ours, **own.courses}) if own and own.courses else ours


def read_own(folder: Path, guidance: Guidance) -> Mapping[str, Course]:
    """Read a deployment's courses, one folder each; what a folder does not hold of a course of ours is ours.

    Refused `bad-lessons` names the first thing that cannot be read, or everything that nobody may say, do or print.
    """
    whose = guidance.overlay.name if guidance.overlay else ""
    try:
        ours = _ours()
        laid = {one.name: _read(one, origin=whose, ours=ours.get(one.name)) for one in _plain_folders(folder)}
    except BadYaml as bad:
        raise _refused(bad) from bad
    findings = rules.refusable(laid, guidance)
    if findings:
        faults = [Fault(f"{found.file} {found.entry}", found.reason, found.remedy) for found in findings]
        first = faults[0]
        detail = f"{first.where} {first.detail}"
        raise Refused(Kind.INVALID, "bad-lessons", detail, where=str(folder), remedy=first.remedy, faults=faults)
    return laid


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
    return [*findings, *rules.check(_in_order(courses), guidance_files.load())]


@cache
def _ours() -> Mapping[str, Course]:
    return _in_order({folder.name: _read(folder, origin="") for folder in _folders()})


def _in_order(courses: Mapping[str, Course]) -> dict[str, Course]:
    return dict(sorted(courses.items(), key=lambda one: one[1].order))


def _folders() -> list[Path]:
    return [folder for folder in sorted(CONTENT.iterdir()) if folder.is_dir()]


def _plain_folders(folder: Path) -> list[Path]:
    """Return the folders of a deployment's courses; links and what is no course are refused."""
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if len(paths) > MOST_COURSES:
        raise BadYaml(folder.name, f"holds more than {MOST_COURSES} courses", "leave some out")
    for path in paths:
        try:
            course_id(path.name)
        except ValueError as fault:
            raise BadYaml(path.name, "is no name of a course", "write small letters, digits and hyphens") from fault
        if path.is_symlink() or not path.is_dir():
            raise BadYaml(path.name, "is no plain folder", "put the lessons of a course into a folder of its name")
    return paths


def _read(folder: Path, *, origin: str, ours: Course | None = None) -> Course:
    """Read one course; what is wrong is said with the folder's name, since all of them hold a `course.yaml`."""
    try:
        course = read_course(read_folder(folder), origin=origin, ours=ours)
    except BadYaml as bad:
        raise BadYaml(f"{folder.name}/{bad.where}", bad.reason, bad.remedy) from bad
    if course.id != folder.name:
        where = f"{folder.name}/{course.where}"
        raise BadYaml(where, f"the course {course.id} stands in {folder.name}/", "give both the same name")
    return course


def _refused(bad: BadYaml) -> Refused:
    return Refused(Kind.INVALID, "bad-lessons", bad.reason, where=bad.where, remedy=bad.remedy)
