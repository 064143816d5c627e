"""What is parsed of a stranger's JSON in our own process is short and shallow, and looked at once."""

import json
import time

import pytest

from service.intake import guarded

MOST = 8 * 1024 * 1024


@pytest.mark.parametrize("value", [{"a": [1, "x", None]}, ["[" * 500, '"' + "[" * 500, "\\", '\\"', "é"], 5, "[[", []])
def test_what_is_short_and_shallow_is_read(value: object) -> None:
    assert guarded.parsed(json.dumps(value).encode(), MOST) == value
    assert guarded.parsed(json.dumps(value, ensure_ascii=False).encode("utf-8-sig"), MOST) == value


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 65 + b"]" * 65, b"[" * 1_000_000, b'{"a":' * 1_000_000, b'["x",' * 500_000, b'"' + b'\\"' * 1_000_000,
        b'["\\\\",' * 70, b"\xff", b"", b"<html>", b'{"a":1', b"1" * 5_000, b"[" + b"1," * 5_000_000,
    ],
)  # fmt: skip  # a table reads better in lines
def test_what_is_deep_long_or_broken_is_refused_in_no_time(body: bytes) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match=r"."):
        guarded.parsed(body, MOST)
    assert time.process_time() - began < 1


def test_the_deepest_is_deep_enough_for_a_layers_description() -> None:
    assert guarded.parsed(b"[" * 64 + b"]" * 64, MOST)
