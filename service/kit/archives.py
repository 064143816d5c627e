"""Archives that are the same, byte for byte, whenever and wherever they are made of the same files."""

import zipfile
from collections.abc import Mapping
from datetime import date
from io import BytesIO

_PLAIN_FILE = 0o644 << 16
_UNIX = 3


def zipped(files: Mapping[str, bytes], *, day: date, stored: str | None = None) -> bytes:
    """Return a zip of files by their path, in the mapping's order; each says that it was made on that day.

    The file named by `stored` is not compressed (EPUB wants its `mimetype` first, as it is).
    """
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, (day.year, day.month, day.day, 0, 0, 0))
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
            entry.compress_type = zipfile.ZIP_STORED if path == stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
    return out.getvalue()
