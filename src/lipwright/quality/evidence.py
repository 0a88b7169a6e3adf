"""Everything that was measured on one file, before it is judged."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright.contracts.media import Clip, VideoStream
from lipwright.contracts.sidecar import Sidecar
from lipwright.quality.mouth import DRAWN, Flags, Floats, frame_numbers, on_frames
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

    @property
    def rewritten(self) -> bool:
        """The video was made of another video: its background moves, and a frame may have no face."""
        return self.sidecar is not None and self.sidecar.rewritten is not None

    def drawn(self) -> Flags:
        """Frames whose mouth was made, (frames,); all, unless the sidecar tells otherwise."""
        if self.sidecar is None or self.sidecar.rewritten is None:
            return np.ones(len(self.sweep.times_s), np.bool_)
        numbers = frame_numbers(self.sweep.times_s, self.sidecar.fps)
        return on_frames(self.sidecar.rewritten.weight, numbers) >= DRAWN

    def drawn_gap(self) -> Floats:
        """The gap that was drawn in each frame, by the sidecar, (frames,)."""
        return self._from_sidecar("gap")

    def drawn_closed(self) -> Floats:
        """The closed flag of each frame, by the sidecar, (frames,)."""
        return self._from_sidecar("closed")

    def _from_sidecar(self, name: str) -> Floats:
        if self.sidecar is None:
            return np.full(len(self.sweep.times_s), np.nan)
        told = on_frames(getattr(self.sidecar, name), frame_numbers(self.sweep.times_s, self.sidecar.fps))
        return np.where(self.drawn(), told, np.nan)
