"""The inside of a mouth that nobody has looked into: photo mode's drawing in the colours of the person."""

import math

import numpy as np

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.portrait.appearance import Appearance
from lipwright.render.portrait.interior import Layer, MouthInterior, MouthView
from lipwright.render.rewrite.opening import Interior, Opening

SIZE_STEP = 1.25
"""A face that has grown by this factor gets its teeth drawn anew, at its size."""
BEHIND_LIPS = 0.02
CORNERS = (61, 291)


class DrawnInterior(Interior):
    """Teeth, tongue and cavity from the shader of photo mode, at the size and in the light of each frame."""

    def __init__(self, neutral: Floats, appearance: Appearance, seed: int) -> None:
        """Keep what is known of the person.

        Args:
            neutral: (478, 3), closed relaxed mouth in canonical space.
            appearance: colours of one good frame.
            seed: of the small irregularities of the teeth.
        """
        self._neutral = np.asarray(neutral, np.float64)
        self._appearance = appearance
        self._seed = seed
        self._drawn: dict[int, MouthInterior] = {}

    def layer(self, opening: Opening, image: Pixels) -> Layer | None:
        """As Interior.layer."""
        pose = opening.pose
        plane_z = float(opening.canonical[[13, 14], 2].mean()) + BEHIND_LIPS
        turned = pose.scale * pose.rotation[:2]
        view = MouthView(
            lips=opening.points[:, :2],
            to_frame=turned[:, :2],
            origin=turned[:, 2] * plane_z + pose.translation[:2],
            depth=turned[:, 2],
            jaw_drop=opening.jaw_drop,
            photo_to_frame=np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        )
        height, width = image.shape[:2]
        layer = self._at_size(pose.scale).layer(view, height, width)
        if layer is None:
            return None
        gain = np.asarray(opening.skin, np.float64) / np.maximum(self._appearance.skin, 1.0)
        gain = 0.5 * gain + 0.5 * gain.mean()
        return Layer(np.clip(layer.colour * gain.astype(np.float32), 0, 255), layer.alpha, layer.left, layer.top)

    def _at_size(self, unit_px: float) -> MouthInterior:
        """The shader for faces of about this size."""
        step = round(math.log(max(unit_px, 1.0)) / math.log(SIZE_STEP))
        if step not in self._drawn:
            size_px = SIZE_STEP**step
            middle = self._neutral[[13, 14]].mean(axis=0)
            self._drawn[step] = MouthInterior(
                np.zeros((1, 1, 3), np.uint8),
                self._neutral * size_px,
                self._appearance,
                photo_gap=0.0,
                mouth_width=float(np.linalg.norm(self._neutral[CORNERS[0]] - self._neutral[CORNERS[1]])),
                centre_x=float(middle[0]),
                stomion_y=float(middle[1]),
                pixels_per_unit=size_px,
                seed=self._seed,
            )
        return self._drawn[step]
