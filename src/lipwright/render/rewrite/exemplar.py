"""One frame of a person as an example of a mouth: the picture around the lips, and what is known of it."""

from dataclasses import dataclass

from lipwright.contracts.face import HeadPose
from lipwright.render.arrays import Floats, Pixels


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A mouth that the person really made. Lengths are IOD of the person, canonical axes as in HeadPose."""

    number: int
    """Of the frame in the footage."""
    image: Pixels
    """RGB (height, width, 3): a copy of the frame from the nose to below the chin's crease. Never modified."""
    points: Floats
    """float32 (478, 3) the mesh in pixels of `image`; points of eyes and jaw lie outside of it."""
    canonical: Floats
    """float32 (478, 3) the mesh with its pose taken out."""
    pose: HeadPose
    """From canonical points to pixels of `image`."""
    controls: Floats
    """float32 (8,) MOUTH_CONTROLS relative to the person's relaxed closed mouth."""
    gap: float
    """How far the inner lips are apart, IOD."""
    skin: Floats
    """float32 (3,) RGB of the cheeks in this frame, 0 to 255: how brightly it is lit."""
    sharpness: float
    """Energy of the Laplacian around the lips; compare it within one person only."""
    focus: float
    """The same on the nose, which does not speak: how sharp the whole frame is."""
    teeth: float
    """Share of tooth-like pixels along the seam of the lips, 0 to 1: a mesh may say shut while teeth are seen."""
    cavity: float
    """Share of pixels along the seam that are as dark as the inside of a mouth, 0 to 1."""

    @property
    def unit_px(self) -> float:
        """Pixels of `image` per canonical unit."""
        return self.pose.scale
