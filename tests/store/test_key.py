"""A key is equal where the work is equal, and different wherever anything differs."""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.store.key import StageKey


@dataclass(frozen=True)
class Options:
    crf: int
    fps: Fraction


class Length(StrEnum):
    LOOP = "loop"


KEY = StageKey("scan", 1, "rewrite", {"candidates": 24}, {"video": "ab" * 32}, {"first": 0, "fps": Fraction(25)})

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
    max_leaves=8,
)


def test_digest_is_the_same_everywhere_and_always() -> None:
    assert KEY.canonical == (
        '{"inputs":{"video":"' + "ab" * 32 + '"},"parameters":{"first":0,"fps":{"fraction":[25,1]}},'
        '"provider":"rewrite","stage":"scan","take":0,"tuning":{"candidates":24},"version":1}'
    )
    assert KEY.digest == hashlib.sha256(KEY.canonical.encode()).hexdigest()


@pytest.mark.parametrize(
    "changed",
    [
        {"stage": "render"},
        {"version": 2},
        {"provider": "portrait"},
        {"tuning": {"candidates": 25}},
        {"inputs": {"video": "ac" * 32}},
        {"inputs": {"sound": "ab" * 32}},
        {"parameters": {"first": 0, "fps": Fraction(24000, 1001)}},
        {"take": 1},
    ],
)
def test_every_part_changes_the_digest(changed: dict[str, object]) -> None:
    assert replace(KEY, **changed).digest != KEY.digest  # type: ignore[arg-type]


@given(parameters=st.dictionaries(st.text(), VALUES))
def test_order_of_names_does_not_matter(parameters: dict[str, object]) -> None:
    turned = dict(reversed(list(parameters.items())))
    assert StageKey("a", 1, parameters=parameters).digest == StageKey("a", 1, parameters=turned).digest


def test_dataclasses_and_enums_go_into_a_key() -> None:
    key = StageKey("a", 1, parameters={"options": Options(18, Fraction(30)), "length": Length.LOOP, "spans": (1, 2)})
    assert '"length":"loop","options":{"crf":18,"fps":{"fraction":[30,1]}},"spans":[1,2]' in key.canonical


@pytest.mark.parametrize("value", [Path("talk.mp4"), b"bytes", object(), {1: "one"}, Options])
def test_values_that_say_nothing_of_content_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        _ = StageKey("a", 1, parameters={"value": value}).digest


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no number"):
        _ = StageKey("a", 1, parameters={"value": value}).digest
