"""Gives people in videos their own mouths back, and measures the picture: a perfect engine would change nothing.

python -m benchmarks.sync_self --video talk.mp4 --video other.mp4

The mouth of each half of a video, as it was tracked, is drawn with mouths of the other half: never with itself. It is
asked for what it did, at the same moment, in the same light; so figures compare frame by frame with the truth. `PSNR`
is that of the mouth held still, nose to chin, encoding included. One half of a video may be sharper or livelier than
the other, as heads come nearer or light changes, and hands that on: it is the mean of both that should be 1. Prints a
line of a table for each half and for both, on stderr; at the end the worst of the latter as a JSON document.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.sync_picture import COLUMNS, MIDDLES, Column, cell, titles, worst_of
from lipwright.contracts.face import FaceMesh
from lipwright.contracts.footage import Footage
from lipwright.contracts.lipsync import FaceFrame
from lipwright.contracts.motion import MouthTrack
from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.sync import SyncRequest
from lipwright.face.pose import canonical_reference, fit_pose, to_canonical
from lipwright.face.tracks import FollowedFace
from lipwright.media.footage import index_footage, read_frames_at
from lipwright.media.join import join_segments
from lipwright.media.spool import AudioSpool
from lipwright.motion.spans import Interval
from lipwright.pipeline.clock import StageClock
from lipwright.pipeline.stages.describe_sync import describe_sync
from lipwright.pipeline.stages.hear import ENGINE_RATE_HZ, Driver
from lipwright.pipeline.stages.overlay import Overlay
from lipwright.pipeline.stages.redraw import Artist, Source, redraw
from lipwright.pipeline.stages.scan import scan
from lipwright.quality.alignment import crop, crop_matrix
from lipwright.quality.check_sync import check_sync
from lipwright.quality.mouth_box import CENTRE, SIDE_PX, WIDTH
from lipwright.render.lipsync.base import LipSyncer, LipSyncSession
from lipwright.render.lipsync.presets import Knobs
from lipwright.render.portrait.mouth_shape import TYPICAL_MOUTH_WIDTH
from lipwright.render.rewrite.measure import measure_gap, turn_of
from lipwright.render.rewrite.person import PersonMouth
from lipwright.settings import Settings
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore
from lipwright.wiring.engines import build_lipsyncer, build_listener

SHUT_IOD = 0.010
WORST = {"closed_largest"}
LEFT_OUT = {"gap_lag", "bilabials_closed"}


class OtherHalf(LipSyncer):
    """An engine that gets to know a person by some of their frames only."""

    name = "other-half"

    def __init__(self, engine: LipSyncer, known: range) -> None:
        self._engine, self._known = engine, known
        self.version, self.needs = engine.version, engine.needs  # type: ignore[misc]

    def begin(self, exemplars: Iterable[FaceFrame]) -> LipSyncSession:
        return self._engine.begin(frame for frame in exemplars if frame.number in self._known)


def main() -> None:
    """Measure both halves of each video."""
    options = argparse.ArgumentParser()
    options.add_argument("--video", type=Path, action="append", required=True)
    options.add_argument("--keep", type=Path, help="a folder for the finished videos")
    given = options.parse_args()
    columns = [column for column in COLUMNS if column.key not in LEFT_OUT]
    _say(f"{'half':<26}{titles(columns)}{'PSNR':>8}")
    found = []
    for video in given.video:
        with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
            found.append(_halves(video, given.keep or Path(name), columns))
    print(json.dumps({"samples": worst_of(found), "notes": {}}))  # noqa: T201 the result


def _halves(video: Path, folder: Path, columns: list[Column]) -> dict[str, dict[str, Any]]:
    """Measure a video; returns the figures of both halves together."""
    footage, found, noise = index_footage(video), [], []
    middle = footage.frame_count // 2
    halves = range(middle), range(middle, footage.frame_count)
    for number, (drawn, known) in enumerate((halves, halves[::-1]), 1):
        output = folder / f"{video.stem}-{number}.mp4"
        _redraw(footage, output, drawn, known)
        checked = check_sync(output, against=video, listener=build_listener(Settings()))
        metrics: dict[str, dict[str, Any]] = {
            metric.key: {"value": metric.value, "note": metric.note, "verdict": metric.verdict.value}
            for metric in checked.report.metrics
        }
        noise.append(_psnr(footage, output, drawn))
        _line(f"{video.stem} {number}", metrics, noise[-1], columns)
        found.append(metrics)
    both = {column.key: _both(column.key, [one[column.key] for one in found]) for column in columns}
    _line(f"{video.stem} both", both, float(np.mean(noise)), columns)
    return both


def _line(name: str, metrics: dict[str, dict[str, Any]], psnr: float, columns: list[Column]) -> None:
    _say(f"{name:<26}{''.join(cell(metrics[column.key], column) for column in columns)}{psnr:>8.1f}")


def _both(key: str, halves: list[dict[str, Any]]) -> dict[str, Any]:
    """The mean of a figure, of ratios the geometric one; the worst of what is a worst already."""
    values = [half["value"] for half in halves if half["value"] is not None]
    if not values:
        return halves[0]
    if key in WORST:
        value = max(values)
    elif key in MIDDLES or key == "grain_mouth":
        value = float(np.exp(np.mean(np.log(values))))
    else:
        value = float(np.mean(values))
    return {"value": value, "note": "", "verdict": "ok"}


def _redraw(footage: Footage, output: Path, drawn: range, known: range) -> None:
    """Draw the mouths of some frames as they are, from others."""
    request = SyncRequest(video=footage.path, output=output)
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name, StageStore(Path(name)) as store:
        source, progress = Source(footage, file_digest(footage.path)), SilentProgress()
        faces = scan(footage, source.digest, footage.frame_count, store, progress).faces
        track = max(faces.tracks, key=len)

        def build(engine: str, knobs: Knobs) -> LipSyncer:
            return OtherHalf(build_lipsyncer(Settings(), engine, knobs), known)

        plan = np.array(drawn, np.int32)
        seconds = len(plan) / float(footage.fps)
        with AudioSpool() as sound, AudioSpool(ENGINE_RATE_HZ) as mono:
            for spool in (sound, mono):
                spool.append(np.zeros(round(seconds * spool.sample_rate_hz), np.float32))
            driver = Driver(
                sound=sound, mono=mono, mouth=_own_mouth(track, footage.fps, drawn), loud=(Interval(0.0, seconds),),
                silences=(), heard="sound",
            )  # fmt: skip
            redrawn = redraw(
                replace(request, speaker=track.person), Artist(request, build), source, driver, plan, Overlay(None),
                store=store, progress=progress, clock=StageClock(),
            )  # fmt: skip
            join_segments(output, [window.picture for window in redrawn.windows], fps=footage.fps)
        describe_sync(output, "", 0, redrawn)


def _own_mouth(track: FollowedFace, fps: Fraction, drawn: range) -> MouthTrack:
    """What the person's mouth did, as an engine is asked for it."""
    from lipwright.motion.shapes import load_shape_basis

    seen = track.read(track.first_frame, track.end_frame)
    usable = np.flatnonzero(np.isfinite(seen.points).all(axis=(1, 2)))
    meshes = [FaceMesh(seen.points[row], float(seen.presence[row])) for row in usable]
    reference = canonical_reference(meshes)
    poses = [fit_pose(reference, mesh) for mesh in meshes]
    canonical = np.array([to_canonical(mesh, pose) for mesh, pose in zip(meshes, poses, strict=True)])
    turns = np.array([turn_of(pose) for pose in poses])
    person = PersonMouth(canonical, turns, load_shape_basis())
    ratio = float(np.clip(person.width / TYPICAL_MOUTH_WIDTH, 0.85, 1.15))
    controls = np.array([person.own_controls(mesh, turn) for mesh, turn in zip(canonical, turns, strict=True)]) / ratio
    gap = measure_gap(canonical)
    rows = _nearest(usable + track.first_frame, np.array(drawn))
    return MouthTrack(
        fps,
        controls[rows].astype(np.float32),
        (gap[rows] / ratio).astype(np.float32),
        (gap[rows] < SHUT_IOD).astype(np.float32),
    )


def _nearest(numbers: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each wanted number the place of the nearest that there is."""
    return np.asarray(np.abs(wanted[:, None] - numbers[None]).argmin(axis=1))


def _psnr(footage: Footage, output: Path, drawn: range) -> float:
    """Of the mouth, held still, in dB."""
    from lipwright.quality.follow import FaceFollower
    from lipwright.quality.pairs import Pair, footage_of

    follower, squares = FaceFollower(None), []
    shown = footage_of(output)
    pictures = zip(read_frames_at(shown, range(len(drawn))), read_frames_at(footage, drawn), strict=True)
    for number, (made, true) in enumerate(pictures):
        seen = follower.follow(Pair(number, made, true, drawn[number], number > 0))
        if seen.origin is not None:
            matrix = crop_matrix(seen.origin, SIDE_PX, CENTRE, WIDTH)
            new, old = (crop(one.y, matrix, SIDE_PX).astype(np.float32) for one in (made, true))
            squares.append(float(np.square(new - old).mean()))
    return float(10 * np.log10(255**2 / np.mean(squares)))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 a report


if __name__ == "__main__":
    main()
