"""Names for the arrays that the renderer passes around; docstrings give shapes and exact types."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
