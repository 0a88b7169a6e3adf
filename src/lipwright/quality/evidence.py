"""Everything that was measured on one file, before it is judged."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from lipwright.contracts.media import Clip, VideoStream
from lipwright.contracts.sidecar import Sidecar
from lipwright.contracts.story import Story
from lipwright.quality.mouth import DRAWN, Flags, Floats, frame_numbers, on_frames
from lipwright.quality.reference import Reference
from lipwright.quality.scenes import covered
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
    story: Story | None = None
    """Of a video of scenes; None for any other."""
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

    def alone(self) -> Flags:
        """Frames that show one scene's person and nothing else, (frames,); all of a video without scenes."""
        frames = len(self.sweep.times_s)
        return np.ones(frames, np.bool_) if self.story is None else ~covered(self.story, frames, self.fps)

    def face_sharpness(self) -> Floats:
        """Of each frame that shows one person alone, in medians of its scene, or of the video; NaN in others."""
        values = np.where(self.alone(), self.sweep.face_sharpness, np.nan)
        begins = [0] if self.story is None else [round((scene.start_s or 0) * self.fps) for scene in self.story.scenes]
        for first, end in pairwise([*begins, len(values)]):
            part = values[first:end]
            if np.isfinite(part).any():
                part /= max(float(np.nanmedian(part)), 1e-9)
        return values

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
