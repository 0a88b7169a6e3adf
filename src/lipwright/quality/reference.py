"""The photo as the video should show it, to compare sharpness with."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lipwright.contracts.face import FaceMesh
from lipwright.quality.mouth import inner_gap
from lipwright.quality.picture import face_sharpness, grey_of, mouth_sharpness

_OFF_AT_MOST = 0.15
"""IOD between the eyes of photo and video: beyond it, the photo was framed in another way."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Sharpness of the photo at the video's size, squared grey levels."""

    face: float
    mouth: float
    gap: float
    """How far the photo's own lips are apart, IOD."""


def photo_reference(photo: Path, width_px: int, height_px: int, first_mesh: FaceMesh) -> Reference | None:
    """Scale a photo as it was scaled for a video, and measure its face.

    Args:
        width_px, height_px: of the video.
        first_mesh: the face in the video's first frame.
    Returns: None when the face lies elsewhere in the video: it was not made of this photo, or framed differently.
    Raises: MediaNotFound, MediaUnreadable, MediaTooLarge: the photo cannot be used.
    """
    from lipwright.face.select import find_faces
    from lipwright.media.image import flatten, load_image
    from lipwright.render.framing import frame_photo

    image = flatten(load_image(photo), (255, 255, 255))
    for face in find_faces(image):
        framing = frame_photo(image.shape[1], image.shape[0], face, (width_px, height_px))
        placed = framing.mesh(face)
        if not _is_at(placed, first_mesh):
            continue
        grey = grey_of(framing.picture(image))
        of_face, of_mouth = face_sharpness(grey, placed), mouth_sharpness(grey, placed)
        return Reference(of_face, of_mouth, inner_gap(face.points)) if of_face and of_mouth else None
    return None


def _is_at(placed: FaceMesh, seen: FaceMesh) -> bool:
    eyes = [33, 263]
    off = np.linalg.norm(placed.points[eyes, :2] - seen.points[eyes, :2], axis=1)
    return bool(off.max() <= _OFF_AT_MOST * seen.eye_distance_px)
