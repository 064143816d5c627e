"""Writes names as people mistype them: one edit, letters of another alphabet that look alike, no apostrophe."""

import random
import unicodedata

from service.places import folding

APOSTROPHES = set(folding.SPELLINGS["apostrophes"])
_LOOK_ALIKES = {cyrillic: latin for latin, cyrillic in folding.SPELLINGS["alike"].items() if latin.isalpha()}


def letters_of(names: list[str]) -> str:
    """All letters that the names are written with, from which a wrong one is taken."""
    return "".join(sorted({sign for name in names for sign in name.lower() if unicodedata.category(sign) == "Ll"}))


def one_edit(name: str, letters: str, dice: random.Random) -> str:
    """Put in, leave out, change or swap one letter, anywhere."""
    at = dice.randrange(len(name))
    wrong = dice.choice([letter for letter in letters if letter != name[at].lower()])
    kind = dice.choice(("more", "less", "other", "swapped"))
    if kind == "more":
        return name[:at] + wrong + name[at:]
    if kind == "less" and len(name) > 1:
        return name[:at] + name[at + 1 :]
    if kind == "swapped" and len(name) > 1:
        at = min(at, len(name) - 2)
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + wrong + name[at + 1 :]


def look_alike(name: str, dice: random.Random) -> str:
    """Write half of the letters that have a twin in the other alphabet with the twin, capitals too."""
    twins = [at for at, sign in enumerate(name) if sign.lower() in _LOOK_ALIKES]
    chosen = set(dice.sample(twins, (len(twins) + 1) // 2))
    return "".join(_twin(sign) if at in chosen else sign for at, sign in enumerate(name))


def _twin(sign: str) -> str:
    twin: str = _LOOK_ALIKES[sign.lower()]
    return twin.upper() if sign.isupper() else twin


def misspelt(name: str, letters: str, dice: random.Random) -> str:
    """Misspell a name in one of the ways that it allows, each as likely as the others."""
    ways = ["edit"]
    if any(sign.lower() in _LOOK_ALIKES for sign in name):
        ways.append("alike")
    if APOSTROPHES & set(name):
        ways.append("apostrophe")
    way = dice.choice(ways)
    if way == "alike":
        return look_alike(name, dice)
    if way == "apostrophe":
        return "".join(sign for sign in name if sign not in APOSTROPHES)
    return one_edit(name, letters, dice)
