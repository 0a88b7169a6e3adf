"""A few numbers of one mouth, frame by frame: its form, how it moves, how sharp it is, what changes in it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.face.topology import INNER_LIP_LOWER, INNER_LIP_UPPER, OUTER_LIP_LOWER, OUTER_LIP_UPPER
from lipwright.quality.alignment import RIGID_POINTS
from lipwright.quality.cpbd import cpbd
from lipwright.quality.mouth import inner_gap
from lipwright.quality.mouth_box import (
    PARTS,
    SIDE_PX,
    WIDTH,
    Box,
    change_energy,
    contrast,
    grain,
    mouth_box,
    skin_region,
)
from lipwright.quality.mouth_flow import motion_energy
from lipwright.quality.picture import mouth_sharpness

SHARPNESS_SCALE_PX: Final = 1.0
"""x264 adds noise in single pixels, as strong as a soft source's own texture: a blur of 1 px, which takes 60 % of their
variance away, took 30 % of what was left after encoding. From this scale on, both take nearly the same."""
CPBD_EVERY: Final = 10
"""Frames."""
_LIPS: Final = (*OUTER_LIP_UPPER, *OUTER_LIP_LOWER, *INNER_LIP_UPPER, *INNER_LIP_LOWER)
_CORNERS: Final = (61, 291)

COLUMNS: Final = (
    "gap", "width", "lip_speed", "head_speed", "sharp", "grain", "cpbd",
    *(f"{what}_{part}" for what in ("change", "motion", "contrast") for part in PARTS),
)  # fmt: skip
"""Lengths in IOD, speeds in IOD a second. `change` is mouth_box.change_energy, `motion` is mouth_flow.motion_energy."""

Luma = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Look:
    box: Box
    anchor: FaceMesh


class MouthMeter:
    """Follows one mouth."""

    def __init__(self, frames_per_s: float) -> None:
        """Begin."""
        self._rate = frames_per_s
        self._before: _Look | None = None

    def look(self, number: int, luma: Luma, mesh: FaceMesh, anchor: FaceMesh, *, goes_on: bool) -> dict[str, float]:
        """Measure the next frame.

        Args:
            number: of the frame.
            luma: uint8 (height, width).
            mesh: the face in it.
            anchor: the face in the source's picture: what holds the mouth still.
            goes_on: the frame looked at before is its neighbour.
        """
        box = mouth_box(luma, mesh, anchor)
        before, self._before = self._before, _Look(box, anchor)
        corners = mesh.points[list(_CORNERS), :2]
        row = {
            "gap": inner_gap(mesh.points),
            "width": float(np.linalg.norm(corners[0] - corners[1])) / max(mesh.eye_distance_px, 1e-9),
            "grain": grain(*skin_region(luma, mesh)),
            **{f"contrast_{name}": value for name, value in contrast(box).items()},
        }
        sharp = mouth_sharpness(luma, mesh, SHARPNESS_SCALE_PX)
        if sharp is not None:
            row["sharp"] = sharp
        if number % CPBD_EVERY == 0:
            row["cpbd"] = _face_cpbd(luma, mesh)
        if before is not None and goes_on:
            row |= self._motion(before, box, anchor)
        return row

    def forget(self) -> None:
        """The next frame follows no other."""
        self._before = None

    def _motion(self, before: _Look, box: Box, anchor: FaceMesh) -> dict[str, float]:
        lips = np.linalg.norm(box.points[list(_LIPS)] - before.box.points[list(_LIPS)], axis=1).mean()
        rigid = list(RIGID_POINTS)
        head = np.linalg.norm((anchor.points[rigid, :2] - before.anchor.points[rigid, :2]).mean(axis=0))
        return {
            "lip_speed": float(lips) * WIDTH / SIDE_PX * self._rate,
            "head_speed": float(head) / max(anchor.eye_distance_px, 1e-9) * self._rate,
            **{f"change_{name}": value for name, value in change_energy(before.box, box).items()},
            **{f"motion_{name}": value for name, value in motion_energy(before.box, box).items()},
        }


def _face_cpbd(luma: Luma, mesh: FaceMesh) -> float:
    low = np.maximum(mesh.points[:, :2].min(axis=0), 0).astype(int)
    high = np.ceil(mesh.points[:, :2].max(axis=0)).astype(int)
    face = np.ascontiguousarray(luma[low[1] : max(high[1], low[1]), low[0] : max(high[0], low[0])])
    found = cpbd(face) if min(face.shape) > 2 else None
    return float("nan") if found is None else found
