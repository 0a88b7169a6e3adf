"""Everything that was measured on one file, before it is judged."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright.contracts.media import Clip, VideoStream
from lipwright.contracts.sidecar import Sidecar
from lipwright.quality.mouth import Floats, frame_numbers, on_frames
from lipwright.quality.reference import Reference
from lipwright.quality.sound import SoundTrack
from lipwright.quality.sweep import Sweep


@dataclass(frozen=True, slots=True)
class Evidence:
    """Measured values; those of the sound are None without a sound track, those of the sidecar without a sidecar."""

    clip: Clip
    video: VideoStream
    sweep: Sweep
    sound: SoundTrack | None
    sound_start_s: Fraction | None
    """When the sound track begins on the clip's timeline."""
    sidecar: Sidecar | None
    source: Path | None
    reference: Reference | None
    """None without a photo, or when the photo does not fit the video."""
    picture_start_s: float | None = None
    """When the first frame is seen, where the sweep counts from the start of the timeline; None for its first time."""

    @property
    def fps(self) -> Fraction:
        """The rate that frames really have, when it is constant; else the container's."""
        return 1 / self.sweep.step_s if self.sweep.step_s else self.video.fps

    @property
    def picture_end_s(self) -> float:
        """When the last frame has been shown."""
        return float(self.sweep.times_s[-1]) + float(1 / self.fps)

    def drawn_gap(self) -> Floats:
        """The gap that was drawn in each frame, by the sidecar, (frames,)."""
        return self._from_sidecar("gap")

    def drawn_closed(self) -> Floats:
        """The closed flag of each frame, by the sidecar, (frames,)."""
        return self._from_sidecar("closed")

    def _from_sidecar(self, name: str) -> Floats:
        if self.sidecar is None:
            return np.full(len(self.sweep.times_s), np.nan)
        return on_frames(getattr(self.sidecar, name), frame_numbers(self.sweep.times_s, self.sidecar.fps))
