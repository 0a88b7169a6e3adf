"""Exemplars are tried on frames with parted lips."""

from dataclasses import replace

import numpy as np
import pytest

from lipwright.contracts.lipsync import FaceFrame
from lipwright.render.rewrite.measure import measure_gap
from lipwright.render.rewrite.reading import LipReader
from lipwright.render.rewrite.trials import FAILED_IOD, PARTED_GAP, TRIAL_FRAMES, PartedFrames, Trials
from support.rewriting import Talker


class Told(LipReader):
    """Reads what was drawn: the picture says how far the lips are apart."""

    def __init__(self) -> None:
        self.views: list[np.ndarray] = []
        self.colours: list[int] = []

    def gap(self, image: np.ndarray, before: np.ndarray) -> float:
        self.views.append(before)
        self.colours.append(int(image[0, 0, 1]) - int(image[0, 0, 2]))
        return float(image[0, 0, 0]) / 1000


def drawing(gaps: dict[int, list[int]], place: int, row: int) -> np.ndarray:
    return np.full((1, 1, 3), gaps[row][place], np.uint8)


def trials(reader: Told, talker: Talker, gaps: dict[int, list[int]]) -> Trials:
    meshes = [frame.points for frame in talker.frames[:3]]
    return Trials(reader, meshes, lambda place, row: drawing(gaps, place, row))


def test_wide_readings_count_most_and_all_are_taken_once(talker: Talker) -> None:
    reader = Told()
    tried = trials(reader, talker, {0: [1, 4, 2], 1: [0, 0, 0]})
    assert [tried.gap(row) for row in (0, 1, 0)] == pytest.approx([0.001 * 7**0.5, 0.0, 0.001 * 7**0.5])
    assert len(reader.views) == 6


def test_an_exemplar_that_fails_is_tried_no_further(talker: Talker) -> None:
    reader = Told()
    assert trials(reader, talker, {0: [30, 40, 50]}).gap(0) > FAILED_IOD
    assert len(reader.views) == 1


def test_each_frame_is_looked_at_from_somewhere_else(talker: Talker) -> None:
    reader = Told()
    trials(reader, talker, {0: [0, 0, 0]}).gap(0)
    moved = [
        np.abs(view - frame.points)[:, :2].mean() for view, frame in zip(reader.views, talker.frames, strict=False)
    ]
    assert moved[0] == 0
    assert min(moved[1:]) > 0


def test_every_other_picture_is_paler(talker: Talker) -> None:
    reader, meshes = Told(), [frame.points for frame in talker.frames[:4]]
    Trials(reader, meshes, lambda place, row: np.full((1, 1, 3), (0, 6, 0), np.uint8)).gap(0)
    assert reader.colours[0] == reader.colours[2] == 6
    assert 0 < reader.colours[1] == reader.colours[3] < 6


def test_a_person_without_parted_lips_is_tried_on_nothing(talker: Talker) -> None:
    reader = Told()
    assert Trials(reader, [], lambda place, row: drawing({}, place, row)).gap(3) == 0
    assert reader.views == []


def own_gap(frame: FaceFrame) -> float:
    return float(measure_gap(frame.points)) / float(np.linalg.norm(frame.points[263, :2] - frame.points[33, :2]))


@pytest.mark.parametrize("times", [1, 3, 20])
def test_some_frames_with_parted_lips_are_kept_from_beginning_to_end(talker: Talker, times: int) -> None:
    long = [replace(frame, number=number) for number, frame in enumerate(talker.frames * times)]
    parted = PartedFrames()
    assert [frame.number for frame in parted.watch(long)] == list(range(len(long)))
    chosen = [frame.number for frame in parted.chosen()]
    fit = [frame.number for frame in long if own_gap(frame) > PARTED_GAP]
    assert len(chosen) == TRIAL_FRAMES
    assert set(chosen) <= set(fit)
    assert chosen == sorted(set(chosen))
    assert chosen[0] == fit[0]
    assert chosen[-1] >= fit[2 * len(fit) // 3]
