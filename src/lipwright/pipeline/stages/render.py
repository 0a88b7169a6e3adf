"""A prepared portrait and a sound track become the finished video, frame by frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.media import Cue, Plate
from lipwright.contracts.motion import MouthTrack
from lipwright.contracts.portrait import SYNTHETIC, PortraitRequest, SubtitleKind
from lipwright.contracts.progress import Progress
from lipwright.contracts.sidecar import PixelBox
from lipwright.media.burn import SubtitlePlates
from lipwright.media.label import label_plate
from lipwright.media.plate import blend
from lipwright.media.writer import Tags, VideoFormat, VideoWriter
from lipwright.pipeline.stages.move import Motion
from lipwright.pipeline.stages.prepare import Prepared
from lipwright.pipeline.stages.soundtrack import Soundtrack


@dataclass(frozen=True)
class Rendered:
    """What the frames show, for whoever measures them."""

    gap: NDArray[np.float32]
    """(frames,) inner-lip gap that was drawn, IOD of the photo."""
    closed: NDArray[np.float32]
    """(frames,) 0 to 1: where the lips had to touch."""
    overlays: tuple[PixelBox, ...]
    """Where a label or subtitles were drawn."""


def render(
    request: PortraitRequest,
    prepared: Prepared,
    soundtrack: Soundtrack,
    motion: Motion,
    cues: Sequence[Cue],
    progress: Progress,
) -> Rendered:
    """Draw, label, subtitle and encode every frame; the video appears under its name when it is complete."""
    width, height = prepared.framing.width_px, prepared.framing.height_px
    performance = prepared.portrait.perform(motion.mouth)
    gap = np.zeros(len(motion.mouth), np.float32)
    progress.stage("render", len(gap))
    burned = SubtitlePlates(cues, width, height) if SubtitleKind.BURN in request.subtitles else None
    label = label_plate(width, height, request.label) if request.label else None
    overlays: dict[PixelBox, None] = {}
    with _writer(request, soundtrack, width, height) as writer:
        if SubtitleKind.EMBED in request.subtitles:
            writer.set_cues(cues)
        for index in range(len(gap)):
            progress.check_cancelled()
            drawn = prepared.portrait.frame(performance, motion.idle, index)
            gap[index] = drawn.gap
            for plate in (label, burned.plate_at(float(index / request.fps)) if burned else None):
                if plate is not None:
                    blend(drawn.image, plate)
                    overlays[_box(plate)] = None
            writer.write(drawn.image)
            progress.advance(1)
        progress.stage("finish", None)
    return Rendered(gap, _closed(motion.mouth), tuple(overlays))


def _box(plate: Plate) -> PixelBox:
    height, width = plate.rgba.shape[:2]
    return PixelBox(left=plate.x_px, top=plate.y_px, right=plate.x_px + width, bottom=plate.y_px + height)


def _writer(request: PortraitRequest, soundtrack: Soundtrack, width: int, height: int) -> VideoWriter:
    embedded = SubtitleKind.EMBED in request.subtitles
    return VideoWriter(
        request.output,
        VideoFormat(width, height, request.fps),
        audio=soundtrack.sound.chunks(),
        tags=Tags(
            metadata={"title": request.output.stem, "comment": SYNTHETIC},
            subtitle_language=soundtrack.language if embedded else None,
        ),
    )


def _closed(track: MouthTrack) -> NDArray[np.float32]:
    return np.where(track.gap <= 0, np.maximum(track.closed, 0), 0).astype(np.float32)
