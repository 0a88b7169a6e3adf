"""The JSON file beside a video."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.sidecar import (
    PixelBox,
    Rewritten,
    Sidecar,
    Span,
    frame_runs,
    sidecar_path,
    silences_between,
)
from lipwright.contracts.speech import Phoneme, Word
from lipwright.errors import MediaNotFound, MediaUnreadable
from lipwright.media.sidecar import read_sidecar, write_sidecar
from support.sidecars import sidecar_of
from support.talk import TALKS


def test_sidecar_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = sidecar_path(tmp_path / "talk.mp4")
    assert path.name == "talk.lipwright.json"
    written = sidecar_of(
        fps=Fraction(30000, 1001),
        text="Mum, señor, 你好",
        phonemes=(Phoneme("m", 0.1, 0.2),),
        words=(Word("Mum,", 0.1, 0.4),),
        silences=(Span(start_s=0.5, end_s=0.9),),
        overlays=(PixelBox(left=0, top=10, right=64, bottom=20),),
    )
    write_sidecar(path, written)
    assert read_sidecar(path) == written
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["version"] == 1
    assert document["fps"] == "30000/1001"
    assert "señor" in path.read_text(encoding="utf-8")


def test_numbers_are_rounded_to_what_can_be_told_apart() -> None:
    sidecar = sidecar_of(phonemes=(Phoneme("p", 0.123456789, 0.2),), gap=(0.0123456789,), closed=(0.12345,))
    assert sidecar.phonemes[0].start_s == 0.1235
    assert sidecar.gap == (0.01235,)
    assert sidecar.closed == (0.123,)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "its version is not 1"),
        ({"fps": "fast"}, "fps"),
        ({"fps": "0/1"}, "greater than 0"),
        ({"gap": []}, "at least one frame"),
        ({"gap": [0.1]}, "1 frames and closed has 2"),
        ({"surprise": 1}, "surprise"),
        ({"phonemes": [{"symbol": "p"}]}, "phonemes.0.start_s"),
    ],
)
def test_wrong_value_is_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = tmp_path / "talk.lipwright.json"
    path.write_text(json.dumps(json.loads(sidecar_of(gap=(0.0, 0.1), closed=(1.0, 0.0)).to_json()) | change))
    with pytest.raises(MediaUnreadable, match=said) as raised:
        read_sidecar(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\x00"])
def test_what_is_no_sidecar_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "talk.lipwright.json"
    path.write_bytes(content)
    with pytest.raises(MediaUnreadable, match="talk"):
        read_sidecar(path)


def test_missing_sidecar_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound):
        read_sidecar(tmp_path / "talk.lipwright.json")
    with pytest.raises(MediaUnreadable):
        read_sidecar(tmp_path)


@given(TALKS)
def test_silences_are_long_and_free_of_phones(phonemes: list[Phoneme]) -> None:
    end_s = (phonemes[-1].end_s if phonemes else 0.0) + 0.5
    silences = silences_between(phonemes, end_s)
    rounding_s = 1e-4
    assert all(silence.end_s - silence.start_s >= 0.3 - rounding_s for silence in silences)
    assert all(
        phoneme.end_s <= silence.start_s + rounding_s or phoneme.start_s >= silence.end_s - rounding_s
        for silence in silences
        for phoneme in phonemes
    )
    spoken_s = sum(phoneme.end_s - phoneme.start_s for phoneme in phonemes)
    silent_s = sum(silence.end_s - silence.start_s for silence in silences)
    assert silent_s <= end_s - spoken_s + rounding_s * (len(silences) + 1)


@given(st.floats(0.31, 5.0))
def test_video_without_a_phone_is_one_silence(duration_s: float) -> None:
    assert silences_between((), duration_s) == (Span(start_s=0.0, end_s=duration_s),)


def rewritten_of(**fields: Any) -> dict[str, Any]:
    """What a sidecar of three frames tells of its source."""
    usual = {
        "source_fps": "25/1",
        "source_frames": 10,
        "plan": [{"first": 4, "count": 2}, {"first": 5, "count": 1, "step": 0}],
        "weight": [0.0, 0.5, 1.0],
        "faces": [{"first": 1, "count": 2, "person": 1, "box": {"left": 1, "top": 2, "right": 3, "bottom": 4}}],
        "untouched": [{"first": 0, "count": 1, "reason": "silent"}],
        "lip_sync": "rewrite",
        "heard": "sound",
    }
    return usual | fields


def test_video_of_a_video_tells_which_frames_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "talk.lipwright.json"
    written = sidecar_of(gap=(0.0, 0.1, 0.2), rewritten=Rewritten.model_validate(rewritten_of()))
    write_sidecar(path, written)
    found = read_sidecar(path)
    assert found == written
    assert found.rewritten is not None
    assert found.rewritten.source_frame_numbers() == [4, 5, 5]


def test_video_of_a_photo_tells_of_no_frames() -> None:
    assert "rewritten" not in json.loads(sidecar_of().to_json())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight": [1.0]}, "plan has 3 frames and weight has 1"),
        ({"source_frames": 5}, "frame 5 of 5"),
        ({"plan": [{"first": 1, "count": 3, "step": -1}]}, "frame -1 of 10"),
        ({"untouched": [{"first": 2, "count": 2, "reason": "no face"}]}, "ends at frame 4 of 3"),
        ({"version": 2}, "rewritten.version"),
    ],
)
def test_frames_that_cannot_be_are_refused(change: dict[str, Any], said: str) -> None:
    document = json.loads(sidecar_of(gap=(0.0, 0.1, 0.2)).to_json()) | {"rewritten": rewritten_of(**change)}
    with pytest.raises(MediaUnreadable, match=said):
        Sidecar.from_json(json.dumps(document), "talk")


@given(st.lists(st.integers(0, 6), max_size=40))
def test_frame_runs_give_back_every_number(numbers: list[int]) -> None:
    runs = frame_runs(numbers)
    assert [run.first + index * run.step for run in runs for index in range(run.count)] == numbers


def test_long_plays_are_few_runs() -> None:
    there_and_back = [*range(1000), *range(998, 0, -1), *range(500)]
    assert [(run.first, run.count, run.step) for run in frame_runs(there_and_back)] == [
        (0, 1000, 1),
        (998, 999, -1),
        (1, 499, 1),
    ]
