"""Lips that are read again in what was drawn."""

from collections.abc import Callable

import numpy as np

from lipwright.render.rewrite.measure import measure_gap
from lipwright.render.rewrite.reading import DOUBTFUL_IOD, KEPT_FRAMES, OPEN_IOD, UNTRIED_COST, Lead, LipReader, Seams
from support.rewriting import Talker

PICTURE = np.zeros((4, 4, 3), np.uint8)
POINTS = np.random.default_rng(0).random((478, 3)).astype(np.float32)


class Shortsighted(LipReader):
    """Reads a share of the gap that was drawn, and no face where it has nothing to tell."""

    def __init__(self, *gaps: float | None) -> None:
        self.gaps = list(gaps)
        self.asked = 0

    def gap(self, image: np.ndarray, before: np.ndarray) -> float | None:
        self.asked += 1
        return self.gaps.pop(0) if len(self.gaps) > 1 else self.gaps[0]


def led(lead: Lead, *asked: float) -> list[float]:
    """Draw frames one after the other."""
    shown = []
    for gap in asked:
        shown.append(lead.gap(gap))
        lead.learn(PICTURE, POINTS)
    return shown


def test_lips_that_read_narrower_are_drawn_wider_little_by_little() -> None:
    shown = led(Lead(Shortsighted(0.03)), *[0.06] * 8)
    assert shown[0] == 0.06
    steps = np.diff(shown)
    assert steps.min() >= 0
    assert 0 < steps.max() < 0.01
    assert shown[-1] > 0.075


def test_one_reading_that_is_amiss_moves_lips_less_than_it_is_amiss() -> None:
    shown = led(Lead(Shortsighted(0.06, 0.03, 0.06)), *[0.06] * 8)
    assert 0 < max(shown) - 0.06 < 0.6 * 0.03


def test_lips_that_nearly_meet_are_hardly_led() -> None:
    lead = Lead(Shortsighted(0.09))
    wide = led(lead, *[0.06] * 6)[-1]
    narrow = lead.gap(0.005)
    assert 0.06 - wide > 4 * (0.005 - narrow) > 0


def test_only_some_open_frames_are_read() -> None:
    reader = Shortsighted(0.061)
    led(Lead(reader), 0.06, 0.06, 0.0, 0.06, 0.06)
    assert reader.asked == 2


def test_closed_lips_are_not_led() -> None:
    lead = Lead(Shortsighted(0.02))
    led(lead, 0.06, 0.06)
    assert lead.gap(0.0) == 0.0
    assert lead.shuts
    assert lead.gap(0.0) == 0.0
    assert not lead.shuts


def test_a_face_that_is_not_found_is_drawn_as_asked() -> None:
    assert led(Lead(Shortsighted(None)), 0.06, 0.06, 0.06) == [0.06] * 3


def tried(*gaps: float) -> Callable[[int], float]:
    return lambda row: gaps[row]


def test_exemplars_are_tried_where_lips_are_to_meet() -> None:
    seams = Seams(Shortsighted(0.001), tried(0.009, 0.001, 0.009), 3)
    path, closes = np.array([1, 1, 2, 1], np.int32), [True, True, False, True]
    assert seams.learn(path, closes)
    assert not seams.learn(path, closes)
    assert seams.costs.tolist() == [UNTRIED_COST, 0, UNTRIED_COST]
    assert seams.learn(path, [True] * 4)
    assert seams.costs[2] > UNTRIED_COST


def test_exemplars_that_gape_cost_more_than_those_that_shut() -> None:
    seams = Seams(Shortsighted(0.005), tried(0.001, 0.001, 0.02), 3)
    seams.learn(np.array([0, 1, 2], np.int32), [True] * 3)
    assert seams.costs[2] > seams.costs[1] == seams.costs[0] == 0
    assert seams.gapes(1, PICTURE, POINTS) == 0.005
    assert seams.costs[2] > seams.costs[1] > 0


def test_a_frame_that_is_not_shut_is_tried_with_what_fits_it_and_shuts() -> None:
    seams = Seams(Shortsighted(0.009), tried(0.001, 0.001, 0.02, 0.001), 4)
    assert seams.others(1, np.array([0.5, 0.0, 0.1, 0.2])) == [3, 0, 2]


def test_a_seam_that_nothing_shuts_better_is_left_alone_for_a_few_frames() -> None:
    seams = Seams(Shortsighted(0.009), tried(0.0), 1)
    seams.keep(0, 10)
    assert [seams.keeps(0, 10 + later) for later in (1, KEPT_FRAMES - 1, KEPT_FRAMES)] == [True, True, False]


def test_lips_that_hardly_part_need_not_be_drawn_again() -> None:
    assert Seams(Shortsighted(0.9 * OPEN_IOD), tried(0.0), 1).gapes(0, PICTURE, POINTS) == 0
    assert Seams(Shortsighted(1.1 * OPEN_IOD), tried(0.0), 1).gapes(0, PICTURE, POINTS) > 0


def test_an_exemplar_that_nearly_parts_costs_though_its_frame_stays() -> None:
    for gap, costs in ((0.9 * DOUBTFUL_IOD, False), (1.1 * DOUBTFUL_IOD, True)):
        seams = Seams(Shortsighted(gap), tried(0.0), 1)
        seams.learn(np.zeros(1, np.int32), [True])
        assert seams.gapes(0, PICTURE, POINTS) == 0
        assert (seams.costs[0] > 0) == costs


def test_a_filmed_mouth_reads_as_its_mesh_says(talker: Talker) -> None:
    reader, shown = LipReader(), talker.frames[::6]
    read = [reader.gap(frame.image, frame.points) for frame in shown]
    eyes = [np.linalg.norm(frame.points[263, :2] - frame.points[33, :2]) for frame in shown]
    own = [measure_gap(frame.points) / eye for frame, eye in zip(shown, eyes, strict=True)]
    assert np.corrcoef(np.array(read, np.float64), own)[0, 1] > 0.9
