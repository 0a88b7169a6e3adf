"""The JSON file beside a video."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.sidecar import PixelBox, Span, sidecar_path, silences_between
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
