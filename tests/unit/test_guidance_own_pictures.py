"""A deployment's own pictures on phones: in the languages that have words for them, to the readers they are for."""

import json
from dataclasses import replace
from typing import Any

import pytest

from service.guidance import bundles, slots
from service.guidance.bundles import Asked
from service.guidance.drawings import drawings
from service.guidance.media import OwnPicture, Sort
from service.guidance.model import Audience
from tests.unit.test_guidance_bundles import OURS, bundle, edition

SIGN = OwnPicture("national.svg", Sort.SIGN, {"uk": "Знак: трикутник із черепом"}, "svg", b"<svg/>")
SHOWN = OwnPicture("shown.png", Sort.RECOGNITION, {"uk": "Рожева коробка на столі"}, "png", b"\x89PNG")


def own_in(tag: str, **asked: Any) -> list[str]:
    made = edition(tag, guidance=replace(OURS, own=(SIGN, SHOWN)))
    drawn = drawings(OURS.pictures, made.direction)
    said = bundles.answer(made, drawn, Asked(**asked)) if asked else bundles.bundle(made, drawn)
    return [one["shows"] for one in json.loads(said).get("own_pictures", ())]


def test_r16_a_deployments_pictures_are_in_the_bundles_of_the_languages_that_have_words_for_them() -> None:
    made = edition("uk", guidance=replace(OURS, own=(SIGN, SHOWN)))
    sign, shown = json.loads(bundle(made))["own_pictures"]
    assert (sign["audience"], sign["topics"]) == (["everybody"], ["clues", "signs"])
    assert sign["alternative"] == SIGN.alternatives["uk"]
    assert sign["path"] == f"/v1/guidance/pictures/national/{sign['sha256']}.svg"
    assert (shown["audience"], shown["topics"]) == (sorted(slots.THIRTEEN), ["recognise"])
    assert shown["path"].endswith(".png")
    assert own_in("en") == []
    assert "own_pictures" not in json.loads(bundle(edition("uk"))), "who adds none has the same bundle as ever"


@pytest.mark.parametrize("audience", [None, *Audience])
def test_forbidden_6_no_answer_for_readers_under_13_has_a_picture_of_recognition(audience: Audience | None) -> None:
    shown = own_in("uk", topic="recognise", audience=audience)
    assert shown == (["recognition"] if audience in slots.THIRTEEN else [])
    assert set(own_in("uk", topic="signs", audience=audience)) <= {"sign"}
