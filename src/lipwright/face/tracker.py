"""Follows the largest face from frame to frame; looks again when it is lost."""

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.face.detector import FaceDetector
from lipwright.face.mesh import FaceMesher

_LOST_PRESENCE = 0.5


class FaceTracker:
    """One face through one clip. Call with consecutive frames; begin a new clip with `reset`."""

    def __init__(self, threads: int = 1) -> None:
        """Load the networks.

        Args:
            threads: how many cores one call may use.
        """
        self._detector = FaceDetector(threads)
        self._mesher = FaceMesher(threads)
        self._mesh: FaceMesh | None = None

    def track(self, image: NDArray[np.uint8]) -> FaceMesh | None:
        """The face in the next frame.

        Args:
            image: uint8 RGB, (height, width, 3).
        Returns: None when no face is found.
        """
        if self._mesh is not None:
            followed = self._mesher.track(image, self._mesh)
            if followed.presence >= _LOST_PRESENCE:
                self._mesh = followed
                return followed
        self._mesh = self._find(image)
        return self._mesh

    def reset(self) -> None:
        """Forget the face: the next frame belongs to another shot."""
        self._mesh = None

    def _find(self, image: NDArray[np.uint8]) -> FaceMesh | None:
        for box in self._detector.detect(image):
            # The network's first crop comes from a coarse box; the second one from the mesh itself.
            mesh = self._mesher.track(image, self._mesher.mesh(image, box))
            if mesh.presence >= _LOST_PRESENCE:
                return mesh
        return None
