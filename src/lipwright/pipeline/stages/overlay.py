"""What is laid over the picture of a video: a label in a corner, and subtitles."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lipwright.contracts.media import Cue, Plate
from lipwright.contracts.sidecar import PixelBox
from lipwright.media.burn import SubtitlePlates


@dataclass(frozen=True)
class Overlay:
    """Times are seconds of the result."""

    label: Plate | None = None
    """In every frame."""
    cues: Sequence[Cue] = ()
    subtitles: SubtitlePlates | None = None
    """Drawings of the cues."""

    def plates_at(self, time_s: float) -> Iterator[Plate]:
        """What lies over the frame of a time."""
        if self.label is not None:
            yield self.label
        subtitle = self.subtitles.plate_at(time_s) if self.subtitles is not None else None
        if subtitle is not None:
            yield subtitle

    def digest(self, start_s: Fraction, end_s: Fraction) -> str:
        """Of all that is seen between two times, and when; empty for nothing."""
        seen = hashlib.sha256()
        if self.label is not None:
            _add(seen, self.label)
        shown = [cue for cue in self.cues if cue.start_s < end_s and cue.end_s > start_s]
        for cue in shown:
            plate = self.subtitles.plate_at(cue.start_s) if self.subtitles is not None else None
            if plate is not None:
                seen.update(f"{cue.start_s} {cue.end_s}".encode("ascii"))
                _add(seen, plate)
        return seen.hexdigest() if shown or self.label is not None else ""

    def boxes(self) -> tuple[PixelBox, ...]:
        """Where anything ever lies: the label's box, then one about all subtitles."""
        drawn = [self.subtitles.plate_at(cue.start_s) for cue in self.cues] if self.subtitles is not None else []
        subtitles = [_box(plate) for plate in drawn if plate is not None]
        label = (_box(self.label),) if self.label is not None else ()
        return (*label, _union(subtitles)) if subtitles else label


def _add(digest: "hashlib._Hash", plate: Plate) -> None:
    digest.update(f"{plate.rgba.shape} {plate.x_px} {plate.y_px}".encode("ascii"))
    digest.update(plate.rgba.tobytes())


def _box(plate: Plate) -> PixelBox:
    height, width = plate.rgba.shape[:2]
    return PixelBox(left=plate.x_px, top=plate.y_px, right=plate.x_px + width, bottom=plate.y_px + height)


def _union(boxes: Sequence[PixelBox]) -> PixelBox:
    return PixelBox(
        left=min(box.left for box in boxes),
        top=min(box.top for box in boxes),
        right=max(box.right for box in boxes),
        bottom=max(box.bottom for box in boxes),
    )
