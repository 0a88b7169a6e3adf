"""Makes sure, before a batch begins, that a photo or a clip shows a face that can speak."""

from pathlib import Path

from lipwright.errors import FaceNotFound
from lipwright.face.select import MIN_FACE_WIDTH_PX, find_face, find_faces
from lipwright.media.footage import index_footage, read_footage
from lipwright.media.image import flatten, is_clip, load_image
from lipwright.media.yuv import shrunk_rgb

LOOKS = 5
"""At so many frames of a clip, evenly apart, until one shows a face."""
WIDTH_PX = 1280
"""Of a frame that is looked at; wider ones are shrunk."""
_WHITE = (255, 255, 255)


def look_at(path: Path) -> bool:
    """Find the face in a photo, or in some frames of a clip.

    Returns: whether it is a clip.
    Raises: MediaError, FaceError: it cannot be made to speak.
    """
    if not is_clip(path):
        find_face(flatten(load_image(path), _WHITE), path.name)
        return False
    footage = index_footage(path)
    for look in range(LOOKS):
        at = footage.frame_count * (2 * look + 1) // (2 * LOOKS)
        for frame in read_footage(footage, at, at + 1):
            if find_faces(shrunk_rgb(frame, min(footage.width_px, WIDTH_PX))):
                return True
    raise FaceNotFound(
        f"{path.name}: no face found in {LOOKS} frames of it. Use a clip in which one face is at least"
        f" {MIN_FACE_WIDTH_PX} px wide."
    )
