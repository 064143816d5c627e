"""Reads docker/: the image's steps, the compose file, the examples of settings."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """One instruction of a Dockerfile and what follows it; `stage` counts the FROMs, from 0."""

    stage: int
    word: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The parts, in either of Docker's two ways to write them."""
        listed: list[str] = yaml.safe_load(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)
        return listed


def steps(text: str) -> list[Step]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found: list[Step] = []
    stage = -1
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, _, rest = line.partition(" ")
        if word:
            stage += word == "FROM"
            found.append(Step(stage, word, rest.strip()))
    return found


def dockerfile() -> list[Step]:
    return steps((DOCKER / "Dockerfile").read_text())


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    return read


def settings_in(path: Path) -> dict[str, str]:
    """Read a file of settings as Docker does: NAME=value, # for remarks."""
    lines = (line for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def variables(found: list[Step], *, stage: int) -> dict[str, str]:
    parts = (part for step in found if step.word == "ENV" and step.stage == stage for part in step.words)
    return dict(part.split("=", 1) for part in parts)


def last(found: list[Step], word: str) -> Step:
    """The instruction that counts where several say the same."""
    return [step for step in found if step.word == word][-1]


def knock(found: list[Step]) -> list[str]:
    """The command of the image's healthcheck."""
    words: list[str] = yaml.safe_load(last(found, "HEALTHCHECK").rest.partition("CMD")[2].strip())
    return words


def copied(found: list[Step]) -> Iterator[tuple[str, str]]:
    """What is taken from the project, and where it goes."""
    for step in found:
        if step.word == "COPY" and not step.rest.startswith("--from"):
            source, target = step.words
            yield source, target


def pinned(path: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Map the packages of a lock file to version and hashes."""
    parts = re.split(r"\n(?=[a-z0-9])", path.read_text())
    read = ((PINNED.match(part), frozenset(re.findall(r"sha256:[0-9a-f]{64}", part))) for part in parts)
    return {match[1]: (match[2], hashes) for match, hashes in read if match}
