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
from lipwright.quality.mouth_box import (
    CENTRE,
    PARTS,
    WIDTH,
    Box,
    change_energy,
    grain,
    light_difference,
    mouth_box,
    skin_region,
)
from lipwright.quality.pairs import Pair, Pairing
from lipwright.quality.picture import Pixels, mouth_sharpness
from lipwright.quality.step import StepMeter
from lipwright.quality.syncnet import SyncNetMeter
from lipwright.quality.vmaf import VmafMeter, vmaf_meter

THUMBNAILS: Final = 8
THUMBNAIL_PX: Final = 112
CPBD_EVERY: Final = 10
"""Frames."""
_COLUMNS: Final = (
    "expected", "gap", "origin_gap", "eye_distance", "sharp", "origin_sharp", "grain", "origin_grain",
    "light", "form", "colour", "near", "far", "worst", "worst_far", "far_mean", "same", "cpbd", "origin_cpbd",
    *PARTS, *(f"origin_{name}" for name in PARTS),
)  # fmt: skip


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
        return self.ledger[name]


def compare(
    pairing: Pairing, sidecar: Sidecar | None, progress: Progress, syncnet: SyncNetMeter | None = None
) -> Comparison:
    """Look at every pair once. Memory grows by about 100 bytes a frame.

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
        eye = _Eye(pairing, sidecar, vmaf, syncnet)
        for pair in pairing.read():
            progress.check_cancelled()
            eye.look(pair)
            progress.advance(1)
        score = None
        if vmaf is not None:
            try:
                score = vmaf.score()
                note = f"{vmaf.frames} frames, luma, the mouth's surroundings grey in both; model vmaf_v0.6.1"
            except ProviderUnavailable as exc:
                note = str(exc)
        return Comparison(pairing, eye.ledger, eye.step.lag(), score, note, tuple(eye.thumbnails), syncnet)


class _Eye:
    """Takes pairs one by one."""

    def __init__(
        self, pairing: Pairing, sidecar: Sidecar | None, vmaf: VmafMeter | None, syncnet: SyncNetMeter | None
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
        self._boxes: tuple[Box, Box] | None = None
        self._before: YuvFrame | None = None
        self._before_number = -2
        self._outlines: list[Floats] = []

    def look(self, pair: Pair) -> None:
        seen = self._follower.follow(pair)
        row: dict[str, float] = {"expected": float(seen.expected)}
        if self._before is not None:
            row["same"] = float(np.array_equal(self._before.y, pair.shown.y))
        self._before = pair.shown
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

    def _mouths(self, pair: Pair, seen: Seen) -> dict[str, float]:
        """Compare the two mouths; nothing without both."""
        before, self._boxes = self._boxes, None
        origin = pair.origin
        if origin is None or seen.origin is None:
            return {}
        row = {"origin_gap": inner_gap(seen.origin.points)}
        if seen.shown is None:
            return row
        boxes = mouth_box(pair.shown.y, seen.shown, seen.origin), mouth_box(origin.y, seen.origin, seen.origin)
        self._boxes = boxes
        if before is not None and pair.goes_on:
            row |= change_energy(before[0], boxes[0])
            row |= {f"origin_{name}": value for name, value in change_energy(before[1], boxes[1]).items()}
        row |= {
            "light": light_difference(*boxes),
            "form": form_difference(seen.shown, seen.origin),
            "colour": colour_difference(pair.shown, origin, seen.origin),
        }
        for prefix, frame, mesh in (("", pair.shown, seen.shown), ("origin_", origin, seen.origin)):
            sharp = mouth_sharpness(frame.y, mesh)
            if sharp is not None:
                row[f"{prefix}sharp"] = sharp
            row[f"{prefix}grain"] = grain(*skin_region(frame.y, mesh))
            if pair.number % CPBD_EVERY == 0:
                row[f"{prefix}cpbd"] = _face_cpbd(frame, mesh)
        return row


def _face_cpbd(frame: YuvFrame, mesh: FaceMesh) -> float:
    from lipwright.quality.cpbd import cpbd

    low = np.maximum(mesh.points[:, :2].min(axis=0), 0).astype(int)
    high = np.ceil(mesh.points[:, :2].max(axis=0)).astype(int)
    face = np.ascontiguousarray(frame.y[low[1] : max(high[1], low[1]), low[0] : max(high[0], low[0])])
    found = cpbd(face) if min(face.shape) > 2 else None
    return float("nan") if found is None else found


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
