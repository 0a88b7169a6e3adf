"""How the face deforms with each mouth control. The basis is measured, symmetric, and the same for everybody."""

import io
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lipwright.assets.packaged import read_asset


@cache
def load_shape_basis() -> NDArray[np.float64]:
    """Displacements of the mesh for one unit of each mouth control.

    A face whose mouth has the controls `c` is the relaxed closed face plus `sum(c[k] * basis[k])`, in canonical
    coordinates: x right, y down, z away from the camera, outer eye distance 1.

    Returns: (8, 478, 3), read-only, rows in the order of MOUTH_CONTROLS; 0 above the nose.
    Raises: ProviderUnavailable: the packaged file is missing or its bytes were changed.
    Source: ridge regression on six clips, training/fit_mouth_controls.py.
    """
    with np.load(io.BytesIO(read_asset("motion/mouth_shapes.npz"))) as stored:
        basis: NDArray[np.float64] = stored["basis"].astype(np.float64)
    basis.flags.writeable = False
    return basis
