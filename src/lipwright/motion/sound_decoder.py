"""From what a network hears to a mouth: visemes and curves are two opinions, closures and rests overrule them."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.motion.clock import smooth_ramp
from lipwright.motion.curves import MouthCurves
from lipwright.motion.targets import SPEECH_GAP_IOD, TARGETS
from lipwright.motion.visemes import Viseme

CURVE_UNITS: Final = np.array([SPEECH_GAP_IOD, 0.056, 0.03, SPEECH_GAP_IOD, 1.0, 1.0])
"""What the network's curves are counted in: opening, width, height, gap, shut, awake."""
_ORDER: Final = tuple(Viseme)
_P: Final = _ORDER.index(Viseme.P)
_REST: Final = [_ORDER.index(Viseme.REST)]
_SILENT: Final = [*_REST, _ORDER.index(Viseme.PAUSE)]

_WAKES_FROM, _WAKES_AT = 0.25, 0.5
"""Between these values of the network's own gate the mouth comes out of its rest."""
_SPOKEN: Final = 0.5
"""The least probability of speech that is speech."""
_RELEASES_FROM_S, _RELEASED_S = 0.06, 0.20
"""Without speech for so long the mouth begins to close; for so long, it is shut."""
_BEGINS_S: Final = (0.04, 0.16)
"""A stream begins with the mouth shut, as every mouth track does, while the network gets used to the noise."""
_LEAST_OPENING_IOD: Final = 0.04 * SPEECH_GAP_IOD
"""A smaller opening is a shut mouth."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a network's outputs are read. Chosen on voices that it never heard (training/sound_to_mouth)."""

    visemes_part: float
    """Of the visemes' targets in opening, width and height; the rest is the network's own curves."""
    shuts_from: float
    """From this probability of p, b or m on the lips near each other ..."""
    shuts_at: float
    """... and at this one they touch."""


OF_STREAMS: Final = Reading(visemes_part=0.5, shuts_from=0.27, shuts_at=0.56)
OF_RECORDINGS: Final = Reading(visemes_part=0.0, shuts_from=0.35, shuts_at=0.65)
"""Who hears more ahead is right by himself, and parts the lips between two closures in quick succession."""


class MouthDecoder:
    """Turns one stream of the network's outputs into curves. It looks back, never ahead."""

    def __init__(self, hop_s: float, reading: Reading) -> None:
        """
        Args:
            hop_s: time from one output to the next.
            reading: that of the network.
        """
        self._hop_s = hop_s
        self._reading = reading
        self._quiet_s = _RELEASED_S
        self._heard_s = 0.0

    def push(self, logits: NDArray[np.float32], heard: NDArray[np.float32], spoken: NDArray[np.bool_]) -> MouthCurves:
        """Decode more.

        Args:
            logits: of the visemes, in the order of Viseme, (frames, 19).
            heard: the network's curves in CURVE_UNITS, (frames, 6).
            spoken: whether somebody speaks, (frames,).
        Returns: curves of the same frames; awake is exactly 0 in rests.
        """
        chances = _chances(logits)
        pull = chances * _DOMINANCE
        aims = (pull / pull.sum(axis=1, keepdims=True)) @ _AIMS
        curves = np.asarray(heard, np.float64) * CURVE_UNITS
        shut, awake = curves[:, 4:].T
        opening, width, height = (curves[:, :3] + self._reading.visemes_part * (aims - curves[:, :3])).T
        shut = np.maximum(chances[:, _P], shut)
        free, touching = self._reading.shuts_from, self._reading.shuts_at
        released = self._released(spoken)
        opening = np.maximum(opening, 0.0)
        woken = smooth_ramp(awake, _WAKES_FROM, _WAKES_AT) * (1.0 - released) * self._begun(len(logits))
        return MouthCurves(
            opening=opening,
            width=width,
            height=height,
            shut=np.clip((shut - free) / (touching - free), 0.0, 1.0),
            awake=np.where(opening * woken < _LEAST_OPENING_IOD, 0.0, woken),
        )

    def _begun(self, frames: int) -> NDArray[np.float64]:
        """0 at the start of the stream, 1 soon after, (frames,)."""
        times = self._heard_s + np.arange(frames) * self._hop_s
        self._heard_s += frames * self._hop_s
        return smooth_ramp(times, *_BEGINS_S)

    def _released(self, spoken: NDArray[np.bool_]) -> NDArray[np.float64]:
        """0 while somebody speaks, 1 when nobody has for a while, (frames,)."""
        quiet_s = np.empty(len(spoken))
        for index, is_spoken in enumerate(spoken):
            self._quiet_s = 0.0 if is_spoken else min(self._quiet_s + self._hop_s, _RELEASED_S)
            quiet_s[index] = self._quiet_s
        return smooth_ramp(quiet_s, _RELEASES_FROM_S, _RELEASED_S)


def spoken_so_far(logits: NDArray[np.float32], ended: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether somebody speaks, as far as one can tell who does not know what follows.

    Args:
        logits: of the visemes, (frames, 19).
        ended: whether the sound is too quiet for speech from there on, as far as it is known, (frames,).
    """
    return np.asarray((1.0 - _chances(logits)[:, _SILENT].sum(axis=1) >= _SPOKEN) & ~ended)


def spoken_in(
    logits: NDArray[np.float32], ended: NDArray[np.bool_], *, least_pause: int, least_speech: int
) -> NDArray[np.bool_]:
    """Whether somebody speaks, or breaks off for a moment too short to close the mouth in.

    Args: as `spoken_so_far`, and
        least_pause: frames; shorter breaks are speech, unless they touch the first or the last frame.
        least_speech: frames; what is shorter, and stands alone, is none: a knock, or noise that sets in.
    """
    spoken = (1.0 - _chances(logits)[:, _REST].sum(axis=1) >= _SPOKEN) & ~ended
    for kind, least in ((False, least_pause), (True, least_speech)):
        for before, last in pairwise(np.flatnonzero(np.diff(spoken))):
            if spoken[last] == kind and last - before < least:
                spoken[before + 1 : last + 1] = not kind
    return np.asarray(spoken)


def _chances(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    chances = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf), dtype=np.float64)
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


_DOMINANCE: Final = np.array([TARGETS[viseme].dominance for viseme in _ORDER])
_AIMS: Final = np.array(
    [(TARGETS[v].opening * SPEECH_GAP_IOD, TARGETS[v].width_iod, TARGETS[v].height_iod) for v in _ORDER]
)
