"""What both networks are trained for: the visemes, the curves and their speed, and the single sounds beside them."""

from typing import Final

import torch
from sounds import CONFUSED, SOUNDS
from torch import Tensor, nn

from lipwright.motion.visemes import Viseme

CURVES: Final = 6
CURVE_WEIGHTS: Final = (3.0, 1.0, 1.0, 2.0, 1.0, 1.0)
"""Opening, width, height, gap, shut, awake."""
VELOCITY_WEIGHT: Final = 3.0
VISEME_WEIGHT: Final = 0.5
CLASS_WEIGHTS: Final = {Viseme.P: 1.8, Viseme.F: 1.4, Viseme.W: 1.2}
SOUND_WEIGHT, CONFUSED_WEIGHT = 0.3, 2.0
"""Of the loss that tells single sounds apart, and how much more p b m t d n k g count in it."""


class MouthLoss:
    """One number that is to become small."""

    def __init__(self, curve_weights: tuple[float, ...] = CURVE_WEIGHTS) -> None:
        self._curves = torch.tensor(curve_weights)
        self._sounds = torch.ones(SOUNDS)
        self._sounds[: len(CONFUSED)] = CONFUSED_WEIGHT
        self._classes = torch.tensor([CLASS_WEIGHTS.get(viseme, 1.0) for viseme in Viseme])

    def __call__(self, said: tuple[Tensor, Tensor, Tensor], labels: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """
        Args:
            said: logits of the visemes, curves, and logits of the sounds, (batch, frames, ...).
            labels: curves, shares of the visemes, and sounds (batch, frames).
        """
        logits, heard, told = said
        curves, visemes, sounds = labels
        entropy = -(visemes * self._classes * torch.log_softmax(logits, -1)).sum(-1).mean()
        apart = nn.functional.cross_entropy(told.flatten(0, 1), sounds.flatten().long(), self._sounds)
        error = heard - curves
        loss = VISEME_WEIGHT * entropy + SOUND_WEIGHT * apart + (self._curves * error**2).mean()
        return loss + VELOCITY_WEIGHT * (self._curves * error.diff(dim=1) ** 2).mean()
