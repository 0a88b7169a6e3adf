"""What is written of tracks stays readable, whatever they are called."""

from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lipwright.contracts.media import Cue
from lipwright.media.join import join_segments
from lipwright.media.language import _ISO_639_2
from lipwright.media.language_names import language_name
from lipwright.media.tracks import Beside, SubtitleTrack, TrackLabel
from support.clips import tone, write_segment
from support.tracks import streams

titles = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=40)
languages = st.sampled_from(["en", "pt-BR", "zh-Hant-TW", "fil", "de-CH-1901", "xx", "sr-Latn"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=titles, language=languages, name=titles)
def test_titles_are_read_as_they_were_given_and_the_file_plays(
    tmp_path: Path, title: str, language: str, name: str
) -> None:
    piece = write_segment(tmp_path / "0.mp4", range(10), Fraction(25))
    beside = Beside(
        label=TrackLabel(language, title), subtitles=(SubtitleTrack((Cue("Hi", 0.0, 0.2),), language, name),)
    )
    output = tmp_path / "all.mp4"
    join_segments(output, [piece], fps=Fraction(25), sound=[tone(300, 1)], beside=beside)
    found = streams(output)
    assert [one[3] for one in found[1:]] == [title, name]
    assert f"elng\0\0\0\0{language}\0".encode() in output.read_bytes()
    with av.open(str(output)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 10
        assert sum(frame.samples for frame in av.open(str(output)).decode(audio=0)) >= 19_200


def test_every_language_with_a_code_has_a_name() -> None:
    assert all(language_name(language) != language for language in _ISO_639_2)


@pytest.mark.parametrize(
    ("language", "name"), [("pt-BR", "Português"), ("EN_us", "English"), ("tlh", "tlh"), ("vi", "Tiếng\u00a0Việt")]
)
def test_languages_are_called_as_they_call_themselves(language: str, name: str) -> None:
    assert language_name(language) == name
