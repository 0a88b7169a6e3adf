"""One photo, and each network loaded once."""

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from lipwright.contracts.face import FaceMesh
from lipwright.face.detector import FaceDetector
from lipwright.face.mesh import FaceMesher


@pytest.fixture(scope="session")
def portrait() -> NDArray[np.uint8]:
    """A public-domain photo with one face, 93 px wide, (512, 512, 3)."""
    return np.ascontiguousarray(data.astronaut())


@pytest.fixture(scope="session")
def faceless() -> NDArray[np.uint8]:
    """A cup of coffee, (400, 600, 3)."""
    return np.ascontiguousarray(data.coffee())


@pytest.fixture(scope="session")
def detector() -> FaceDetector:
    return FaceDetector()


@pytest.fixture(scope="session")
def mesher() -> FaceMesher:
    return FaceMesher()


@pytest.fixture(scope="session")
def portrait_mesh(portrait: NDArray[np.uint8], detector: FaceDetector, mesher: FaceMesher) -> FaceMesh:
    return mesher.refine(portrait, mesher.mesh(portrait, detector.detect(portrait)[0]))
