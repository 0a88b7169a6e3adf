"""How the stages of an avatar write pictures, meshes and facts, and read them again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.avatar import FaceFacts
from lipwright.contracts.face import FaceMesh
from lipwright.errors import MediaUnreadable
from lipwright.face.topology import POINT_COUNT

Files: TypeAlias = Mapping[str, Path]
"""What stages made, by the names of the assets."""
FACE = "face.json"
"""Facts of the face, between stages; an identity holds them itself."""
MESH_VERSION = 1
_QUICK_PNG = 3


def write_picture(path: Path, image: NDArray[np.uint8], alpha: NDArray[np.uint8] | None = None) -> Path:
    """Write a PNG: uint8 RGB (height, width, 3), or grey (height, width), with its alpha if it has one.

    Raises: OSError: it cannot be written.
    """
    planes = image if image.ndim == 2 else image[..., ::-1]
    if alpha is not None:
        planes = np.dstack([planes, alpha])
    ok, encoded = cv2.imencode(".png", np.ascontiguousarray(planes), [cv2.IMWRITE_PNG_COMPRESSION, _QUICK_PNG])
    if not ok:
        raise ValueError(f"{image.shape} is no picture")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded.tobytes())
    return path


def write_mesh(path: Path, mesh: FaceMesh) -> Path:
    """Write a mesh as JSON. What is read again is equal to the last bit."""
    points = [[float(value) for value in point] for point in mesh.points]
    document = {"version": MESH_VERSION, "presence": mesh.presence, "points": points}
    path.write_text(json.dumps(document), encoding="ascii")
    return path


def read_mesh(path: Path) -> FaceMesh:
    """Read a mesh.

    Raises: MediaUnreadable: the file holds none.
    """
    try:
        document = json.loads(path.read_bytes())
        points = np.array(document["points"], np.float32)
        presence = float(document["presence"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise MediaUnreadable(f"`{path}`: no mesh of a face. Create the avatar again.") from exc
    if document.get("version") != MESH_VERSION or points.shape != (POINT_COUNT, 3) or not np.isfinite(points).all():
        raise MediaUnreadable(f"`{path}`: no mesh of a face in version {MESH_VERSION}. Create the avatar again.")
    return FaceMesh(points, presence)


def write_facts(path: Path, facts: FaceFacts) -> Path:
    """Write what was measured of a face."""
    path.write_text(facts.model_dump_json(indent=2), encoding="utf-8")
    return path


def read_facts(path: Path) -> FaceFacts:
    """Read what was measured of a face."""
    return FaceFacts.model_validate_json(path.read_bytes())
