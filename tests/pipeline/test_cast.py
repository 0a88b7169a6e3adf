"""Who is drawn in which frame of the result, and why not elsewhere."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import MouthTrack
from lipwright.face.features import FaceFeatures
from lipwright.face.speaker import choose_speakers, speaking_frames
from lipwright.face.tracks import ClipFaces, FollowedFace, Shot
from lipwright.pipeline.stages.cast import SILENT, Cast, Speaking, cast
from support.rows import face_rows

FPS = Fraction(25)


def clip(features: FaceFeatures) -> ClipFaces:
    """A clip of one face in one shot."""
    count = len(features)
    face = FollowedFace(0, 0, 1, 0, features, ())
    return ClipFaces(FPS, count, 640, 360, (Shot(0, 0, count),), (face,), ())


def mouth(gap: NDArray[np.float64]) -> MouthTrack:
    narrow = gap.astype(np.float32)
    return MouthTrack(FPS, np.zeros((len(gap), 8), np.float32), narrow, (narrow == 0).astype(np.float32))


def cast_of(features: FaceFeatures, new_gap: NDArray[np.float64], plan: NDArray[np.int32] | None = None) -> Cast:
    faces = clip(features)
    shown = np.arange(len(new_gap), dtype=np.int32) if plan is None else plan
    speaking = Speaking(speaking_frames(faces, choose_speakers(faces, None)), "")
    return cast(faces, speaking, shown, mouth(new_gap), ())


def open_in(count: int, *spans: tuple[int, int]) -> NDArray[np.float64]:
    gap = np.zeros(count)
    for first, end in spans:
        gap[first:end] = 0.08
    return gap


def test_only_frames_near_speech_are_drawn_and_the_weight_eases_in_and_out() -> None:
    found = cast_of(face_rows(300), open_in(300, (140, 160)))

    assert (found.weight[140:160] == 1).all()
    assert (found.weight[:125] == 0).all()
    assert (found.weight[175:] == 0).all()
    assert np.abs(np.diff(found.weight)).max() < 0.3
    assert found.reasons[0] == SILENT
    assert found.reasons[150] == ""


def test_a_mouth_that_moves_in_the_video_is_stilled_where_the_new_sound_is_silent() -> None:
    found = cast_of(face_rows(300, gap=open_in(300, (100, 140))), open_in(300))

    assert (found.weight[100:140] == 1).all()
    assert found.weight[0] == 0
    assert found.weight[-1] == 0


def test_at_the_ends_of_the_result_nothing_has_to_be_eased() -> None:
    found = cast_of(face_rows(100), open_in(100, (0, 100)))

    assert (found.weight == 1).all()


def test_a_face_that_turns_away_is_left_alone_for_that_reason() -> None:
    away = np.zeros(200)
    away[80:120] = 70

    found = cast_of(face_rows(200, away_degrees=away), open_in(200, (0, 200)))

    assert (found.weight[80:120] == 0).all()
    assert set(found.reasons[80:120]) == {"turned away"}
    assert found.weight[0] == found.weight[-1] == 1


def test_frames_are_weighed_by_the_frame_of_the_footage_that_they_show() -> None:
    away = np.zeros(50)
    away[40:] = 70
    plan = np.concatenate([np.arange(50), np.arange(48, -1, -1)]).astype(np.int32)

    found = cast_of(face_rows(50, away_degrees=away), open_in(99, (0, 99)), plan)

    assert (found.weight[:99] == found.weight[:99][::-1]).all()
    assert (found.weight[40:59] == 0).all()
