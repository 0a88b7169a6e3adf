"""The photo as the video should show it, to compare sharpness with."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lipwright.contracts.face import FaceMesh
from lipwright.quality.mouth import inner_gap
from lipwright.quality.picture import at_scale, face_sharpness, grey_of, mouth_sharpness

_OFF_AT_MOST = 0.15
"""IOD between the eyes of photo and video: beyond it, the photo was framed in another way."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Sharpness of the photo as the video shows it, squared grey levels."""

    face: float
    mouth: float
    gap: float
    """How far the photo's own lips are apart, IOD."""


class Photo:
    """The photo that a video was made of."""

    def __init__(self, path: Path, width_px: int, height_px: int) -> None:
        """Load it.

        Args:
            width_px, height_px: of the video.
        Raises: MediaNotFound, MediaUnreadable, MediaTooLarge: the photo cannot be used.
        """
        from lipwright.media.image import flatten, load_image

        self._image = flatten(load_image(path), (255, 255, 255))
        self._size = (width_px, height_px)
        height, width = self._image.shape[:2]
        self.detail_scale = min(1.0, 1 / max(width_px / width, height_px / height))
        """Below 1 for a photo that was enlarged: at this scale of the video its finest detail is one pixel wide.

        An enlarged photo has no detail of single pixels; there, the noise of compression would be taken for sharpness.
        """

    def reference(self, first_mesh: FaceMesh) -> Reference | None:
        """Scale the photo as it was scaled for the video, and measure its face.

        Args:
            first_mesh: the face in the video's first frame.
        Returns: None when the face lies elsewhere in the video: it was not made of this photo, or framed differently.
        """
        from lipwright.face.select import find_faces
        from lipwright.render.framing import frame_photo

        for face in find_faces(self._image):
            framing = frame_photo(self._image.shape[1], self._image.shape[0], face, self._size)
            placed = framing.mesh(face)
            if not _is_at(placed, first_mesh):
                continue
            grey, mesh = at_scale(grey_of(framing.picture(self._image)), placed, self.detail_scale)
            of_face, of_mouth = face_sharpness(grey, mesh), mouth_sharpness(grey, mesh)
            return Reference(of_face, of_mouth, inner_gap(face.points)) if of_face and of_mouth else None
        return None


def _is_at(placed: FaceMesh, seen: FaceMesh) -> bool:
    eyes = [33, 263]
    off = np.linalg.norm(placed.points[eyes, :2] - seen.points[eyes, :2], axis=1)
    return bool(off.max() <= _OFF_AT_MOST * seen.eye_distance_px)
