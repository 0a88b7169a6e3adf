import numpy as np

from lipwright.face.features import FaceFeatures
from lipwright.face.identity import number_persons
from support.rows import face_rows


def dressed(count: int, colour: tuple[float, float, float], **columns: float) -> FaceFeatures:
    features = face_rows(count, grain=3.0, seed=count, **columns)
    features.look[:, 3:] = colour
    return features


RED, BLUE = (90.0, 80.0, 40.0), (70.0, -30.0, -60.0)


def test_a_person_keeps_the_number_through_shots_and_the_one_seen_most_is_first() -> None:
    tracks = [
        (0, 0, dressed(40, BLUE)),
        (40, 1, dressed(60, RED)),
        (100, 2, dressed(50, BLUE, width_px=80)),
        (150, 3, dressed(60, RED, width_px=300)),
    ]
    assert number_persons(tracks) == [2, 1, 2, 1]


def test_two_faces_in_one_frame_are_two_persons_however_alike() -> None:
    tracks = [(0, 0, dressed(40, RED)), (20, 0, dressed(41, RED, centre_x=500))]
    assert sorted(number_persons(tracks)) == [1, 2]


def test_a_face_that_comes_back_in_its_place_may_look_a_little_different() -> None:
    other = dressed(42, RED)
    other.look[:, 3:, 0] += 50
    assert number_persons([(0, 0, dressed(40, RED)), (60, 0, other)]) == [1, 1]
    assert sorted(number_persons([(0, 0, dressed(40, RED)), (60, 1, other)])) == [1, 2]


def test_gaps_in_a_track_do_no_harm() -> None:
    gappy = dressed(40, RED)
    gappy.values[10:15] = np.nan
    assert number_persons([(0, 0, gappy), (60, 1, dressed(44, RED))]) == [1, 1]
    assert number_persons([]) == []
