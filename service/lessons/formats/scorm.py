"""A course for school platforms: SCORM 1.2, one unit a lesson, which tells the platform how far somebody is."""

from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET

from service.kit.archives import zipped
from service.lessons.formats import pages
from service.lessons.formats.markup import Page, written
from service.lessons.model import File
from service.lessons.said import SaidCourse, SaidLesson

PASSED = 75
"""Of a hundred; assets/scorm.js says the same."""
CP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
ADLCP = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
MD = "http://www.imsglobal.org/xsd/imsmd_rootv1p2p1"
PREFIXES: Mapping[str, str] = {"xmlns": CP, "xmlns:adlcp": ADLCP, "xmlns:imsmd": MD}


def make(course: SaidCourse) -> tuple[File, ...]:
    """Return the package; each lesson's page also works without a platform."""
    files = {"imsmanifest.xml": _manifest(course)}
    for lesson in course.lessons:
        body = f'<p class="screen" id="platform" role="status"></p>\n{pages.for_pupils(course, lesson)}'
        files[_page(lesson)] = written(course, Page(lesson.title, body, scripts=("quiz.js", "scorm.js")))
    return (File(f"{course.name}-scorm.zip", "application/zip", zipped(files, day=course.day)),)


def _page(lesson: SaidLesson) -> str:
    return f"lesson-{lesson.of.id}.html"


def _manifest(course: SaidCourse) -> bytes:
    """Return `imsmanifest.xml`; it names no schema's place, as nothing may be fetched to read it."""
    root = ET.Element("manifest", {**PREFIXES, "identifier": f"surefoot-{course.name}", "version": "1.2"})
    about = ET.SubElement(root, "metadata")
    _text(about, "schema", "ADL SCORM")
    _text(about, "schemaversion", "1.2")
    about.append(_described(course))
    everything = ET.SubElement(root, "organizations", {"default": "lessons"})
    organisation = ET.SubElement(everything, "organization", {"identifier": "lessons"})
    _text(organisation, "title", course.title)
    resources = ET.SubElement(root, "resources")
    for lesson in course.lessons:
        unit = {"identifier": f"item-{lesson.of.id}", "identifierref": f"page-{lesson.of.id}", "isvisible": "true"}
        item = ET.SubElement(organisation, "item", unit)
        _text(item, "title", lesson.title)
        _text(item, "adlcp:masteryscore", str(PASSED))
        page = {"identifier": f"page-{lesson.of.id}", "type": "webcontent", "adlcp:scormtype": "sco"}
        resource = ET.SubElement(resources, "resource", {**page, "href": _page(lesson)})
        ET.SubElement(resource, "file", {"href": _page(lesson)})
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()


def _described(course: SaidCourse) -> ET.Element:
    """Return the package's description as IMS Learning Resource Meta-data: title, language, age, licence."""
    lom = ET.Element("imsmd:lom")
    general = ET.SubElement(lom, "imsmd:general")
    _said(general, "title", course.title, course.language)
    _text(general, "imsmd:language", course.language)
    _said(general, "description", " ".join(_told(course)), course.language)
    life = ET.SubElement(lom, "imsmd:lifecycle")
    _said(life, "version", course.revision, "x-none")
    if course.of.ages:
        education = ET.SubElement(lom, "imsmd:educational")
        _said(education, "typicalagerange", "-".join(map(str, course.of.ages)), "x-none")
    rights = ET.SubElement(lom, "imsmd:rights")
    restricted = ET.SubElement(rights, "imsmd:copyrightandotherrestrictions")
    _said(restricted, "source", "LOMv1.0", "x-none")
    _said(restricted, "value", "yes", "x-none")
    _said(rights, "description", course.licence, course.language)
    return lom


def _told(course: SaidCourse) -> Iterator[str]:
    yield from (*course.notices, course.summary, course.basis, course.caveat, course.stamp)


def _said(parent: ET.Element, name: str, text: str, language: str) -> None:
    said = ET.SubElement(parent, f"imsmd:{name}")
    ET.SubElement(said, "imsmd:langstring", {"xml:lang": language}).text = text


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
