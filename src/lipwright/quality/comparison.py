"""One pass over a finished video and its source. Of each pair a few numbers stay; of some, small pictures."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import numpy as np

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.footage import YuvFrame
from lipwright.contracts.progress import Progress
from lipwright.contracts.sidecar import PixelBox, Sidecar
from lipwright.errors import ProviderUnavailable
from lipwright.quality.alignment import crop, crop_matrix
from lipwright.quality.follow import FaceFollower, Seen
from lipwright.quality.ledger import Ledger
from lipwright.quality.likeness import colour_difference, form_difference
from lipwright.quality.mask import mask_outline, outside_change
from lipwright.quality.mouth import Flags, Floats, inner_gap
from lipwright.quality.mouth_box import CENTRE, WIDTH, light_difference, mouth_box
from lipwright.quality.mouth_meter import COLUMNS, MouthMeter
from lipwright.quality.pairs import Pair, Pairing
from lipwright.quality.picture import Pixels
from lipwright.quality.source_mouth import SourceMouth
from lipwright.quality.step import StepMeter
from lipwright.quality.syncnet import SyncNetMeter
from lipwright.quality.vmaf import VmafMeter, vmaf_meter
from lipwright.quality.x264_settings import x264_settings

THUMBNAILS: Final = 8
THUMBNAIL_PX: Final = 112
_COLUMNS: Final = (
    "expected", "eye_distance", "light", "form", "colour", "near", "far", "worst", "worst_far", "far_mean", "same",
    "source_same", *COLUMNS,
)  # fmt: skip
_OF_SOURCE: Final = "origin_"


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A moment: the mouth of the source beside that of the finished video, RGB, THUMBNAIL_PX a side."""

    number: int
    origin: Pixels | None
    shown: Pixels


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one pass found. Columns are (frames,), NaN where nothing was measured."""

    pairing: Pairing
    ledger: Ledger
    source: Ledger
    """Of the source's mouth, row by row beside `ledger`."""
    encoded_alike: str | None
    """x264's settings, by which the source was encoded before its mouth was measured; None where it was not."""
    lag_frames: int | None
    """How much the picture comes behind its source."""
    vmaf: float | None
    vmaf_note: str
    thumbnails: tuple[Thumbnail, ...]
    syncnet: SyncNetMeter | None

    @property
    def has_face(self) -> Flags:
        return np.isfinite(self.ledger["gap"])

    @property
    def expected(self) -> Flags:
        """Frames whose source has the face."""
        return self.ledger["expected"] > 0

    @property
    def paired(self) -> Flags:
        return self.pairing.numbers[: len(self.ledger)] >= 0

    def column(self, name: str) -> Floats:
        """Of the finished video; those named `origin_...` are the same of its source."""
        of_source = name.startswith(_OF_SOURCE)
        return self.source[name.removeprefix(_OF_SOURCE)] if of_source else self.ledger[name]


def compare(
    pairing: Pairing, sidecar: Sidecar | None, progress: Progress, syncnet: SyncNetMeter | None = None
) -> Comparison:
    """Look at every pair once. Memory grows by about 200 bytes a frame.

    Raises: MediaNotFound, MediaUnreadable: a file is gone or breaks off. Cancelled.
    """
    shown = pairing.shown
    with ExitStack() as stack:
        vmaf, note = None, "the source has another size"
        if pairing.same_size:
            try:
                meter = vmaf_meter(shown.width_px, shown.height_px, shown.fps, shown.frame_count)
                vmaf = stack.enter_context(meter)
            except ProviderUnavailable as exc:
                note = str(exc)
        settings = x264_settings(shown.path)
        eye = _Eye(pairing, sidecar, settings, vmaf, syncnet)
        for pair in pairing.read():
            progress.check_cancelled()
            eye.look(pair)
            progress.advance(1)
        eye.source.finish()
        score = None
        if vmaf is not None:
            try:
                score = vmaf.score()
                note = f"{vmaf.frames} frames, luma, the mouth's surroundings grey in both; model vmaf_v0.6.1"
            except ProviderUnavailable as exc:
                note = str(exc)
        return Comparison(
            pairing=pairing, ledger=eye.ledger, source=eye.source.ledger, encoded_alike=settings,
            lag_frames=eye.step.lag(), vmaf=score, vmaf_note=note, thumbnails=tuple(eye.thumbnails), syncnet=syncnet,
        )  # fmt: skip


class _Eye:
    """Takes pairs one by one."""

    def __init__(
        self,
        pairing: Pairing,
        sidecar: Sidecar | None,
        settings: str | None,
        vmaf: VmafMeter | None,
        syncnet: SyncNetMeter | None,
    ) -> None:
        rewritten = sidecar.rewritten if sidecar is not None else None
        self._follower = FaceFollower(rewritten.faces if rewritten is not None else None)
        self._overlays: tuple[PixelBox, ...] = sidecar.overlays if sidecar is not None else ()
        self._vmaf, self._syncnet = vmaf, syncnet
        self.ledger = Ledger(_COLUMNS)
        self.step = StepMeter()
        self.thumbnails: list[Thumbnail] = []
        count = pairing.shown.frame_count
        self._wanted = set(np.linspace(0, count - 1, THUMBNAILS + 2).round().astype(int)[1:-1].tolist())
        fps = pairing.shown.fps
        self._meter, self.source = MouthMeter(float(fps)), SourceMouth(fps, settings)
        self._before: Pair | None = None
        self._before_number = -2
        self._outlines: list[Floats] = []

    def look(self, pair: Pair) -> None:
        seen = self._follower.follow(pair)
        row: dict[str, float] = {"expected": float(seen.expected)}
        row |= self._repeats(pair)
        self._before = pair
        if seen.shown is not None:
            row["gap"] = inner_gap(seen.shown.points)
            row["eye_distance"] = seen.shown.eye_distance_px
        if pair.origin is not None:
            self._outlines = [mask_outline(mesh) for mesh in (seen.shown, seen.origin) if mesh is not None]
            self._keep_step(pair, pair.origin)
            row |= self._outside(pair, pair.origin, seen)
            if self._vmaf is not None:
                self._score(pair, pair.origin, self._vmaf)
        row |= self._mouths(pair, seen)
        self.ledger.add(**row)
        untouched = pair.origin is not None and np.array_equal(pair.shown.y, pair.origin.y)
        self.source.look(pair.number, pair.origin, seen.origin, goes_on=pair.goes_on, untouched=untouched)
        if self._syncnet is not None:
            self._syncnet.look(pair.number, pair.shown, seen.shown)
        if pair.number in self._wanted and seen.shown is not None:
            self.thumbnails.append(_thumbnail(pair, seen, seen.shown))

    def _keep_step(self, pair: Pair, origin: YuvFrame) -> None:
        if pair.origin_number != self._before_number + 1:
            self.step.forget()
        self._before_number = pair.origin_number
        self.step.look(pair.shown.y, origin.y, self._outlines)

    def _outside(self, pair: Pair, origin: YuvFrame, seen: Seen) -> dict[str, float]:
        size = seen.origin.eye_distance_px if seen.origin is not None else float("nan")
        change = outside_change(pair.shown.y, origin.y, self._outlines, size, self._overlays)
        if change is None:
            return {}
        return {name: getattr(change, name) for name in ("near", "far", "worst", "worst_far", "far_mean")}

    def _score(self, pair: Pair, origin: YuvFrame, vmaf: VmafMeter) -> None:
        try:
            vmaf.look(pair.number, pair.shown.y, origin.y, self._outlines)
        except ProviderUnavailable:
            self._vmaf = None  # its last words come with the score

    def _repeats(self, pair: Pair) -> dict[str, float]:
        before = self._before
        if before is None:
            return {}
        row = {"same": float(np.array_equal(before.shown.y, pair.shown.y))}
        if before.origin is not None and pair.origin is not None:
            row["source_same"] = float(np.array_equal(before.origin.y, pair.origin.y))
        return row

    def _mouths(self, pair: Pair, seen: Seen) -> dict[str, float]:
        """Measure the finished video's mouth, and compare it with the source's; nothing without both."""
        origin = pair.origin
        if origin is None or seen.origin is None or seen.shown is None:
            self._meter.forget()
            return {}
        boxes = mouth_box(pair.shown.y, seen.shown, seen.origin), mouth_box(origin.y, seen.origin, seen.origin)
        return {
            **self._meter.look(pair.number, pair.shown.y, seen.shown, seen.origin, goes_on=pair.goes_on),
            "light": light_difference(*boxes),
            "form": form_difference(seen.shown, seen.origin),
            "colour": colour_difference(pair.shown, origin, seen.origin),
        }


def _thumbnail(pair: Pair, seen: Seen, mesh: FaceMesh) -> Thumbnail:
    anchor = seen.origin if seen.origin is not None else mesh
    origin = _mouth_picture(pair.origin, anchor) if pair.origin is not None else None
    return Thumbnail(pair.number, origin, _mouth_picture(pair.shown, anchor))


def _mouth_picture(frame: YuvFrame, anchor: FaceMesh) -> Pixels:
    """Nose to chin, held still; RGB."""
    from lipwright.media.yuv import region_around, region_rgb

    matrix = crop_matrix(anchor, THUMBNAIL_PX, CENTRE, WIDTH)
    height, width = frame.y.shape
    low, high = anchor.points[:, :2].min(axis=0), anchor.points[:, :2].max(axis=0)
    margin = 0.3 * anchor.eye_distance_px
    region = region_around(low[0] - margin, low[1] - margin, high[0] + margin, high[1] + margin, (width, height))
    matrix[:, 2] += matrix[:, :2] @ (region.left, region.top)
    return crop(region_rgb(frame, region), matrix, THUMBNAIL_PX)
