"""Real clips, where they are at hand: one steady track for each speaker, and nobody in the crowd."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from lipwright.face.scanner import FaceScanner
from lipwright.face.speaker import choose_speakers, speaking_frames
from lipwright.face.tracks import ClipFaces
from lipwright.media.footage import index_footage, read_footage


def scanned(path: Path, frames: int) -> ClipFaces:
    footage = index_footage(path)
    window = FaceScanner(footage.fps).scan(islice(read_footage(footage), frames))
    return ClipFaces.of([window], footage.fps)


@pytest.mark.parametrize(
    ("name", "width_px"),
    [
        ("closeup-30fps", 231),
        ("newsreader-30fps", 197),
        ("vfr-30fps", 201),
        ("glasses-english-30fps", 320),
        ("portrait-25fps-hevc", 189),
        ("beard-25fps-hevc", 264),
    ],
)
def test_a_speaker_is_one_track_that_is_wholly_usable(shared_media: Path, name: str, width_px: int) -> None:
    faces = scanned(shared_media / f"{name}.mp4", 40)
    (track,) = faces.tracks
    assert len(track) == 40
    assert np.median(track.features.width_px) == pytest.approx(width_px, rel=0.1)
    choice = choose_speakers(faces, None)
    assert choice.explanation.startswith("the only face")
    assert speaking_frames(faces, choice).weight.min() == 1


def test_nobody_speaks_in_the_crowd(shared_media: Path) -> None:
    faces = scanned(shared_media / "crowd-25fps.mp4", 50)
    assert len(faces.shots) == 1
    choice = choose_speakers(faces, None)
    assert choice.persons == (None,)
    assert choice.explanation.startswith("nobody: ")
    assert speaking_frames(faces, choice).weight.max() == 0
