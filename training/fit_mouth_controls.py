"""Measures how real faces move with the eight mouth controls, and fits the packaged shape basis.

    python training/fit_mouth_controls.py CLIP... [--write]

Each clip shows one talking face. What is kept are 8 x 478 x 3 averaged directions of motion, pooled over the clips and
made symmetric: no shape, likeness or motion of a person can be read back from them. Prints

- the share of variance of lips and jaw that the basis explains in a clip that was left out of the fit, and
- how the controls follow gap, width and height (`_FOLLOWERS` in lipwright/motion/targets.py).

With --write, replaces src/lipwright/assets/motion/mouth_shapes.npz and its entry in ASSETS.toml. The packaged file was
fitted to six clips (1,833 frames, six speakers, 25 to 30 frames a second, outer eye distance 117 to 201 px); on a clip
that was left out it explains 90 % of the motion of the lips and 55 % of the contour of the jaw, 88 % of both.
"""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import MOUTH_CONTROLS
from lipwright.face import topology
from lipwright.face.pose import canonical_reference, fit_pose, to_canonical
from lipwright.face.tracker import FaceTracker
from lipwright.media.frames import read_frames

ASSETS = Path(__file__).parents[1] / "src" / "lipwright" / "assets" / "motion"
RIDGE = 0.002
CLOSED_SHARE = 0.08
"""The frames with the smallest gaps, which define the relaxed closed mouth."""
MOST_TURN_DEGREES = 10.0
"""Frames turned farther from the clip's usual pose are left out: their contour points slide."""
LIPS = sorted({point for ring in topology.LIP_RINGS for point in ring})
JAW = list(topology.JAW)
MIDDLE_PAIRS = ((82, 87), (13, 14), (312, 317), (81, 178), (311, 402))
"""Upper and lower points of the inner lip whose mean distance is the gap."""


@dataclass(frozen=True)
class Measured:
    """One clip without its head motion, relative to its relaxed closed mouth."""

    name: str
    shapes: NDArray[np.float64]
    """(frames, 478, 3)"""
    controls: NDArray[np.float64]
    """(frames, 8)"""
    gap: NDArray[np.float64]
    """(frames,)"""
    times: NDArray[np.float64]
    """Seconds, (frames,)"""


def main() -> None:
    """Measure, evaluate, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true", help="replace the packaged basis")
    options = parser.parse_args()
    clips = [measure(path) for path in options.clips]
    print_held_out(clips)
    print_followers(clips)
    if options.write:
        write(fit(clips))


def measure(path: Path) -> Measured:
    """Track the face of one clip and take its pose out."""
    tracker = FaceTracker()
    found = [
        (mesh, float(frame.time_s)) for frame in read_frames(path) if (mesh := tracker.track(frame.image)) is not None
    ]
    meshes = [mesh for mesh, _ in found]
    reference = canonical_reference(meshes[::3])
    poses = [fit_pose(reference, mesh) for mesh in meshes]
    turns = np.array([(pose.yaw_degrees, pose.pitch_degrees, pose.roll_degrees) for pose in poses])
    usual = np.abs(turns - np.median(turns, axis=0)).max(axis=1) < MOST_TURN_DEGREES
    shapes = np.array([to_canonical(mesh, pose) for mesh, pose, keep in zip(meshes, poses, usual, strict=True) if keep])
    gap = gap_of(shapes)
    closed = shapes[gap <= np.quantile(gap, CLOSED_SHARE)].mean(axis=0)
    print(f"{path.name}: {len(meshes)} faces, {len(shapes)} of them near the usual pose")
    return Measured(
        name=path.name,
        shapes=shapes - closed,
        controls=controls_of(shapes) - controls_of(closed),
        gap=gap_of(shapes) - gap_of(closed),
        times=np.array([time_s for _, time_s in found])[usual],
    )


def controls_of(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measure the eight controls of canonical shapes, (..., 478, 3) to (..., 8)."""
    y = shapes[..., 1]
    upper, lower = (y[..., 82] + 2 * y[..., 13] + y[..., 312]) / 4, (y[..., 87] + 2 * y[..., 14] + y[..., 317]) / 4
    outer_upper, outer_lower = (
        (y[..., 37] + 2 * y[..., 0] + y[..., 267]) / 4,
        (y[..., 84] + 2 * y[..., 17] + y[..., 314]) / 4,
    )
    width = np.linalg.norm(shapes[..., 61, :] - shapes[..., 291, :], axis=-1)
    measured = {
        "jaw": y[..., list(topology.CHIN)].mean(axis=-1),
        "upper_lip": upper,
        "lower_lip": lower,
        "width": width,
        "corners": y[..., list(topology.MOUTH_CORNERS)].mean(axis=-1),
        "upper_thickness": upper - outer_upper,
        "lower_thickness": outer_lower - lower,
        "protrusion": shapes[..., [13, 14, 0, 17], 2].mean(axis=-1),
    }
    return np.stack([measured[name] for name in MOUTH_CONTROLS], axis=-1)


def gap_of(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the inner lips are apart, (..., 478, 3) to (...)."""
    upper, lower = zip(*MIDDLE_PAIRS, strict=True)
    return np.asarray((shapes[..., list(lower), 1] - shapes[..., list(upper), 1]).mean(axis=-1))


def fit(clips: list[Measured]) -> NDArray[np.float64]:
    """Ridge regression of shapes on controls, (8, 478, 3), symmetric and 0 where speech moves nothing."""
    controls = np.concatenate([clip.controls - clip.controls.mean(axis=0) for clip in clips])
    shapes = np.concatenate([clip.shapes - clip.shapes.mean(axis=0) for clip in clips])
    spread = controls.std(axis=0)
    scored = controls / spread
    normal = scored.T @ scored + RIDGE * len(scored) * np.eye(len(MOUTH_CONTROLS))
    basis = np.linalg.solve(normal, scored.T @ shapes.reshape(len(shapes), -1)) / spread[:, None]
    basis = basis.reshape(-1, topology.POINT_COUNT, 3)
    mirrored = basis[:, mirror()] * np.array([-1, 1, 1])
    return np.asarray((basis + mirrored) / 2 * mobility()[:, None])


def mirror() -> NDArray[np.intp]:
    """For each point, the one on the other side of the face, (478,)."""
    skin = topology.canonical_vertices()
    flipped = skin * np.array([-1, 1, 1])
    pairs = np.argmin(((flipped[:, None] - skin[None]) ** 2).sum(axis=-1), axis=1)
    irises = np.arange(topology.SKIN_POINT_COUNT, topology.POINT_COUNT)  # immobile, so any order does
    return np.concatenate([pairs, irises])


def mobility() -> NDArray[np.float64]:
    """1 from the base of the nose downwards, 0 from the middle of its bridge upwards and in the irises, (478,)."""
    y = topology.canonical_vertices()[:, 1]
    low, high = y[5], y[2]
    ramp = np.clip((y - low) / (high - low), 0.0, 1.0)
    return np.concatenate([ramp * ramp * (3 - 2 * ramp), np.zeros(topology.POINT_COUNT - topology.SKIN_POINT_COUNT)])


def explained(basis: NDArray[np.float64], clip: Measured, points: list[int]) -> float:
    """The share of the variance of some points in the picture plane that follows from the controls."""
    controls = clip.controls - clip.controls.mean(axis=0)
    shapes = (clip.shapes - clip.shapes.mean(axis=0))[:, points, :2]
    rest = shapes - np.einsum("tk,kpd->tpd", controls, basis[:, points, :2])
    return float(1 - (rest**2).sum() / (shapes**2).sum())


def print_held_out(clips: list[Measured]) -> None:
    """How well the other clips' basis fits each clip."""
    rows = []
    for left_out in clips:
        basis = fit([clip for clip in clips if clip is not left_out])
        rows.append([explained(basis, left_out, points) for points in (LIPS, JAW, LIPS + JAW)])
        print(f"{left_out.name:30} lips {rows[-1][0]:.3f}  jaw {rows[-1][1]:.3f}  both {rows[-1][2]:.3f}")
    mean = np.mean(rows, axis=0)
    print(f"{'mean of the clips':30} lips {mean[0]:.3f}  jaw {mean[1]:.3f}  both {mean[2]:.3f}")


def print_followers(clips: list[Measured]) -> None:
    """Regression of the controls on gap, width and height of the opening."""
    causes, effects = [], []
    for clip in clips:
        height = clip.controls[:, [MOUTH_CONTROLS.index("upper_lip"), MOUTH_CONTROLS.index("lower_lip")]].mean(axis=1)
        cause = np.stack([clip.gap, clip.controls[:, MOUTH_CONTROLS.index("width")], height], axis=1)
        causes.append(cause - cause.mean(axis=0))
        effects.append(clip.controls - clip.controls.mean(axis=0))
    cause, effect = np.concatenate(causes), np.concatenate(effects)
    slopes = np.linalg.lstsq(cause, effect, rcond=None)[0]
    share = 1 - ((effect - cause @ slopes) ** 2).sum(axis=0) / (effect**2).sum(axis=0)
    for index, name in enumerate(MOUTH_CONTROLS):
        gap, width, height = slopes[:, index]
        print(f"{name:16} = {gap:6.3f} gap {width:+.3f} width {height:+.3f} height, explaining {share[index]:.2f}")
    of_height = np.linalg.lstsq(cause[:, :2], cause[:, 2], rcond=None)[0]
    print(f"{'height':16} = {of_height[0]:6.3f} gap {of_height[1]:+.3f} width")


def write(basis: NDArray[np.float64]) -> None:
    """Store the basis and record its digest."""
    path = ASSETS / "mouth_shapes.npz"
    np.savez_compressed(path, basis=basis.astype(np.float32))
    listing = ASSETS / "ASSETS.toml"
    lines = listing.read_text(encoding="utf-8").splitlines()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    lines = [f'sha256 = "{digest}"' if line.startswith("sha256") else line for line in lines]
    listing.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main()
