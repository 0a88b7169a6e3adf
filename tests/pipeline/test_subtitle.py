"""Subtitles of a dub, in every form."""

from fractions import Fraction
from pathlib import Path

import pytest

from lipwright.contracts.dub import Fit, Line, SpokenLine, Subtitles
from lipwright.errors import OutputNotWritable
from lipwright.media.read_subtitles import read_subtitles
from lipwright.pipeline.stages.subtitle import (
    DubSubtitles,
    check_subtitle_files,
    subtitle,
    subtitle_paths,
    write_files,
)

SOURCE = [Line(1, 0.5, 2.5, 1, "Hello, everybody.", "en"), Line(2, 3.0, 6.0, 1, "Today we talk about voices.", "en")]
SPOKEN = [
    SpokenLine(1, 1, "", "Olá a todos.", 0.5, 2.5, 0.6, 2.1, 1.5, 1.0, 0.0, Fit.FITS, "v", "e", 0),
    SpokenLine(2, 1, "", "Hoje vamos falar de vozes, e de como se ouvem.", 3.0, 6.0, 3.0, 6.0, 3.0, 1.0, 0.0, Fit.FITS,
               "v", "e", 0),
]  # fmt: skip


def made(folder: Path, *forms: Subtitles, size_px: tuple[int, int] = (1080, 720)) -> DubSubtitles:
    return subtitle(
        SPOKEN,
        "pt-BR",
        SOURCE,
        "en",
        forms=frozenset(forms),
        output=folder / "talk.pt-BR.mp4",
        duration_s=7.0,
        fps=Fraction(30),
        size_px=size_px,
    )


def test_files_lie_beside_the_video_under_names_that_players_find(tmp_path: Path) -> None:
    given = made(tmp_path, Subtitles.SRT, Subtitles.VTT)
    write_files(given, (1080, 720))
    written = given.files
    assert [path.name for path in written] == [
        "talk.pt-BR.srt", "talk.pt-BR.en.srt", "talk.pt-BR.vtt", "talk.pt-BR.en.vtt",
    ]  # fmt: skip
    assert read_subtitles(written[0]).cues[0].text == "Olá a todos."
    assert read_subtitles(written[1]).cues[0].text == "Hello, everybody."
    assert "Language: pt-BR" in written[2].read_text(encoding="utf-8")


def test_a_video_that_does_not_name_its_language_gets_files_that_do() -> None:
    forms = frozenset({Subtitles.SRT, Subtitles.BURN})
    names = [path.name for path in subtitle_paths(Path("out.mp4"), "pt-BR", "en", forms)]
    assert names == ["out.pt-BR.srt", "out.en.srt"]


def test_only_what_was_asked_for_is_made(tmp_path: Path) -> None:
    plain = made(tmp_path)
    assert (plain.burned, plain.embedded, plain.files) == ((), (), ())
    every = made(tmp_path, *Subtitles)
    assert [track.language for track in every.embedded] == ["pt-BR", "en"]
    assert len(every.files) == 6


def test_burned_cues_suit_the_picture(tmp_path: Path) -> None:
    tall = made(tmp_path, Subtitles.BURN, size_px=(1080, 1920)).burned
    assert max(len(row) for cue in tall for row in cue.text.split("\n")) <= 32
    assert tall[0].start_s == 0.6


def test_a_folder_that_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(OutputNotWritable, match="there is no folder"):
        check_subtitle_files(tmp_path / "none" / "a.mp4", "es", "en", frozenset({Subtitles.SRT}))
