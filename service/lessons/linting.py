"""What no package may hold: a reference to anything outside of it."""

from service.lessons.model import File


def refuse_external(file: File) -> None:
    """Refuse a file that names something outside of its package. Refused `external-reference`."""
    del file
