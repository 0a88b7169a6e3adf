"""Contact sheets."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.speech import Phoneme
from lipwright.errors import MediaUnreadable, OutputNotWritable
from lipwright.quality.sheet import SheetOptions, draw_sheet, first_frame, phone_at, strip, write_sheet
from lipwright.quality.xsampa import spelled
from support.clips import write_clip
from support.sidecars import sidecar_of
from support.talking import TalkingClip

SMALL = SheetOptions(columns=4, rows=2, tile_px=64)


def test_sheet_has_a_row_of_whole_frames_and_all_crops(talking: TalkingClip, tmp_path: Path) -> None:
    write_sheet(talking.path, tmp_path / "a.png", options=SMALL)
    with Image.open(tmp_path / "a.png") as sheet:
        assert (sheet.format, sheet.mode) == ("PNG", "RGB")
        width, height = sheet.size
    across = 4 * (64 + 2) + 2
    assert width == across
    assert height == 2 * (64 + 14 + 2) + 2 + ((across - 2) // 8 - 2) + 4


def test_same_video_gives_the_same_sheet(talking: TalkingClip, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        write_sheet(talking.path, tmp_path / name, options=SMALL)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_crops_hold_the_face_still_while_lips_move(talking: TalkingClip) -> None:
    options = SheetOptions(columns=8, rows=1, tile_px=96, region="face", overview=False, start_s=0.0)
    sheet = draw_sheet(talking.path, None, options, SilentProgress())
    tiles = [sheet[2:98, 2 + 98 * column : 98 + 98 * column].astype(int) for column in range(8)]
    moved = np.abs(tiles[0] - tiles[6]).mean(axis=2)
    assert moved[60:84, 30:66].mean() > 3 * moved[:40].mean()


def test_sheet_without_face_shows_frames(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "grey.mp4", frames=10)
    write_sheet(clip, tmp_path / "sheet.png", options=SMALL)
    assert (tmp_path / "sheet.png").exists()


def test_sheet_of_a_cut_video_leaves_no_file(talking: TalkingClip, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(talking.path.read_bytes()[:-5000])
    with pytest.raises(MediaUnreadable):
        write_sheet(cut, tmp_path / "sheet.png")
    assert list(tmp_path.iterdir()) == [cut]
    with pytest.raises(OutputNotWritable):
        write_sheet(talking.path, tmp_path / "nowhere" / "sheet.png")


def test_sequence_begins_where_lips_move_most() -> None:
    gap = [0.0] * 100
    gap[60:68] = [0.1, 0.0] * 4
    sidecar = sidecar_of(gap=tuple(gap))
    first = first_frame(sidecar, Fraction(25), 100, SMALL)
    assert 59 <= first <= 61
    assert first_frame(sidecar, Fraction(25), 100, SheetOptions(columns=4, rows=2, start_s=1.0)) == 25
    assert first_frame(sidecar, Fraction(25), 100, SheetOptions(columns=4, rows=2, start_s=99.0)) == 92
    assert first_frame(None, Fraction(25), 100, SMALL) == 46
    assert first_frame(None, Fraction(25), 3, SMALL) == 0


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=1, max_size=20), st.integers(1, 9))
def test_strip_has_room_for_every_picture(sizes: list[tuple[int, int]], columns: int) -> None:
    pictures = [np.full((height, width, 3), 255, np.uint8) for height, width in sizes]
    sheet = strip(pictures, columns=columns)
    white = int((sheet == 255).all(axis=2).sum())
    assert white == sum(height * width for height, width in sizes)
    assert sheet.shape[1] == columns * (max(width for _, width in sizes) + 2) + 2


def test_strip_refuses_what_it_cannot_lay_out() -> None:
    with pytest.raises(ValueError, match="no picture"):
        strip([])
    with pytest.raises(ValueError, match="2 labels"):
        strip([np.zeros((4, 4, 3), np.uint8)], labels=["a", "b"])


def test_phone_of_a_time() -> None:
    phonemes = [Phoneme("m", 0.0, 0.1), Phoneme("ʌ", 0.2, 0.3)]
    assert [phone_at(phonemes, time_s) for time_s in (0.05, 0.15, 0.2, 0.3)] == ["m", "", "ʌ", ""]


@pytest.mark.parametrize(
    ("ipa", "ascii_letters"),
    [("aɪ", "aI"), ("ɜː", "3:"), ("tʃ", "tS"), ("ɐ̃", "6~"), ("ã", "a~"), ("ç", "C"), ("p", "p"), ("ʘ", "*")],
)
def test_phones_are_spelled_in_letters_of_every_typeface(ipa: str, ascii_letters: str) -> None:
    assert spelled(ipa) == ascii_letters
