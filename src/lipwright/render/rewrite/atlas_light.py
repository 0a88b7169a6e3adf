"""What tells a tooth from the rest of a mouth: the colours of one person's teeth and lips, under one light."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.appearance import LUMA
from lipwright.render.portrait.rows import LOWER_LIP
from lipwright.render.rewrite.atlas_sheet import Sheet
from lipwright.render.rewrite.exemplar import Exemplar

SAMPLES_PER_FRAME = 60
LIP_LIGHTNESS, LIP_REDNESS, TEETH_STRICTER = 0.72, 0.60, 0.16
"""From which lightness, against the lip's, and which redness, from tooth to lip, on a pixel can be lip."""
RIM = 0.012
"""IOD of an opening's rim that tells nothing about the colour inside."""


@dataclass(frozen=True, slots=True)
class MouthLight:
    """Colours of one person; every picture is brought to this light by the brightness of its skin."""

    skin: Floats
    """float64 (3,) RGB of the cheeks, median over the clip."""
    tooth: Floats
    """float64 (3,) RGB of what is bright and pale in the mouth."""
    lip: Floats
    """float64 (3,) RGB of the lower lip."""

    @classmethod
    def measure(cls, frames: Sequence[Exemplar], sheet: Sheet) -> Self:
        """Measure open mouths; at least one."""
        skin = np.median([frame.skin for frame in frames], axis=0).astype(np.float64)
        random = np.random.default_rng(0)
        inside, lips = [], []
        for frame in frames:
            gain = _gain(skin, frame)
            mask = sheet.opening(sheet.lips(frame.canonical, frame.pose), np.zeros(2), RIM) > 0
            pixels = sheet.rectify(frame.image, frame.pose, np.zeros(2))[mask] * gain
            if len(pixels) > 20:
                inside.append(pixels[random.integers(0, len(pixels), SAMPLES_PER_FRAME)])
            middle = (frame.points[LOWER_LIP[0, 3:8], :2] + frame.points[LOWER_LIP[3, 3:8], :2]).astype(np.float32) / 2
            seen = cv2.remap(frame.image, middle[:, :1], middle[:, 1:], cv2.INTER_LINEAR)
            lips.append(seen.reshape(-1, 3) * gain)
        lip = np.median(np.concatenate(lips), axis=0).astype(np.float64)
        if not inside:
            return cls(skin, lip, lip)
        pixels = np.concatenate(inside)
        brightness = pixels @ LUMA
        bright = brightness > 0.8 * np.percentile(brightness, 92)
        return cls(skin, np.median(pixels[bright], axis=0).astype(np.float64), lip)

    @property
    def has_teeth(self) -> bool:
        """Whether the brightest and palest of the mouth can be teeth: paler than the lip, not much darker."""
        tooth, lip = _lab(self.tooth[None, None])[0, 0], _lab(self.lip[None, None])[0, 0]
        return bool(tooth[1] < lip[1] - 3 and tooth[0] > 0.8 * lip[0])

    def gain(self, frame: Exemplar) -> float:
        """Factor that brings a frame to this light."""
        return _gain(self.skin, frame)

    def toothness(self, picture: Floats, aside: Floats | float) -> Floats:
        """How much each pixel looks like a tooth, 0 to 1.

        Args:
            picture: float32 (height, width, 3) under this light.
            aside: x of each pixel, IOD, any shape that fits (height, width): teeth at the sides lie in the dark.
        """
        lab = _lab(picture)
        tooth, lip = _lab(self.tooth[None, None])[0, 0], _lab(self.lip[None, None])[0, 0]
        redness = (lab[..., 1] - tooth[1]) / max(float(lip[1] - tooth[1]), 6.0)
        lightness = lab[..., 0] / max(float(tooth[0]), 1.0)
        threshold = 0.50 - 0.22 * np.clip(np.abs(aside) / 0.2, 0, 1.2) ** 2
        return np.asarray(
            smoothstep(lightness - threshold, 0, 0.22) * (1 - smoothstep(redness, 0.40, 0.75)), np.float32
        )

    def lips_within(self, picture: Floats, inside: Pixels, teeth: Floats) -> Pixels:
        """Where a mesh takes lips for the opening: lip-coloured pixels that hang together with its rim.

        Args:
            picture: float32 (height, width, 3) under this light.
            inside: uint8 (height, width), 1 in the opening.
            teeth: float32 (height, width), 1 where teeth are expected, which take more to be lip.
        Returns: uint8 (height, width), 1 on lips.
        """
        lab = _lab(picture)
        tooth, lip = _lab(self.tooth[None, None])[0, 0], _lab(self.lip[None, None])[0, 0]
        redness = (lab[..., 1] - tooth[1]) / max(float(lip[1] - tooth[1]), 6.0)
        stricter = TEETH_STRICTER * np.clip(teeth, 0, 1)
        alike = (lab[..., 0] > (LIP_LIGHTNESS + stricter) * lip[0]) & (redness > LIP_REDNESS + 1.5 * stricter)
        count, labels = cv2.connectedComponents((alike & (inside > 0)).astype(np.uint8), connectivity=4)
        core = cv2.erode(inside, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
        touching = np.zeros(count, bool)
        touching[np.unique(labels[(inside > 0) & (core == 0)])] = True
        touching[0] = False
        return touching[labels].astype(np.uint8)


def _gain(skin: Floats, frame: Exemplar) -> float:
    return float(np.clip((skin @ LUMA) / max(float(frame.skin @ LUMA), 1.0), 0.5, 2.0))


def _lab(picture: Floats) -> Floats:
    scaled = np.ascontiguousarray(np.clip(picture, 0, 255) / 255, np.float32)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB))
