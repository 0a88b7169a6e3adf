"""Mesh rows as arrays, for indexing. Lip rows run from the left of the picture, from the skin to the opening."""

import numpy as np

from lipwright.face import topology

UPPER_LIP = np.array(topology.UPPER_LIP_ROWS)
"""(4, 11)."""
LOWER_LIP = np.array(topology.LOWER_LIP_ROWS)
"""(4, 11)."""
INNER_UPPER, INNER_LOWER = UPPER_LIP[3], LOWER_LIP[3]
CHIN = np.array(topology.CHIN)
JAW = np.array(topology.JAW)
FACE_OVAL = np.array(topology.FACE_OVAL)
BROWS = np.array([point for eye in topology.EYES for point in eye.upper_brow + eye.lower_brow])
NOSE = np.array(
    [
        *(1, 2, 4, 5, 6, 19, 45, 48, 64, 94, 97, 98, 115, 129, 195, 197, 218, 219, 220),
        *(275, 278, 294, 326, 327, 344, 358, 438, 439, 440),
    ]
)
"""Tip, bridge, base and wings of the nose."""
