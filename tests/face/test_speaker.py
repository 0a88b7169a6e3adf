from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import io

from lipwright.errors import UsageError
from lipwright.face.features import FaceFeatures
from lipwright.face.scanner import FaceScanner
from lipwright.face.speaker import choose_speakers, speaking_frames
from lipwright.face.tracks import ClipFaces, FollowedFace, Shot
from lipwright.face.visibility import NO_FACE, NOBODY_SPEAKS
from support.rows import face_rows, loudness
from support.scenes import speaking, yuv_of
from support.talking import RATE_HZ, close_up, openness_at, voice

FPS = Fraction(25)


def clip(*tracks: tuple[int, int, int, FaceFeatures], shots: Sequence[int] = (0, 100)) -> ClipFaces:
    """A clip, 640 x 360, of tracks given as shot, person, first frame and features."""
    spans = [Shot(number, start, end) for number, (start, end) in enumerate(pairwise(shots))]
    faces = [
        FollowedFace(number, shot, person, first, rows, ()) for number, (shot, person, first, rows) in enumerate(tracks)
    ]
    return ClipFaces(FPS, shots[-1], 640, 360, tuple(spans), tuple(faces), ())


def gap(count: int, late: int = 0) -> NDArray[np.float64]:
    """A mouth in speech, four seconds of it again and again."""
    return 0.2 * np.resize(openness_at(np.arange(50) / 25), count + late)[late:]


def heard(count: int) -> NDArray[np.float32]:
    sound = np.resize(voice(2.0), count * RATE_HZ // 25)
    return loudness(sound, RATE_HZ // 25, count)


def test_the_only_face_speaks_even_if_its_mouth_never_moves() -> None:
    choice = choose_speakers(clip((0, 1, 0, face_rows(100))), heard(100))
    assert choice.persons == (1,)
    assert "the only face, 200 px wide, middle" in choice.explanation


def test_of_two_faces_the_one_that_moves_with_the_sound_speaks_though_the_other_is_larger() -> None:
    chewing = face_rows(100, gap=0.08 + 0.08 * np.sin(np.arange(100) * 0.9), width_px=300, centre_x=150)
    faces = clip((0, 1, 0, chewing), (0, 2, 0, face_rows(100, gap=gap(100), centre_x=480)))
    choice = choose_speakers(faces, heard(100))
    assert choice.persons == (2,)
    assert "face 2 of 2" in choice.explanation
    assert "right" in choice.explanation


def test_without_sound_the_face_that_is_large_central_and_lively_speaks() -> None:
    faces = clip(
        (0, 1, 0, face_rows(100, width_px=320, centre_x=320)),
        (0, 2, 0, face_rows(100, gap=gap(100), width_px=260, centre_x=300)),
        (0, 3, 0, face_rows(100, gap=gap(100), width_px=120, centre_x=600)),
    )
    assert choose_speakers(faces, None).persons == (2,)


def test_of_many_faces_none_of_which_speaks_none_is_chosen() -> None:
    faces = clip((0, 1, 0, face_rows(100)), (0, 2, 0, face_rows(100, width_px=150, centre_x=100)))
    choice = choose_speakers(faces, heard(100))
    assert choice.persons == (None,)
    assert choice.explanation.startswith("nobody: 2 faces, none of which speaks. Faces: 1: 200 px wide")
    assert set(speaking_frames(faces, choice).reason) == {NOBODY_SPEAKS}


def test_passers_by_behind_a_silent_speaker_do_not_count() -> None:
    faces = clip((0, 1, 0, face_rows(100, width_px=300)), (0, 2, 0, face_rows(100, width_px=70, centre_x=100)))
    assert choose_speakers(faces, heard(100)).persons == (1,)


def test_who_listens_alone_in_a_shot_does_not_speak_there() -> None:
    faces = clip(
        (0, 1, 0, face_rows(100, gap=gap(100))),
        (1, 2, 100, face_rows(100)),
        (2, 1, 200, face_rows(100, gap=gap(100))),
        shots=(0, 100, 200, 300),
    )
    choice = choose_speakers(faces, heard(300))
    assert choice.persons == (1, None, 1)
    assert choice.reasons[1] == "face 2 listens"


def test_two_people_who_talk_in_turn_each_speak_in_their_shots() -> None:
    speech = face_rows(100, gap=gap(100))
    faces = clip((0, 1, 0, speech), (1, 2, 100, speech), shots=(0, 100, 200))
    choice = choose_speakers(faces, heard(200))
    assert choice.persons == (1, 2)
    assert "face 1 in 1 shot, face 2 in 1 shot" in choice.explanation


def test_a_number_chooses_a_face_wherever_it_is_seen() -> None:
    faces = clip((0, 1, 0, face_rows(100, gap=gap(100))), (1, 2, 120, face_rows(80)), shots=(0, 100, 200))
    choice = choose_speakers(faces, heard(200), 2)
    assert choice.persons == (None, 2)
    seen = speaking_frames(faces, choice)
    assert set(seen.track[120:]) == {1}
    assert set(seen.track[:120]) == {-1}
    assert set(seen.reason[:100]) == {NOBODY_SPEAKS}
    assert set(seen.reason[100:120]) == {NO_FACE}
    assert 0 < seen.weight[120] < 0.1
    assert seen.weight[130:].min() == 1


def test_an_unknown_number_lists_the_faces() -> None:
    faces = clip((0, 1, 0, face_rows(100)), (0, 2, 0, face_rows(50, away_degrees=70, centre_x=600)))
    with pytest.raises(UsageError) as caught:
        choose_speakers(faces, None, 3)
    assert "--speaker 3" in str(caught.value)
    assert "1: 200 px wide, middle, from 0.0 s to 4.0 s\n" in str(caught.value)
    assert "2: 200 px wide, right, from 0.0 s to 2.0 s, never usable: turned away" in str(caught.value)


def test_a_face_that_is_too_small_is_named_as_the_reason() -> None:
    choice = choose_speakers(clip((0, 1, 0, face_rows(100, width_px=50))), None)
    assert choice.explanation == (
        "nobody: no face is usable. Faces: 1: 50 px wide, middle, from 0.0 s to 4.0 s, never usable: too small"
    )


def test_a_clip_without_faces_says_so() -> None:
    choice = choose_speakers(clip(), None)
    assert choice.explanation == "nobody: no face was found"
    assert set(speaking_frames(clip(), choice).reason) == {NO_FACE}


@pytest.mark.parametrize("speaker_left", [True, False])
def test_in_a_picture_of_two_people_the_mouth_that_goes_with_the_sound_is_found(
    drawn_portrait: Path, speaker_left: bool
) -> None:
    drawn = np.ascontiguousarray(io.imread(drawn_portrait)[100:356, 64:320, :3])
    speech = openness_at(np.arange(50) / 25)
    other = 0.7 * np.abs(np.sin(np.arange(50) * 0.37)) ** 2
    left = speaking(close_up(), speech if speaker_left else other)
    right = speaking(drawn, other if speaker_left else speech)
    faces = ClipFaces.of(
        [FaceScanner(FPS).scan(yuv_of(np.concatenate(pair, axis=1)) for pair in zip(left, right, strict=True))], FPS
    )
    choice = choose_speakers(faces, loudness(voice(2.0), RATE_HZ // 25, 50))
    assert len(faces.tracks) == 2
    (number,) = choice.tracks[0]
    assert (np.median(faces.tracks[number].features.centre[:, 0]) < 256) == speaker_left
