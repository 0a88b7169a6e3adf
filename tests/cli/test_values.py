"""What users write for sizes, rates, backgrounds and subtitles."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.cli import values
from lipwright.contracts import wishes
from lipwright.contracts.portrait import SubtitleKind
from lipwright.errors import MediaNotFound, UsageError

sides = st.integers(wishes.SMALLEST_SIDE_PX // 2, wishes.LARGEST_SIDE_PX // 2).map(lambda half: 2 * half)


@given(sides, sides, st.sampled_from(["x", "X", "×", " x "]))
def test_every_even_size_in_range_is_itself(width_px: int, height_px: int, sign: str) -> None:
    assert wishes.parse_size(f"{width_px}{sign}{height_px}") == (width_px, height_px)


@pytest.mark.parametrize(
    ("name", "size"),
    [("square", (1080, 1080)), ("portrait", (1080, 1920)), ("Landscape", (1920, 1080)), ("1080p", (1920, 1080))],
)
def test_sizes_have_names(name: str, size: tuple[int, int]) -> None:
    assert wishes.parse_size(name) == size


def test_odd_size_is_refused_with_the_nearest_even_ones() -> None:
    with pytest.raises(UsageError, match=r"641x480.*640x480 and 642x480"):
        wishes.parse_size("641x480")


@given(sides.map(lambda side: side - 1).filter(lambda side: side > wishes.SMALLEST_SIDE_PX), sides)
def test_the_sizes_proposed_for_an_odd_one_are_accepted(width_px: int, height_px: int) -> None:
    with pytest.raises(UsageError) as refusal:
        wishes.parse_size(f"{width_px}x{height_px}")
    smaller, _, larger = str(refusal.value).rpartition(" are ")[2].rstrip(".").partition(" and ")
    for proposed in (smaller, larger):
        assert abs(wishes.parse_size(proposed)[0] - width_px) == 1


@pytest.mark.parametrize("given_size", ["", "0x0", "64x64", "100000x2", "12", "axb", "-2x4", "640x", "4098x480"])
def test_what_is_no_size_is_refused(given_size: str) -> None:
    with pytest.raises(UsageError, match="--size"):
        wishes.parse_size(given_size)


def test_misspelt_size_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match="Did you mean `landscape`"):
        wishes.parse_size("landscpe")


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("25", Fraction(25)),
        ("30", Fraction(30)),
        ("29.97", Fraction(30000, 1001)),
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("30000/1001", Fraction(30000, 1001)),
        ("12.5", Fraction(25, 2)),
    ],
)
def test_rates_are_exact(written: str, rate: Fraction) -> None:
    assert wishes.parse_fps(written) == rate


@given(st.fractions(min_value=wishes.LOWEST_FPS, max_value=wishes.HIGHEST_FPS, max_denominator=1001))
def test_every_rational_rate_in_range_is_itself(rate: Fraction) -> None:
    assert wishes.parse_fps(f"{rate.numerator}/{rate.denominator}") == rate


@pytest.mark.parametrize("written", ["", "0", "-25", "25/0", "1e3", "nan", "inf", "fast", "240", "9", "25fps", "30/-1"])
def test_what_is_no_rate_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="--fps"):
        wishes.parse_fps(written)


def test_background_is_a_word_a_colour_or_a_picture(tmp_path: Path) -> None:
    picture = tmp_path / "office.png"
    picture.write_bytes(b"any file")
    assert values.parse_background("blur") == "blur"
    assert values.parse_background("#1E90FF") == "#1e90ff"
    assert values.parse_background("#0af") == "#00aaff"
    assert values.parse_background(str(picture)) == str(picture)


@pytest.mark.parametrize("colour", ["#12345", "#gggggg", "#", "#1234567"])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(UsageError, match="not a colour"):
        values.parse_background(colour)


def test_missing_background_picture_gets_a_suggestion() -> None:
    with pytest.raises(MediaNotFound, match="Did you mean `blur`"):
        values.parse_background("blurr")


def test_subtitle_kinds_are_joined_or_repeated() -> None:
    assert wishes.parse_subtitles(["burn, srt", "VTT"]) == {SubtitleKind.BURN, SubtitleKind.SRT, SubtitleKind.VTT}
    assert wishes.parse_subtitles([]) == frozenset()


def test_unknown_subtitle_kind_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match="Did you mean `burn`"):
        wishes.parse_subtitles(["burned"])


def test_script_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    script = tmp_path / "talk.txt"
    script.write_bytes(b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe.")
    assert values.read_script(script) == "Grüße."


def test_script_that_is_no_text_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "talk.docx"
    script.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(UsageError, match="not UTF-8"):
        values.read_script(script)


def test_script_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match=r"talk\.txt"):
        values.read_script(tmp_path / "talk.txt")


def test_huge_script_is_refused_before_it_is_read(tmp_path: Path) -> None:
    script = tmp_path / "talk.txt"
    with script.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(UsageError, match="too many"):
        values.read_script(script)
