"""A scene keeps frames of its own between its dissolves: as many as an encoded file needs."""

from fractions import Fraction

from lipwright.media.scenes import FEWEST_FRAMES
from lipwright.story.markdown import read_script
from lipwright.story.spoken_times import SceneSpeech
from lipwright.story.timing import frame_of, spoken


def test_a_short_scene_between_long_dissolves_keeps_enough_frames() -> None:
    text = "## A\n[hold 5s]\n## B\n[hold 1.2s] [transition: dissolve 2s]\n## C\n[hold 5s] [transition: dissolve 2s]\n"
    fps = Fraction(30)
    story = spoken(read_script(text, "script.md"), [SceneSpeech((), 0.0)] * 3, fps)
    length = frame_of(story.scenes[1].duration_s, fps)
    overlaps = [frame_of(scene.transition.duration_s if scene.transition else 0, fps) for scene in story.scenes[1:]]
    assert length - sum(overlaps) >= FEWEST_FRAMES
    assert min(overlaps) > 10
