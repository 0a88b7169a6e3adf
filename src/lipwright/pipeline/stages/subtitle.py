"""Subtitles of a dub: what is said in it and what was said in the source, in the forms that were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from lipwright.contracts.dub import Line, SpokenLine, Subtitles, TargetLine
from lipwright.contracts.media import Cue
from lipwright.media.burn import SubtitleStyle
from lipwright.media.cues import CueRules, cues_from_lines
from lipwright.media.output import check_writable
from lipwright.media.subtitles import write_subtitles
from lipwright.media.tracks import SubtitleTrack

FILES = (Subtitles.SRT, Subtitles.VTT, Subtitles.ASS)
_TIMED_FPS = (Fraction(10), Fraction(120))
"""Cues keep their distance in frames of a video with such a rate."""


@dataclass(frozen=True, slots=True)
class DubSubtitles:
    """The subtitles of one dub."""

    target: SubtitleTrack
    source: SubtitleTrack
    burned: tuple[Cue, ...]
    """Of the target, cut for the shape of the picture; empty unless they are to be burned."""
    embedded: tuple[SubtitleTrack, ...]
    """Target, then source, without tracks that have no cues; empty unless they are to be embedded."""
    files: tuple[Path, ...]
    """In pairs: of the target, of the source."""


def subtitle(
    target_lines: Sequence[TargetLine] | Sequence[SpokenLine],
    target: str,
    source_lines: Sequence[Line],
    source: str,
    *,
    forms: frozenset[Subtitles],
    output: Path,
    duration_s: float,
    fps: Fraction,
    size_px: tuple[int, int],
) -> DubSubtitles:
    """Cut the lines of a dub into subtitles.

    Args:
        target: BCP 47, of `target_lines`.
        source: BCP 47, of `source_lines`.
        output: the video, beside which files are to lie.
        duration_s: of the video.
        size_px: width and height of the picture.
    """
    rate = fps if _TIMED_FPS[0] <= fps <= _TIMED_FPS[1] else CueRules().fps
    rules = CueRules(fps=rate)
    said = SubtitleTrack(tuple(cues_from_lines(target_lines, duration_s, rules)), target)
    heard = SubtitleTrack(tuple(cues_from_lines(source_lines, duration_s, rules)), source)
    burned: tuple[Cue, ...] = ()
    if Subtitles.BURN in forms:
        narrow = CueRules(SubtitleStyle.for_picture(*size_px).line_characters, fps=rate)
        burned = tuple(cues_from_lines(target_lines, duration_s, narrow))
    tracks = tuple(track for track in (said, heard) if track.cues)
    return DubSubtitles(
        target=said,
        source=heard,
        burned=burned,
        embedded=tracks if Subtitles.EMBED in forms else (),
        files=subtitle_paths(output, target, source, forms),
    )


def subtitle_paths(output: Path, target: str, source: str, forms: frozenset[Subtitles]) -> tuple[Path, ...]:
    """Name the files: `talk.pt-BR.srt` and `talk.pt-BR.en.srt` for `talk.pt-BR.mp4`, which players find."""
    stem = output.stem
    own = stem if stem.lower().endswith(f".{target.lower()}") else f"{stem}.{target}"
    return tuple(
        output.with_name(f"{name}.{form}") for form in FILES if form in forms for name in (own, f"{stem}.{source}")
    )


def check_subtitle_files(output: Path, target: str, source: str, forms: frozenset[Subtitles]) -> None:
    """Make sure, before work starts, that the files can be written.

    Raises: OutputNotWritable, DiskFull.
    """
    for path in subtitle_paths(output, target, source, forms):
        check_writable(path)


def write_files(made: DubSubtitles, size_px: tuple[int, int]) -> None:
    """Write the files of a dub.

    Raises: OutputNotWritable, DiskFull.
    """
    for index, path in enumerate(made.files):
        track = made.source if index % 2 else made.target
        write_subtitles(path, track.cues, track.language, size_px)
