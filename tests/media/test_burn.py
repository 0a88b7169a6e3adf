import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.assets.packaged import read_asset
from lipwright.contracts.media import Cue, Plate
from lipwright.errors import ProviderUnavailable, UsageError
from lipwright.media import typeface
from lipwright.media.burn import SubtitlePlates, SubtitleStyle
from lipwright.media.label import Corner, label_plate
from lipwright.media.plate import blend, premultiplied, trimmed
from lipwright.media.subtitles import write_subtitles

PACKAGED = typeface.packaged()
SIZES = [(1080, 1080), (1080, 1920), (512, 512), (1920, 1080), (256, 256)]
CUES = [Cue("Où êtes-vous, señor Ñíguez?\nÈ così, não é?", 1.0, 2.0), Cue("Съешь ещё булок, Ωραία!", 2.1, 3.0)]


@pytest.mark.parametrize(("width_px", "height_px"), SIZES)
def test_subtitles_lie_inside_the_safe_margins(width_px: int, height_px: int) -> None:
    plates = SubtitlePlates(CUES, width_px, height_px)
    for time_s in (1.5, 2.5):
        plate = plates.plate_at(time_s)
        assert plate is not None
        plate_height_px, plate_width_px = plate.rgba.shape[:2]
        assert plate.x_px >= 0.04 * width_px
        assert plate.x_px + plate_width_px <= 0.96 * width_px
        assert plate.y_px + plate_height_px <= 0.96 * height_px
        assert plate.y_px >= 0.5 * height_px
        assert abs(plate.x_px + plate_width_px / 2 - width_px / 2) < 0.01 * width_px
        assert plate.rgba[..., :3].max() == 255
        assert (plate.rgba[..., :3] <= plate.rgba[..., 3:]).all()


def test_lines_of_42_letters_fit_every_picture() -> None:
    wide = Cue("WWWWMMMM WWWWMMMM WWWWMMMM WWWWMMMM WWWWMM\nWWWWMMMM WWWWMMMM WWWWMMMM WWWWMMMM WWWWMM", 0.0, 1.0)
    for width_px, height_px in SIZES:
        plate = SubtitlePlates([wide], width_px, height_px).plate_at(0.5)
        assert plate is not None
        assert plate.rgba.shape[1] <= 0.92 * width_px


def test_letters_are_large_enough_to_read() -> None:
    assert SubtitleStyle.for_picture(1080, 1080).text_height_px >= 48
    assert SubtitleStyle.for_picture(1080, 1920).text_height_px >= 48
    assert SubtitleStyle.for_picture(512, 512).text_height_px >= 24


def test_plates_are_shown_from_start_to_end() -> None:
    plates = SubtitlePlates(CUES, 256, 256)
    assert [plates.plate_at(time_s) is not None for time_s in (0.0, 0.99, 1.0, 1.99, 2.0, 2.05, 2.1, 3.0, 9.0)] == [
        False, False, True, True, False, False, True, False, False,
    ]  # fmt: skip
    assert plates.plate_at(1.2) is plates.plate_at(1.3)


def test_no_cues_need_no_plates() -> None:
    assert SubtitlePlates([], 256, 256).plate_at(0.0) is None


def test_emoji_are_left_out_and_foreign_letters_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeface, "font_folders", lambda: ())
    with_emoji = SubtitlePlates([Cue("Hello 🙂", 0.0, 1.0)], 256, 256).plate_at(0.5)
    without = SubtitlePlates([Cue("Hello ", 0.0, 1.0)], 256, 256).plate_at(0.5)
    assert with_emoji is not None
    assert without is not None
    np.testing.assert_array_equal(with_emoji.rgba, without.rgba)
    assert SubtitlePlates([Cue("🙂", 0.0, 1.0)], 256, 256).plate_at(0.5) is None
    with pytest.raises(UsageError, match=r"the typeface has no `日`\. Install a font for them"):
        SubtitlePlates([Cue("日", 0.0, 1.0)], 256, 256)


def test_installed_fonts_are_used_for_other_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "NotoSans-Own.ttf").write_bytes(read_asset("fonts/NotoSansThai-SemiBold.ttf"))
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    monkeypatch.setattr(typeface, "font_folders", lambda: (tmp_path, tmp_path / "none"))
    monkeypatch.setattr(typeface, "packaged", lambda: PACKAGED[:1])
    with pytest.raises(UsageError, match="has no `日`"):
        SubtitlePlates([Cue("ไทย 日", 0.0, 1.0)], 256, 256)
    assert SubtitlePlates([Cue("ไทย", 0.0, 1.0)], 256, 256).plate_at(0.5) is not None


@pytest.mark.parametrize(
    "text",
    ["مرحبًا بكم في Lipwright 2.0، وهو حر!", "שלום ל-Python 3.11, C++.", "नमस्ते दोस्तों", "สวัสดีครับ", "سلام، می‌خواهیم ۱۲۳"],
)
def test_each_packaged_script_is_drawn(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeface, "font_folders", lambda: ())
    plate = SubtitlePlates([Cue(text, 0.0, 1.0)], 512, 512).plate_at(0.5)
    assert plate is not None
    assert plate.rgba.shape[1] > 60


def stops_stand_left(ink: NDArray[np.bool_]) -> bool:
    """Whether a line of letters and full stops ends on the left: full stops are low."""
    ink = ink[np.ix_(ink.any(axis=1), ink.any(axis=0))]
    sixth = ink.shape[1] // 6
    heights = [len(ink) - int(np.flatnonzero(part.any(axis=1))[0]) for part in (ink[:, :sixth], ink[:, -sixth:])]
    return heights[0] < heights[1] / 2


@pytest.mark.parametrize("text", ["אבגד..........", "لالالا..........", "שלום Python 3 אבגד..................."])
def test_right_to_left_lines_end_on_the_left(text: str) -> None:
    plate = SubtitlePlates([Cue(text, 0.0, 1.0)], 512, 512).plate_at(0.5)
    assert plate is not None
    assert stops_stand_left(plate.rgba[..., 0] > 128)


def test_a_line_that_begins_with_a_hebrew_word_may_still_run_from_the_left() -> None:
    cues = [Cue("אבג means that..............", 0.0, 1.0), Cue("Most is English.", 1.0, 2.0)]
    plate = SubtitlePlates(cues, 512, 512).plate_at(0.5)
    assert plate is not None
    assert stops_stand_left(plate.rgba[:, ::-1, 0] > 128)


def test_arabic_letters_are_joined() -> None:
    joined, apart = (
        SubtitlePlates([Cue(text, 0.0, 1.0)], 512, 512).plate_at(0.5)
        for text in ("سسسسسس", "س\u200cس\u200cس\u200cس\u200cس\u200cس")
    )
    assert joined is not None
    assert apart is not None
    assert joined.rgba.shape[1] < 0.8 * apart.rgba.shape[1]


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".ass"])
def test_players_built_on_libass_end_written_lines_on_the_left(tmp_path: Path, suffix: str) -> None:
    write_subtitles(tmp_path / f"a{suffix}", [Cue("אבגד..........", 0.0, 2.0)], "he", (512, 512))
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "a.ttf").write_bytes(read_asset("fonts/NotoSansHebrew-SemiBold.ttf"))
    film = f"color=c=black:s=512x512:r=1:d=1,subtitles=a{suffix}:fontsdir=fonts"
    film += ":force_style='Fontname=Noto Sans Hebrew SemiBold,Outline=0,Shadow=0,Fontsize=30'"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", film, "-frames:v", "1"]
    drawn = subprocess.run(
        [*command, "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"], cwd=tmp_path, capture_output=True, check=True
    )
    assert stops_stand_left(np.frombuffer(drawn.stdout, np.uint8).reshape(512, 512) > 128)


def test_missing_ffmpeg_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/bin/false")
    with pytest.raises(ProviderUnavailable, match="Install imageio-ffmpeg"):
        SubtitlePlates(CUES, 256, 256)


def over(image: NDArray[np.uint8], plate: Plate) -> NDArray[np.float64]:
    height_px, width_px = plate.rgba.shape[:2]
    result = image.astype(np.float64)
    rows, columns = slice(plate.y_px, plate.y_px + height_px), slice(plate.x_px, plate.x_px + width_px)
    result[rows, columns] = plate.rgba[..., :3] + result[rows, columns] * (1 - plate.rgba[..., 3:] / 255)
    return result


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), x_px=st.integers(0, 20), y_px=st.integers(0, 20))
def test_blend_is_over(seed: int, x_px: int, y_px: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (48, 40, 3), np.uint8)
    plate = Plate(premultiplied(rng.integers(0, 256, (20, 15, 4), np.uint8)), x_px, y_px)
    expected = over(image, plate)
    blend(image, plate)
    np.testing.assert_allclose(image, expected, atol=0.51)


def test_trimmed_keeps_the_place() -> None:
    rgba = np.zeros((20, 30, 4), np.uint8)
    rgba[5:8, 10:14] = 255
    plate = trimmed(rgba, 100, 200)
    assert plate is not None
    assert (plate.rgba.shape, plate.x_px, plate.y_px) == ((3, 4, 4), 110, 205)
    assert trimmed(np.zeros((4, 4, 4), np.uint8)) is None


@pytest.mark.parametrize("corner", Corner)
@pytest.mark.parametrize(("width_px", "height_px"), [*SIZES, (64, 64), (16, 16)])
def test_label_stands_in_its_corner(width_px: int, height_px: int, corner: Corner) -> None:
    plate = label_plate(width_px, height_px, corner=corner)
    label_height_px, label_width_px = plate.rgba.shape[:2]
    assert plate.x_px >= 0
    assert plate.y_px >= 0
    assert plate.x_px + label_width_px <= width_px
    assert plate.y_px + label_height_px <= height_px
    image = np.full((height_px, width_px, 3), 200, np.uint8)
    blend(image, plate)
    if width_px > 100:
        assert (plate.x_px + label_width_px / 2 > width_px / 2) == corner.endswith("right")
        assert (plate.y_px + label_height_px / 2 > height_px / 2) == corner.startswith("bottom")
        assert image.min() < 110
        assert image.max() > 235
