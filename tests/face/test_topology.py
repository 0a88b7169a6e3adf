"""Index sets name what they say: sizes, order and symmetry are read off the canonical face."""

import numpy as np
import pytest

from lipwright.face import topology

VERTICES = topology.canonical_vertices()


def test_canonical_face_is_symmetric_upright_and_of_unit_eye_distance() -> None:
    right, left = VERTICES[33], VERTICES[263]
    assert np.allclose(left - right, (1, 0, 0), atol=1e-5)
    assert np.allclose(VERTICES[168], 0)
    assert VERTICES[10, 1] < 0 < VERTICES[152, 1]
    assert VERTICES[1, 2] < VERTICES[234, 2]


def test_surface_is_a_disk_bounded_by_the_face_oval() -> None:
    edges: dict[tuple[int, int], int] = {}
    for a, b, c in topology.triangles():
        for one, other in ((a, b), (b, c), (c, a)):
            edge = (int(min(one, other)), int(max(one, other)))
            edges[edge] = edges.get(edge, 0) + 1
    assert set(edges.values()) == {1, 2}
    rim = {point for edge, count in edges.items() if count == 1 for point in edge}
    assert rim == set(topology.FACE_OVAL)
    assert topology.SKIN_POINT_COUNT - len(edges) + len(topology.triangles()) == 1


def test_all_triangles_face_the_same_way() -> None:
    flat = VERTICES[topology.triangles()][:, :, :2].astype(float)
    first, second = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    # Under the nose and beside the ears a few look away from the camera.
    assert (np.sign(area) == np.sign(np.median(area))).mean() > 0.95


def test_skin_leaves_out_mouth_and_eyes() -> None:
    left_out = len(topology.triangles()) - len(topology.skin_triangles())
    assert left_out == (20 - 2) + 2 * (16 - 2)


@pytest.mark.parametrize(
    "row",
    [
        *topology.UPPER_LIP_ROWS,
        *topology.LOWER_LIP_ROWS,
        *(row for eye in topology.EYES for row in (eye.upper_lid, eye.lower_lid, *eye.upper_socket, *eye.lower_socket)),
        *(row for eye in topology.EYES for row in (eye.upper_brow, eye.lower_brow)),
        topology.NOSE_BASE,
    ],
    ids=str,
)
def test_rows_run_from_left_to_right(row: tuple[int, ...]) -> None:
    assert (np.diff(VERTICES[list(row), 0]) > -0.02).all()
    assert len(set(row)) == len(row)


def test_upper_rows_lie_over_lower_rows() -> None:
    pairs = list(zip(topology.UPPER_LIP_ROWS, topology.LOWER_LIP_ROWS, strict=True))
    pairs += [(eye.upper_lid, eye.lower_lid) for eye in topology.EYES]
    for upper, lower in pairs:
        assert (upper[0], upper[-1]) == (lower[0], lower[-1])
        assert (VERTICES[list(upper[1:-1]), 1] < VERTICES[list(lower[1:-1]), 1]).all()


def test_left_and_right_mirror_each_other() -> None:
    for of_right, of_left in zip(topology.RIGHT_EYE, topology.LEFT_EYE, strict=True):
        if of_right is topology.RIGHT_EYE.iris or isinstance(of_right, int):
            continue
        rows = [(of_right, of_left)] if isinstance(of_right[0], int) else list(zip(of_right, of_left, strict=True))
        for right, left in rows:
            assert np.allclose(VERTICES[list(right)], VERTICES[list(left[::-1])] * (-1, 1, 1), atol=0.01)


def test_rings_close_without_repeating_a_point() -> None:
    for ring, size in (
        (topology.FACE_OVAL, 36),
        *((r, 20) for r in topology.LIP_RINGS),
        *((r, 16) for r in topology.EYE_RINGS),
    ):
        assert len(ring) == len(set(ring)) == size


def test_attention_orders_name_each_point_once() -> None:
    for order, size in (
        (topology.ATTENTION_LIPS, 80),
        (topology.ATTENTION_RIGHT_EYE, 71),
        (topology.ATTENTION_LEFT_EYE, 71),
    ):
        assert len(order) == len(set(order)) == size


def test_shared_arrays_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        topology.canonical_vertices()[0] = 1
