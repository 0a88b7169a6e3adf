"""One photo that can be drawn with any mouth, lids and head position. Deterministic for a seed.

Preparation happens once; then each frame is: target mesh, displacement field, one resampling of the photo, and the
layers that a photo cannot hold (inside of the mouth, creases, seam). A frame depends on its own controls only, never on
the frame before.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.motion import IdleTrack, MouthTrack
from lipwright.face import topology
from lipwright.face.pose import canonical_reference, fit_pose, to_canonical
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.kernels import PAD, blend, draw_person, rasterise
from lipwright.render.portrait.appearance import measure_appearance
from lipwright.render.portrait.eyes import Eyes
from lipwright.render.portrait.head import HeadMotion
from lipwright.render.portrait.interior import MouthInterior, MouthView
from lipwright.render.portrait.mouth_shape import MouthShape, Performance, inner_gap
from lipwright.render.portrait.relief import ChinCrease, FadingShadows
from lipwright.render.portrait.rows import CHIN, INNER_LOWER, INNER_UPPER, LOWER_LIP, UPPER_LIP
from lipwright.render.portrait.shut import paint_shut
from lipwright.render.portrait.snap import snap_to_seam
from lipwright.render.portrait.warp_mesh import WarpMesh
from lipwright.render.scene import Scene

SNAP_BELOW_GAP = 0.02
"""IOD: a mouth that is open less than this counts as closed, and its inner rows are moved onto the dark seam."""


@dataclass(frozen=True)
class Rendered:
    """One frame and where its mouth is."""

    image: Pixels
    """RGB (height, width, 3); owned by the caller."""
    lips: Floats
    """(478, 2) mesh points in the frame."""
    gap: float
    """How far the inner lips are apart in the frame, IOD of the photo."""


class Portrait:
    """A photo in its scene, ready to speak."""

    def __init__(self, scene: Scene, mesh: FaceMesh, basis: Floats, *, seed: int = 0) -> None:
        """Prepare a photo.

        Args:
            scene: the photo with its matte and what is behind it.
            mesh: the face in the photo's pixels.
            basis: (8, 478, 3) shape basis of `motion.shapes`.
            seed: of the drawn teeth and grain.
        """
        photo = scene.photo
        self._scene = scene
        self.height, self.width = photo.shape[:2]
        points: Floats = mesh.points.astype(np.float64)
        gap = inner_gap(points) / mesh.eye_distance_px
        if gap < SNAP_BELOW_GAP:
            points = snap_to_seam(photo, points)
        self._points = points
        self.eye_distance_px = float(np.linalg.norm(points[263, :2] - points[33, :2]))
        fitted = FaceMesh(points.astype(np.float32), mesh.presence)
        reference = canonical_reference([fitted])
        self._pose = fit_pose(reference, fitted)
        self._canonical = to_canonical(fitted, self._pose)
        self._mouth = MouthShape(self._canonical, basis)
        self._warp = WarpMesh(points, self._canonical)
        appearance = measure_appearance(photo, points)
        self._lip_shadow = (appearance.lower_lip_columns.mean(axis=0) * (0.46, 0.34, 0.36)).astype(np.float32)
        self._interior = MouthInterior(
            photo,
            points,
            appearance,
            photo_gap=self._mouth.photo_gap,
            mouth_width=self._mouth.width,
            centre_x=self._mouth.centre_x,
            stomion_y=float(self._mouth.stomion[1]),
            pixels_per_unit=self._pose.scale,
            seed=seed,
        )
        self._eyes = Eyes(photo, points, appearance.skin, appearance.grain, seed)
        self._crease = ChinCrease(points, self.height, self.width)
        shut = paint_shut(photo, points, self._mouth.photo_gap)
        self._source = scene.premultiplied(shut)
        self._opaque = self._source[3, PAD:-PAD, PAD:-PAD] == 255
        self._shadows = FadingShadows(shut, points, appearance.skin)
        self._head = HeadMotion(
            points, topology.triangles(), self.height, self.width, scene.reach(self.eye_distance_px)
        )
        self._prepare_buffers()

    def _prepare_buffers(self) -> None:
        target, _ = self._warp.extend(self._points[:, :2], np.zeros((478, 2)))
        margin = int(0.25 * self.eye_distance_px) + 4
        left, top = np.maximum(np.floor(target.min(axis=0)).astype(int) - margin, 0)
        right, bottom = np.minimum(np.ceil(target.max(axis=0)).astype(int) + margin, (self.width, self.height))
        self._field_left, self._field_top = int(left), int(top)
        self._field = np.zeros((int(bottom - top), int(right - left), 2), np.float32)
        self._valid = np.zeros(self._field.shape[:2], np.uint8)
        x0, y0, x1, y1 = self._scene.person_box(self.eye_distance_px)
        self.person_box = (x0, y0, x1, y1)
        self._spans = self._scene.spans(self.eye_distance_px)
        self._solid = self._scene.solid()

    def perform(self, track: MouthTrack) -> Performance:
        """A mouth track as this face performs it; pass it to `frame`."""
        return self._mouth.perform(track)

    def frame(self, performance: Performance, idle: IdleTrack, index: int, *, onto: Pixels | None = None) -> Rendered:
        """Draw one frame.

        Args:
            performance: of this portrait.
            idle: head, lids, brows and breath; as long as the performance.
            index: frame number in both.
            onto: uint8 RGB (height, width, 3), contiguous: what is behind the person in this frame instead of the
                scene's plate. Drawn on, and returned as the frame's image. Not for a scene whose photo keeps its
                background.
        """
        gap = float(performance.gap[index])
        target = self._mouth.shape(performance.controls[index], gap)
        source, moved = self._mouth_motion(target)
        self._eyes.raise_brows(moved, float(idle.brow[index]))
        vertices, sampled = self._warp.extend(source, moved)
        rasterise(vertices, sampled, self._warp.triangles, self._field_left, self._field_top, self._field, self._valid)
        forward = self._head.displacement(idle.rotation[index], idle.shift[index], float(idle.breath[index]))
        self._prepare_source(target, float(idle.blink[index]))
        image = self._resample(forward, onto)
        lips = self._head.forward(forward, vertices[:478].astype(np.float64))
        self._draw_over(image, target, lips, forward)
        return Rendered(image, lips, inner_gap(lips) / self.eye_distance_px)

    def _mouth_motion(self, target: Floats) -> tuple[Floats, Floats]:
        """Sampling place and motion of the 478 points in the still photo, pixels (478, 2) each."""
        change = (target - self._canonical) * self._warp.weight[:, None]
        moved = (change @ self._pose.rotation.T * self._pose.scale)[:, :2]
        source = self._points[:, :2].copy()
        aimed = source + moved
        pairs = aimed[[82, 13, 312]] - aimed[[87, 14, 317]]
        narrow = 1 - float(smoothstep(np.linalg.norm(pairs, axis=1).mean() / self.eye_distance_px, 0.010, 0.040))
        was_open = float(smoothstep(self._mouth.photo_gap, 0.015, 0.03))
        inward = 0.08 * was_open + 0.05 * (1 - narrow) * (1 - was_open)
        if inward > 0.003:
            share = np.clip(1.25 - np.abs(np.linspace(-1, 1, 11)), 0, 1)[1:-1, None] * inward
            for rows in (UPPER_LIP, LOWER_LIP):
                for row, strength in ((3, 1.0), (2, 0.7), (1, 0.35)):
                    outer, own = self._points[rows[0][1:-1], :2], self._points[rows[row][1:-1], :2]
                    source[rows[row][1:-1]] += share * strength * (outer - own)
        return source, aimed - source

    def _prepare_source(self, target: Floats, blink: float) -> None:
        """Bring what changes inside the photo itself up to this frame: fading shadows and lids."""
        width = float(np.linalg.norm(target[61] - target[291]))
        self._replace(self._shadows.faded(self._mouth.width, width), self._shadows.left, self._shadows.top)
        for lid in self._eyes.lids:
            self._replace(lid.closed(blink), lid.left, lid.top)

    def _replace(self, window: Pixels, left: int, top: int) -> None:
        """Put a changed window into the photo, where the person is opaque."""
        height, width = window.shape[:2]
        opaque = self._opaque[top : top + height, left : left + width]
        region = self._source[:3, PAD + top : PAD + top + height, PAD + left : PAD + left + width]
        for plane in range(3):
            np.copyto(region[plane], window[..., plane], where=opaque)

    def _resample(self, forward: Floats, onto: Pixels | None) -> Pixels:
        """Head and mouth motion in one sampling of the photo, over the plate."""
        plate, image = (self._scene.plate, self._scene.plate.copy()) if onto is None else (onto, onto)
        draw_person(
            self._source, self._solid, self._head.inverse(forward), self._head.cell,
            self._field, self._field_left, self._field_top, self._spans, plate, image,
        )  # fmt: skip
        return image

    def _draw_over(
        self,
        image: Pixels,
        target: Floats,
        lips: Floats,
        forward: Floats,
    ) -> None:
        jaw_drop = float((target[CHIN] - self._mouth.neutral[CHIN]).mean(axis=0)[1])
        narrowing = 1 - float(np.linalg.norm(target[61] - target[291])) / self._mouth.width
        crease = [18, 200]
        self._crease.draw(image, (lips[crease] - self._points[crease, :2]).mean(axis=0), narrowing, jaw_drop)
        self._draw_seam(image, lips)
        layer = self._interior.layer(self._view(target, lips, forward, jaw_drop), self.height, self.width)
        if layer is not None:
            blend(image, layer.colour, layer.alpha, layer.left, layer.top)

    def _view(self, target: Floats, lips: Floats, forward: Floats, jaw_drop: float) -> MouthView:
        """The lips' plane as the frame shows it: the photo's pose, carried along by the head."""
        pose = self._pose
        plane_z = float(target[[13, 14], 2].mean()) + 0.02
        linear = pose.scale * pose.rotation[:2, :2]
        origin = pose.scale * pose.rotation[:2, 2] * plane_z + pose.translation[:2]
        centre = origin + linear @ self._mouth.stomion[:2]
        reach = 0.3 * self.eye_distance_px
        corners = centre + np.array([[0.0, 0.0], [reach, 0.0], [0.0, reach]])
        carried = self._head.forward(forward, corners)
        photo_to_frame = cv2.getAffineTransform(corners.astype(np.float32), carried.astype(np.float32))
        return MouthView(
            lips=lips,
            to_frame=photo_to_frame[:, :2] @ linear,
            origin=photo_to_frame[:, :2] @ origin + photo_to_frame[:, 2],
            depth=photo_to_frame[:, :2] @ (pose.scale * pose.rotation[:2, 2]),
            jaw_drop=jaw_drop,
            photo_to_frame=np.asarray(photo_to_frame, np.float64),
        )

    def _draw_seam(self, image: Pixels, lips: Floats) -> None:
        """Lips of a photo that was open meet in a soft dark line."""
        upper, lower = lips[INNER_UPPER], lips[INNER_LOWER]
        gap = float(np.linalg.norm(upper[4:7] - lower[4:7], axis=1).mean()) / self.eye_distance_px
        strength = (1 - float(smoothstep(gap, 0.010, 0.040))) * float(smoothstep(self._mouth.photo_gap, 0.015, 0.03))
        if strength <= 0:
            return
        line = (upper + lower) / 2
        left, top = np.maximum(np.floor(line.min(axis=0)).astype(int) - 6, 0)
        right, bottom = np.minimum(np.ceil(line.max(axis=0)).astype(int) + 7, (self.width, self.height))
        mask = np.zeros((int(bottom - top), int(right - left)), np.uint8)
        local = np.round((line - (left, top)) * 16).astype(np.int32)
        cv2.polylines(mask, [local], False, 255, max(1, round(0.009 * self.eye_distance_px)), cv2.LINE_AA, 4)
        alpha = cv2.GaussianBlur(mask, (0, 0), max(0.7, 0.006 * self.eye_distance_px)).astype(np.float32)
        alpha *= np.float32(0.55 * strength / 255)
        colour = np.ascontiguousarray(np.broadcast_to(self._lip_shadow, (*mask.shape, 3)))
        blend(image, colour, alpha, int(left), int(top))
