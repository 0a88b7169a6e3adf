"""The packaged basis does what its controls say, the same on both sides of the face."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.assets import packaged
from lipwright.contracts.motion import MOUTH_CONTROLS
from lipwright.errors import ProviderUnavailable
from lipwright.face import topology
from lipwright.motion.shapes import load_shape_basis

SMALL = 0.03


def neutral() -> NDArray[np.float64]:
    return np.concatenate([topology.canonical_vertices(), np.zeros((10, 3))]).astype(np.float64)


def measured(shape: NDArray[np.float64]) -> NDArray[np.float64]:
    """The eight controls of a canonical shape, by their definition."""
    y, z = shape[:, 1], shape[:, 2]
    upper, lower = (y[82] + 2 * y[13] + y[312]) / 4, (y[87] + 2 * y[14] + y[317]) / 4
    return np.array(
        [
            y[[152, 148, 377, 175]].mean(),
            upper,
            lower,
            np.linalg.norm(shape[61] - shape[291]),
            y[[61, 291]].mean(),
            upper - (y[37] + 2 * y[0] + y[267]) / 4,
            (y[84] + 2 * y[17] + y[314]) / 4 - lower,
            z[[13, 14, 0, 17]].mean(),
        ]
    )


@pytest.mark.parametrize("control", MOUTH_CONTROLS)
def test_control_moves_what_it_measures_and_no_other(control: str) -> None:
    index = MOUTH_CONTROLS.index(control)
    face = neutral()
    moved = (measured(face + SMALL * load_shape_basis()[index]) - measured(face)) / SMALL
    expected = np.zeros(8)
    expected[index] = 1.0
    np.testing.assert_allclose(moved, expected, atol=0.05)


def test_basis_is_symmetric() -> None:
    skin = topology.canonical_vertices()
    flipped = skin * np.array([-1, 1, 1])
    mirror = np.argmin(((flipped[:, None] - skin[None]) ** 2).sum(axis=-1), axis=1)
    basis = load_shape_basis()[:, : len(skin)]
    np.testing.assert_allclose(basis, basis[:, mirror] * np.array([-1, 1, 1]), atol=1e-6)


def test_eyes_brows_and_forehead_do_not_move() -> None:
    still = [*topology.EYE_RINGS[0], *topology.EYE_RINGS[1], 10, 105, 334, 168, *range(468, 478)]
    assert (load_shape_basis()[:, still] == 0).all()


def test_basis_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        load_shape_basis()[0, 0, 0] = 1.0


def test_changed_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "_digests", lambda folder: {"mouth_shapes.npz": "0" * 64})
    load_shape_basis.cache_clear()
    with pytest.raises(ProviderUnavailable, match="damaged"):
        load_shape_basis()


def test_ordinary_speech_folds_no_lip() -> None:
    """The widest vowel still has the upper lip above the lower one, everywhere along the mouth."""
    controls = np.array([0.04, -0.04, 0.10, 0.03, 0.03, -0.02, -0.005, 0.015])
    face = neutral()
    moved = face + np.einsum("k,kpd->pd", controls, load_shape_basis())
    upper, lower = list(topology.INNER_LIP_UPPER), list(topology.INNER_LIP_LOWER)
    assert (moved[lower, 1] - moved[upper, 1] > -0.01).all()
    assert moved[14, 1] - moved[13, 1] > 0.12
