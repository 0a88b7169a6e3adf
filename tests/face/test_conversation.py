"""In a conversation, each turn belongs to the face whose mouth moves in it."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lipwright.face.conversation import Turn, conversing_frames
from lipwright.face.tracks import ClipFaces, FollowedFace, Shot
from support.rows import face_rows
from support.talking import openness_at

FPS = Fraction(25)
TURNS = (Turn(1, 0.2, 3.8), Turn(2, 4.2, 7.8), Turn(1, 8.2, 11.8))


def talking_in(*spans: tuple[int, int]) -> NDArray[np.float64]:
    gap = np.zeros(300)
    for first, end in spans:
        gap[first:end] = 0.2 * np.resize(openness_at(np.arange(50) / 25), end - first)
    return gap


def two_people(left: NDArray[np.float64], right: NDArray[np.float64], *cuts: int) -> ClipFaces:
    edges = (0, *cuts, 300)
    shots = tuple(Shot(n, first, end) for n, (first, end) in enumerate(pairwise(edges)))
    faces = []
    for shot in shots:
        for person, (gap, x) in enumerate(((left, 160), (right, 480)), 1):
            rows = face_rows(len(shot), gap=gap[shot.first_frame : shot.end_frame], centre_x=x)
            faces.append(FollowedFace(len(faces), shot.number, person, shot.first_frame, rows, ()))
    return ClipFaces(FPS, 300, 640, 360, shots, tuple(faces), ())


def test_two_people_in_one_shot_are_each_drawn_in_their_own_turns() -> None:
    faces = two_people(talking_in((5, 95), (205, 295)), talking_in((105, 195)))

    seen, told = conversing_frames(faces, None, TURNS)

    assert (seen.track[5:95] == 0).all()
    assert (seen.track[105:195] == 1).all()
    assert (seen.track[205:295] == 0).all()
    assert (seen.weight[10:90] == 1).all()
    assert told == "speaker 1: face 1; speaker 2: face 2, by whose mouth moves in their turns"


def test_where_the_face_changes_both_are_left_to_themselves_for_a_moment() -> None:
    seen, _ = conversing_frames(two_people(talking_in((5, 95), (205, 295)), talking_in((105, 195))), None, TURNS)

    changes = np.flatnonzero(np.diff(seen.track)) + 1
    assert changes.tolist() == [100, 200]
    assert seen.weight[changes].max() < 0.2
    assert np.abs(np.diff(seen.weight)).max() <= 0.25


def test_at_a_cut_nothing_has_to_be_eased() -> None:
    faces = two_people(talking_in((5, 95), (205, 295)), talking_in((105, 195)), 100, 200)

    seen, _ = conversing_frames(faces, None, TURNS)

    assert (seen.weight == 1).all()
    assert {int(faces.tracks[number].person) for number in seen.track[100:200]} == {2}


def test_a_speaker_whose_turns_show_no_moving_mouth_has_the_face_that_speaks_most() -> None:
    faces = two_people(talking_in((5, 95), (205, 295)), talking_in())

    seen, _ = conversing_frames(faces, None, TURNS)

    assert (seen.track == 0).all()
