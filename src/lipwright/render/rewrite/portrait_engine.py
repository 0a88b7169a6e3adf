"""The engine `portrait`: for a clip whose mouth never moves. Each frame is a photo that opens its own lips."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

import numpy as np

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.lipsync import DrawnFace, FaceFrame, LipSyncNeeds, LipSyncWindow
from lipwright.face.pose import fit_pose, to_canonical
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.kernels import blend
from lipwright.render.lipsync.base import LipSyncer, LipSyncSession
from lipwright.render.portrait.mouth_shape import JAW, MouthShape
from lipwright.render.portrait.shut import NEEDED_ABOVE_GAP, paint_shut
from lipwright.render.rewrite.bank import Bank, build_bank, skin_colour
from lipwright.render.rewrite.base_warp import BaseWarp
from lipwright.render.rewrite.interior import still_interior
from lipwright.render.rewrite.measure import measure_gap, to_pixels, turn_of
from lipwright.render.rewrite.opening import Interior, Opening
from lipwright.render.rewrite.patch import draw_seam, patch_region
from lipwright.render.rewrite.session import APPEARS_BELOW_WEIGHT


class PortraitLipSync(LipSyncer):
    """Photo mode on every frame: any rate, any size, streaming, one core. Code and data: Apache-2.0."""

    name: ClassVar[str] = "portrait"
    version: ClassVar[int] = 2
    needs: ClassVar[LipSyncNeeds] = LipSyncNeeds(exemplars=True)

    def __init__(self, basis: Floats, *, seed: int = 0) -> None:
        """Take the shape basis of `motion.shapes`, (8, 478, 3), and the seed of teeth and grain."""
        self._basis, self._seed = basis, seed

    def begin(self, exemplars: Iterable[FaceFrame]) -> LipSyncSession:
        """Measure the person; a few dozen frames are enough.

        Raises: ValueError: there is none.
        """
        bank = build_bank(exemplars, self._basis)
        interior = still_interior(bank.exemplars, bank.neutral, bank.appearance, seed=self._seed)
        return _PortraitSession(bank, interior, MouthShape(bank.neutral, self._basis))


class _PortraitSession(LipSyncSession):
    def __init__(self, bank: Bank, interior: Interior, shape: MouthShape) -> None:
        self._bank, self._interior, self._shape = bank, interior, shape
        self._base = BaseWarp(bank.neutral)

    def render(self, window: LipSyncWindow) -> Iterator[DrawnFace]:
        performance = self._shape.perform(window.mouth)
        for frame, controls, gap in zip(window.frames, performance.controls, performance.gap, strict=True):
            yield self._draw(frame, controls, float(gap))

    def _draw(self, frame: FaceFrame, controls: Floats, gap: float) -> DrawnFace:
        mesh = FaceMesh(frame.points, 1.0)
        pose = fit_pose(self._bank.reference.astype(np.float64), mesh)
        canonical, turn = self._bank.mouth.unfold(to_canonical(mesh, pose)), turn_of(pose)
        own_gap = float(measure_gap(canonical))
        if frame.weight <= 0:
            return DrawnFace(frame.image.copy(), own_gap)
        mouth = self._bank.mouth
        formed = self._shape.shape(controls, gap) - self._shape.neutral
        full = mouth.place(canonical, turn, formed, gap)
        weight = min(frame.weight, 1.0)
        target = full if weight == 1 else canonical + weight * (full - canonical)
        shown = float(smoothstep(weight, 0.0, APPEARS_BELOW_WEIGHT))
        points = to_pixels(canonical, pose)
        aim = self._base.place(points, pose, canonical, target)
        source = frame.image
        if own_gap > NEEDED_ABOVE_GAP:
            source = _mixed(source, paint_shut(source, points, own_gap), shown)
        drawn = self._base.draw(source, points, aim)
        if own_gap > NEEDED_ABOVE_GAP:
            _darken_seam(drawn, aim, pose.scale, shown * (1 - float(smoothstep(gap, 0.010, 0.040))))
        opening = Opening(
            points=aim,
            canonical=target,
            pose=pose,
            gap=float(measure_gap(target)) if weight < 1 else gap,
            jaw_drop=float(mouth.own_controls(target, turn)[JAW]),
            skin=skin_colour(frame.image, frame.points),
            exemplars=self._bank.nearest(frame.number),
            shares=np.ones(1, np.float32),
        )
        layer = self._interior.layer(opening, drawn)
        if layer is not None:
            blend(drawn, layer.colour, layer.alpha * np.float32(shown), layer.left, layer.top)
        return DrawnFace(drawn, opening.gap)


def _mixed(one: Pixels, other: Pixels, share: float) -> Pixels:
    if share >= 1:
        return other
    mixed = one + np.float32(share) * (other.astype(np.float32) - one)
    return np.asarray(mixed + np.float32(0.5), np.uint8)


def _darken_seam(image: Pixels, target: Floats, unit_px: float, strength: float) -> None:
    """Draw the line in which painted lips meet. Changes `image`."""
    region = patch_region(target, image.shape)
    if region is None or strength <= 0:
        return
    left, top, right, bottom = region
    colour = image[top:bottom, left:right].astype(np.float32)
    draw_seam(colour, target, left, top, unit_px, strength)
    image[top:bottom, left:right] = np.asarray(colour + np.float32(0.5), np.uint8)
