"""The stub of Google judges every body, though it reads alike ones once."""

import json
from typing import Any

from service.demo.bodies import Bodies


def body(**message: Any) -> bytes:
    return json.dumps({"message": message}, ensure_ascii=False).encode()


def refuse_shouting(said: Any) -> str | None:
    return "too loud" if said is None or said["message"]["data"].get("n") == "!" else None


def test_bodies_that_differ_in_address_are_judged_once_and_told_apart() -> None:
    judged: list[Any] = []
    bodies = Bodies(judged.append)
    for kind in ("fid", "token"):
        for address in ("a", "data", "b:c-d_e"):
            sent = {"data": {"a": "data b:c-d_e a"}, kind: address}
            assert bodies.read(body(**sent)) == (sent, None)
    assert len(judged) == 2


def test_a_bad_body_is_refused_every_time() -> None:
    bodies = Bodies(refuse_shouting)
    for address in ("a", "b", "a"):
        assert bodies.read(body(fid=address, data={"n": "!"}))[1] == "too loud"
        assert bodies.read(body(fid=address, data={"n": "."}))[1] is None
    assert bodies.read(b"{")[1] == "too loud"


def test_an_address_is_only_what_stands_at_the_top() -> None:
    bodies = Bodies(refuse_shouting)
    to_topic = {"topic": "t", "data": {"token": "x"}}
    assert bodies.read(body(**to_topic)) == (to_topic, None)
    for address in ('a"}', "a\\", "ü", "", "a"):
        both = {"fid": address, "data": {"token": "x", "title": '"fid":"z"'}}
        assert bodies.read(body(**both)) == (both, None)
